import { once } from 'node:events'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { resolveDownload } from './download.ts'

const named = { name: 'a.txt' }

describe('a source', () => {
  it.each([
    ['/srv/a.pdf', { kind: 'path', path: '/srv/a.pdf', root: undefined }],
    ['/srv/a..b/…c/.d', { kind: 'path', path: '/srv/a..b/…c/.d', root: undefined }],
    ['C:\\reports\\a.pdf', { kind: 'path', path: 'C:\\reports\\a.pdf', root: undefined }],
    ['\\\\server\\share\\a.pdf', { kind: 'path', path: '\\\\server\\share\\a.pdf', root: undefined }],
    [{ path: '/srv/a.pdf' }, { kind: 'path', path: '/srv/a.pdf', root: undefined }],
    [{ path: '/srv/a.pdf' }, { kind: 'path', path: '/srv/a.pdf', root: undefined }],
    [
      { path: '../a.pdf', root: '/srv' },
      { kind: 'path', path: '../a.pdf', root: '/srv' },
    ],
    [new URL('https://files.test/a b'), { kind: 'url', url: 'https://files.test/a%20b' }],
    [{ url: 'http://files.test/a' }, { kind: 'url', url: 'http://files.test/a' }],
    [{ url: new URL('https://files.test/a') }, { kind: 'url', url: 'https://files.test/a' }],
  ])('%j', (source, content) => {
    expect(resolveDownload(source).content).toEqual(content)
  })

  it.each([
    ['a relative path', 'reports/a.pdf'],
    ['an empty path', ''],
    ['a path that climbs', '/srv/reports/../../etc/passwd'],
    ['a path that climbs, for Windows', 'C:\\reports\\..\\a'],
    ['a path with a zero', '/srv/a\0.pdf'],
    ['a root that was forgotten', { path: '/etc/passwd', root: undefined }],
    ['text that is a URL', 'https://files.test/a'],
    ['text that is a URL of a file', 'file:///etc/passwd'],
    ['text that is a script', 'javascript:alert(1)'],
    ['a URL of a file', new URL('file:///etc/passwd')],
    ['a URL that runs', new URL('javascript:alert(1)')],
    ['a URL that holds it all', new URL('data:text/plain,a')],
    ['a path as a URL', { url: '/a' }],
    ['a URL of no host', { url: '//files.test/a' }],
    ['a relative root', { path: 'a', root: 'srv' }],
    ['no root', { path: 'a', root: null }],
    ['a path of another kind', { path: 1, root: '/srv' }],
    ['both', { path: '/srv/a', url: 'https://files.test/a' }],
    ['a form of the browser', { path: '/srv/a', admin: true }],
    ['null', null],
    ['undefined', undefined],
    ['a number', 1],
    ['an array', ['/srv/a']],
  ])('is not %s', (_, source) => {
    expect(() => resolveDownload(source, named)).toThrow(
      expect.objectContaining({ code: 'ERR_DOWNLOAD', message: expect.stringMatching(/^download: /) }),
    )
  })
})

describe('what bytes are called, and how many they are', () => {
  const blob = new Blob(['four'], { type: 'text/csv' })
  it.each([
    ['bytes', new Uint8Array(3), { name: 'a.txt', size: 3, type: undefined }],
    ['a blob', blob, { name: 'a.txt', size: 4, type: 'text/csv' }],
    ['a stream', new ReadableStream(), { name: 'a.txt', size: undefined, type: undefined }],
    ['a function', () => new Uint8Array(3), { name: 'a.txt', size: undefined, type: undefined }],
  ])('%s', (_, source, expected) => {
    expect(resolveDownload(source, named)).toMatchObject({ ...expected, inline: false, expiresIn: 60_000 })
    expect(() => resolveDownload(source)).toThrow('name must say')
  })

  it('a file has its own name, and one that is given goes over it', () => {
    const file = new File(['four'], 'own.csv')
    expect(resolveDownload(file)).toMatchObject({ name: 'own.csv', size: 4 })
    expect(resolveDownload(file, named)).toMatchObject({ name: 'a.txt' })
  })

  it('a path needs none', () => {
    expect(resolveDownload('/srv/a.pdf')).toMatchObject({ name: undefined })
  })
})

describe('an option', () => {
  it.each([
    [{ name: 1 }, 'name must be text'],
    [{ type: 'png' }, 'type must be like'],
    [{ type: 'text/html\r\nset-cookie: a=b' }, 'type must be like'],
    [{ inline: 'yes' }, 'inline must be true or false'],
    [{ size: -1 }, 'size must be'],
    [{ size: 1.5 }, 'size must be'],
    [{ expiresIn: 0 }, 'expiresIn must be'],
    [{ expiresIn: Infinity }, 'expiresIn must be'],
    [{ expiresIn: 2 ** 31 }, 'expiresIn must be'],
    [{ onEnd: 'done' }, 'onEnd must be'],
    [{ filename: 'a' }, "unknown option 'filename'"],
  ])('%j is refused', (options, message) => {
    expect(() => resolveDownload(() => new Uint8Array(), { ...named, ...(options as object) })).toThrow(message)
  })

  it.each([['/srv/a'], [new URL('https://files.test')], [new Uint8Array(1)], [new Blob([])]])(
    'size is none of what has one, or has none: %s',
    (source) => {
      expect(() => resolveDownload(source, { ...named, size: 1 })).toThrow('size is for streams alone')
    },
  )

  it('has to be in an object', () => {
    expect(() => resolveDownload('/srv/a', 'a.txt' as never)).toThrow('the options must be an object')
  })
})

describe('what nobody comes for is closed', () => {
  const discard = (source: unknown): void => {
    const { content } = resolveDownload(source, named)
    if (content.kind === 'bytes') content.discard()
  }

  it('a stream of Node', () => {
    const stream = Readable.from(['a'])
    discard(stream)
    expect(stream.destroyed).toBe(true)
  })

  it('a stream of Node that fails meanwhile does not end the process', async () => {
    const stream = new Readable({ read: () => {} })
    resolveDownload(stream, named)
    const closed = once(stream, 'close').catch((error: unknown) => error)
    stream.destroy(new Error('no disk'))
    await closed
    expect(stream.listenerCount('error')).toBe(1)
  })

  it('a stream of the Web', () => {
    let cancelled = false
    discard(new ReadableStream({ cancel: () => void (cancelled = true) }))
    expect(cancelled).toBe(true)
  })

  it('a stream of the Web that somebody reads is left to them', () => {
    const stream = new ReadableStream()
    stream.getReader()
    expect(() => discard(stream)).not.toThrow()
  })

  it('a generator', async () => {
    const rows = (async function* () {
      yield 'a'
    })()
    discard(rows)
    expect(await rows.next()).toEqual({ done: true, value: undefined })
  })

  it('a function is never called', () => {
    discard(() => {
      throw new Error('opened')
    })
  })
})
