import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLocalPath } from '../protocol/addresses.ts'
import { html } from '../template/html.ts'
import { renderHtml } from '../template/to-html.ts'
import { type ExternalTarget, toNavigation, toRedirect } from './navigation.ts'
import { live_navigate, live_patch } from './tags.ts'

/** Each would have a browser leave the site, run a script, or end a header. */
const hostile: readonly (readonly [name: string, to: unknown])[] = [
  ['another host', '//evil.test'],
  ['another host behind a backslash', '/\\evil.test'],
  ['a backslash first', '\\/evil.test'],
  ['another host behind a tab', '/\t/evil.test'],
  ['another host behind a tab that is encoded', '/%09/evil.test'],
  ['another host behind a line break', '/\n/evil.test'],
  ['a header of its own', '/home\r\nset-cookie: a=b'],
  ['a script', 'javascript:alert(1)'],
  ['a script behind a space', ' javascript:alert(1)'],
  ['data', 'data:text/html,<script>alert(1)</script>'],
  ['a C1 control character', '/\u0085'],
  ['half a character', '/\ud800'],
  ['a relative path', 'home'],
  ['a query alone', '?page=2'],
  ['nothing', ''],
  ['undefined', undefined],
  ['an array', ['/home']],
  ['an object that prints as a path', { toString: () => '/home' }],
]
/** They are no paths, but `redirect` may lead there by another name. */
const elsewhere = ['http://other.test', 'https://other.test/a?b=c#d']

describe.each([
  ['pushPatch', (to: string) => toNavigation('patch', to)],
  ['pushNavigate', (to: string) => toNavigation('navigate', to)],
  ['redirect', (to: string) => toRedirect(to)],
  ['live_patch', (to: string) => live_patch('x', { to })],
  ['live_navigate', (to: string) => live_navigate('x', { to })],
])('%s', (call, go) => {
  it.each(hostile)('refuses %s', (_, to) => {
    expect(() => go(to as string)).toThrow(expect.objectContaining({ code: 'ERR_NAVIGATION' }))
    expect(() => go(to as string)).toThrow(call)
  })

  it.each(['/', '/home', '/home?page=2&q=a%20b#part', '/~ü', '/a//b', '/?to=//evil.test', '/a:b'])('takes %s', (to) => {
    expect(() => go(to)).not.toThrow()
  })

  it.each(elsewhere)('refuses %s', (to) => {
    expect(() => go(to)).toThrow(expect.objectContaining({ code: 'ERR_NAVIGATION' }))
  })
})

describe('redirect', () => {
  it.each([...elsewhere, 'HTTPS://other.test', 'mailto:ada@example.org?subject=a b', 'tel:+4930123', '/login'])(
    'leads to the external %s',
    (external) => {
      expect(toRedirect({ external })).toEqual({ kind: 'redirect', to: external, status: 302, isExternal: true })
    },
  )

  it.each([
    ...hostile.map(([, to]) => to),
    'ftp://other.test',
    'https://',
    'http:\\\\other.test',
    'https://other.test/\r\n',
    'HTTPS//x',
    'https:other.test',
    'JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:alert(1)',
    'blob:https://other.test/1',
    'mailto:',
    'tel: ',
  ])('refuses the external %j', (external) => {
    const go = (): unknown => toRedirect({ external } as ExternalTarget)
    expect(go).toThrow(expect.objectContaining({ code: 'ERR_NAVIGATION' }))
    expect(go).toThrow('redirect: external must be an http(s), mailto or tel URL, or a path of this host, got ')
  })

  it.each([
    { target: 'https://other.test', says: 'another site is written redirect({ external: url })' },
    { target: { external: '/\\evil.test' }, says: 'or a path of this host, got ' },
    { target: { to: '/home' }, says: "expected a path like '/home', got a plain object" },
    { target: { external: 'https://other.test', status: 301 }, says: 'got a plain object' },
    { target: new URL('https://other.test'), says: 'got a URL' },
    { target: null, says: 'got null' },
    { target: '/\u001b[2J', says: "got '/\\u{1b}[2J'" },
  ])('of $target says what to write', ({ target, says }) => {
    expect(() => toRedirect(target as string)).toThrow(says)
  })

  it.each([200, 404, 304, 0, '302', null])('refuses the status %j', (status) => {
    expect(() => toRedirect('/', { status: status as 302 })).toThrow('redirect: status must be one of 301, 302')
  })

  it('is a 302 unless it is told otherwise', () => {
    expect(toRedirect('/')).toEqual({ kind: 'redirect', to: '/', status: 302 })
    expect(toRedirect('/', { status: 303 })).toEqual({ kind: 'redirect', to: '/', status: 303 })
  })
})

describe('a link', () => {
  const print = (link: ReturnType<typeof live_patch>): string => renderHtml(link).replaceAll(/\s+/g, ' ')

  it('carries what the client needs, and is a plain link without it', () => {
    expect(print(live_patch('Next', { to: '/p?page=2' }))).toBe(
      '<a href="/p?page=2" data-phx-link="patch" data-phx-link-state="push" >Next</a >',
    )
    expect(print(live_navigate('Home', { to: '/', replace: true }))).toContain(
      'href="/" data-phx-link="redirect" data-phx-link-state="replace"',
    )
  })

  it('takes more attributes and a template', () => {
    const link = print(live_patch(html`<b>2</b>`, { to: '/p', class: 'page', 'aria-current': 'page' }))
    expect(link).toContain('class="page" aria-current="page"')
    expect(link).toContain('><b>2</b></a')
  })

  it('escapes its content and its address', () => {
    const link = print(live_patch('<b>', { to: '/p?q="><script>' }))
    expect(link).toContain('href="/p?q=&quot;&gt;&lt;script&gt;"')
    expect(link).toContain('>&lt;b&gt;</a')
  })
})

describe('a path that is taken', () => {
  it('stays on the origin, whatever is in it', () => {
    const part = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      ':',
      '@',
      '?',
      '#',
      '\t',
      '\n',
      '%09',
      '%2f',
      'evil.test',
      'http:',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 8 }), (parts) => {
        const to = `/${parts.join('')}`
        if (isLocalPath(to)) expect(new URL(to, 'https://own.test').origin).toBe('https://own.test')
      }),
      { numRuns: 2000 },
    )
  })
})
