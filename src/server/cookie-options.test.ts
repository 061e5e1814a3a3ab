import { describe, expect, it } from 'vitest'
import { LiveError } from '../errors.ts'
import { createLiveView } from '../live/view.ts'
import { html } from '../template/html.ts'
import { type CookieOptions, type CookieSettings, resolveCookie } from './cookie-options.ts'
import { createLiveServer } from './live-server.ts'

const day = 24 * 60 * 60 * 1000

function resolve(options: CookieOptions, paths: readonly string[] = ['/live', '/'], basePath = ''): CookieSettings {
  return resolveCookie(
    options,
    { name: 'shop', basePath, paths },
    (message) => new LiveError('ERR_SERVER_OPTIONS', message),
  )
}

describe('the cookie', () => {
  it('is called after its application, and goes to the whole host', () => {
    expect(resolve({})).toEqual({
      name: '_shop',
      path: '/',
      domain: undefined,
      sameSite: 'lax',
      secure: 'auto',
      maxAge: 14 * day,
    })
  })

  it('takes what is undefined as not given', () => {
    const none = { name: undefined, path: undefined, domain: undefined, sameSite: undefined, secure: undefined }
    expect(resolve({ ...none, maxAge: undefined })).toEqual(resolve({}))
  })

  const taken: readonly (readonly [CookieOptions, Partial<CookieSettings>])[] = [
    [{ name: `a!#$%&'*+-.^_\`|~9` }, { secure: 'auto' }],
    [{ name: 'n'.repeat(128) }, {}],
    [{ name: '__Host-shop' }, { secure: true, path: '/', domain: undefined }],
    [{ name: '__host-shop' }, { secure: true }],
    [{ name: '__Host-shop', secure: true, path: '/' }, { secure: true }],
    [
      { name: '__Secure-shop', domain: 'example.com' },
      { secure: true, domain: 'example.com' },
    ],
    [{ name: '__Http-shop' }, { secure: true }],
    [{ domain: 'a-1.Example.com' }, { secure: 'auto' }],
    [{ sameSite: 'strict' }, { secure: 'auto' }],
    [{ sameSite: 'none' }, { secure: true }],
    [{ sameSite: 'none', secure: true }, { secure: true }],
    [{ secure: false }, { secure: false }],
    [{ secure: 'auto' }, { secure: 'auto' }],
    [{ maxAge: 1000 }, { maxAge: 1000 }],
    [{ maxAge: 400 * day }, { maxAge: 400 * day }],
  ]
  it.each(taken)('takes %j', (options, expected) => {
    expect(resolve(options)).toMatchObject({ ...options, ...expected })
  })

  const refused: readonly (readonly [unknown, string])[] = [
    [null, 'cookie must be an object, got null'],
    ['shop', `cookie must be an object, got 'shop'`],
    [{ names: 'a' }, 'unknown option cookie.names; known are name, path, domain, sameSite, secure, maxAge'],
    [{ httpOnly: false }, 'unknown option cookie.httpOnly'],
    [{ name: '' }, `cookie.name must be letters, digits and`],
    [{ name: 'a b' }, `got 'a b'`],
    [{ name: 'a=b' }, `got 'a=b'`],
    [{ name: 'a;b' }, `got 'a;b'`],
    [{ name: 'ä' }, `got 'ä'`],
    [{ name: 'a\r\nb' }, 'cookie.name must be'],
    [{ name: 'n'.repeat(129) }, 'at most 128'],
    [{ name: 7 }, 'got 7'],
    [{ name: '__phoenix_flash__' }, `none of the client's`],
    [{ name: '__Host-a', path: '/a' }, `cookie.name '__Host-a' needs the path '/' and no domain`],
    [{ name: '__Host-a', domain: 'example.com' }, `cookie.name '__Host-a' needs the path '/' and no domain`],
    [{ name: '__Host-a', secure: false }, `cookie.name '__Host-a' needs cookie.secure true, got false`],
    [{ name: '__Host-a', secure: 'auto' }, `cookie.name '__Host-a' needs cookie.secure true, got 'auto'`],
    [{ name: '__Secure-a', secure: false }, `cookie.name '__Secure-a' needs cookie.secure true`],
    [{ path: '' }, `cookie.path must be like '/shop', got ''`],
    [{ path: 'shop' }, `cookie.path must be like '/shop'`],
    [{ path: '/a;b' }, `cookie.path must be like '/shop'`],
    [{ path: '/a b' }, `cookie.path must be like '/shop'`],
    [{ path: '/ä' }, `cookie.path must be like '/shop'`],
    [{ path: `/${'a'.repeat(1024)}` }, `cookie.path must be like '/shop'`],
    [{ domain: '' }, `cookie.domain must be like 'example.com', got ''`],
    [{ domain: '.example.com' }, `cookie.domain must be like 'example.com'`],
    [{ domain: 'example.com:80' }, `cookie.domain must be like 'example.com'`],
    [{ domain: 'https://example.com' }, `cookie.domain must be like 'example.com'`],
    [{ domain: 'com' }, `cookie.domain must be like 'example.com'`],
    [{ sameSite: 'Lax' }, `cookie.sameSite must be 'lax', 'strict' or 'none', got 'Lax'`],
    [{ sameSite: true }, `got true`],
    [{ sameSite: 'none', secure: false }, `cookie.sameSite 'none' needs cookie.secure true, got false`],
    [{ sameSite: 'none', secure: 'auto' }, `cookie.sameSite 'none' needs cookie.secure true, got 'auto'`],
    [{ secure: 'yes' }, `cookie.secure must be true, false or 'auto', got 'yes'`],
    [{ maxAge: 0 }, 'cookie.maxAge must be a whole number of milliseconds from 1000 to 34560000000 (400 days), got 0'],
    [{ maxAge: 999 }, 'got 999'],
    [{ maxAge: 1000.5 }, 'got 1000.5'],
    [{ maxAge: 400 * day + 1 }, '400 days'],
    [{ maxAge: Infinity }, 'got Infinity'],
    [{ maxAge: '1h' }, `got '1h'`],
  ]
  it.each(refused)('refuses %j', (options, message) => {
    expect(() => resolve(options as CookieOptions)).toThrow(message)
    expect(() => resolve(options as CookieOptions)).toThrow(expect.objectContaining({ code: 'ERR_SERVER_OPTIONS' }))
  })

  it.each([
    { path: '/a', paths: ['/a/live', '/a', '/a/:id', '/a/**'], missed: undefined },
    { path: '/a/', paths: ['/a/live', '/a/b'], missed: undefined },
    { path: '/a', paths: ['/live'], missed: '/live' },
    { path: '/a', paths: ['/a/live', '/'], missed: '/' },
    { path: '/a', paths: ['/a/live', '/ab'], missed: '/ab' },
    { path: '/a', paths: ['/a/live', '/:any'], missed: '/:any' },
    { path: '/a/', paths: ['/a/live', '/a'], missed: '/a' },
  ])('of $path reaches $paths, but for $missed', ({ path, paths, missed }) => {
    if (missed === undefined) expect(resolve({ path }, paths).path).toBe(path)
    else expect(() => resolve({ path }, paths)).toThrow(`cookie.path must cover ${missed}`)
  })
})

describe('a server', () => {
  const view = createLiveView({ render: () => html`` })

  it('gives the cookie its name', () => {
    expect(createLiveServer({ routes: {} }).settings.cookie.name).toBe('_liveloom')
    expect(createLiveServer({ name: 'shop-2.0_x', routes: {} }).settings.cookie.name).toBe('_shop-2.0_x')
    expect(createLiveServer({ name: 'shop', cookie: { name: 'own' }, routes: {} }).settings.cookie.name).toBe('own')
  })

  it.each(['', 'a b', 'a;b', 'ä', 'n'.repeat(65), 7, null])('is not called %j', (name) => {
    expect(() => createLiveServer({ name: name as string, routes: {} })).toThrow(/name must be 1 to 64 letters, .* got/)
  })

  it('has the cookie reach its socket, its routes, and those of its live sessions', () => {
    const cookie = { path: '/a' }
    expect(() => createLiveServer({ cookie, routes: {} })).toThrow('cookie.path must cover /live')
    expect(() => createLiveServer({ cookie, path: '/a/live', routes: { '/': view } })).toThrow('must cover /,')
    const liveSessions = { admin: { routes: { '/admin': view } } }
    expect(() => createLiveServer({ cookie, path: '/a/live', routes: {}, liveSessions })).toThrow('must cover /admin')
    expect(createLiveServer({ cookie, path: '/a/live', routes: { '/a': view } }).settings.cookie.path).toBe('/a')
  })
})
