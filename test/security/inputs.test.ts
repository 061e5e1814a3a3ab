/** Values, forms, addresses and requests that are made to hurt. */
import { createLiveView, html, type LiveView } from 'liveloom'
import { describe, expect, it } from 'vitest'
import type { Json, Reply } from '../support/raw-client.ts'
import { type Target, withTarget } from './target.ts'

const form = (
  view: { request(event: string, payload: unknown): Promise<unknown> },
  value: string,
  meta: unknown = {},
) => view.request('event', { type: 'form', event: 'validate', value, meta })
const parse = (json: string) => JSON.parse(json) as Json

/** Runs an attack, and sees to it that no object of the process was changed by it. */
function withoutPollution(attack: (target: Target) => Promise<void>, routes: Record<string, LiveView> = {}) {
  const before = Object.getOwnPropertyNames(Object.prototype)
  return withTarget({ routes }, async (target) => {
    await attack(target)
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
    expect(({} as Json)['polluted']).toBeUndefined()
    expect(([] as unknown as Json)['polluted']).toBeUndefined()
  })
}

describe('names of prototypes are names like any other', () => {
  const attack = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,"type":"x"}'

  it('in the value of an event', () =>
    withoutPollution(async ({ visit, handled }) => {
      const { view } = await visit()
      expect((await view.event('click', parse(attack))).status).toBe('ok')
      expect(handled).toEqual([{ type: 'click', values: parse(attack) }])
    }))

  it('in the fields of a form', () =>
    withoutPollution(async ({ visit, handled }) => {
      const { view } = await visit()
      const fields = ['__proto__=1', '__proto__[polluted]=1', 'constructor[prototype][polluted]=1', 'a[__proto__][b]=1']
      for (const field of fields) expect(await form(view, field)).toMatchObject({ status: 'ok' })
      expect(await form(view, fields.join('&'))).toMatchObject({ status: 'ok' })
      const values = handled.map((event) => event.values as Json)
      expect(Object.keys(values[0]!)).toContain('__proto__')
      expect(Object.hasOwn(values[1]!['__proto__'] as object, 'polluted')).toBe(true)
    }))

  it('in the meta of a form, and in its target', () =>
    withoutPollution(async ({ visit }) => {
      const { view } = await visit()
      for (const meta of [
        parse(attack),
        { _target: '__proto__[polluted]' },
        { _target: ['__proto__'] },
        { _target: 7 },
      ])
        expect(await form(view, 'a=1', meta)).toMatchObject({ status: 'ok' })
    }))

  it('in the parameters of an address', () =>
    withoutPollution(async ({ visit }) => {
      const query = '?__proto__[polluted]=1&constructor[prototype][polluted]=1&__proto__=2'
      const { page, view } = await visit(`/${query}`)
      expect((await view.request('live_patch', { url: page.url })).status).toBe('ok')
    }))

  it('as the name of an event', () =>
    withoutPollution(async ({ visit, handled }) => {
      const { view } = await visit()
      const names = ['__proto__', 'constructor', 'toString', '', '\u0000', 'x'.repeat(1_000_000)]
      for (const name of names) expect((await view.event(name)).status).toBe('ok')
      expect(handled.map(({ type }) => type)).toEqual(names)
    }))
})

describe('an event whose value is', () => {
  it.for([
    ['nested as deep as may be', `${'[{"a":'.repeat(127)}1${'}]'.repeat(127)}`],
    ['null', 'null'],
    ['a number past all others', '1e999'],
    ['half a character', '"\\ud800"'],
    ['a list', '[1,2,3]'],
    ['1 MB of text', `"${'x'.repeat(1_000_000)}"`],
    ['10,000 keys', JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`k${at}`, at])))],
  ] as const)('%s is handled', ([, json]) =>
    withTarget({}, async ({ visit, handled }) => {
      const { client, view } = await visit()
      const ref = client.nextRef()
      const payload = `{"type":"click","event":"look","value":${json}}`
      client.sendText(`["${view.joinRef}","${ref}","${view.topic}","event",${payload}]`)
      expect((await client.reply(ref)).status).toBe('ok')
      expect(handled).toHaveLength(1)
    }),
  )

  it("of the framework's own names does not reach the view", () =>
    withTarget({}, async ({ visit, handled }) => {
      const { view } = await visit()
      for (const name of ['lv:', 'lv:unlock', 'lv:clear-flash', 'lv:x']) await view.event(name)
      expect(handled).toEqual([])
    }))
})

describe('a form that cannot be read never reaches the view, which goes on', () => {
  const many = (count: number) => Array.from({ length: count }, (_, at) => `f${at}=1`).join('&')
  it.for([
    ['of 10,001 fields', many(10_001), 'too_many_fields'],
    ['of 200,000 fields', 'a&'.repeat(200_000), 'too_many_fields'],
    ['of 33 brackets', `a${'[b]'.repeat(33)}=1`, 'too_deep'],
    ['of 100,000 brackets', `a${'[b]'.repeat(100_000)}=1`, 'too_deep'],
    ['of 100,000 lists', `a${'[]'.repeat(100_000)}=1`, 'too_deep'],
    ['with half an escape', 'a=%', 'bad_encoding'],
    ['with an escape of no number', 'a=%zz', 'bad_encoding'],
    ['with an escape that is no UTF-8', 'a=%ff', 'bad_encoding'],
    ['with an escape in a name', '%c3=1', 'bad_encoding'],
  ] as const)('%s', ([, value, reason]) =>
    withTarget({}, async ({ visit, handled, reports }) => {
      const { view } = await visit()
      // An error reply would leave the form locked.
      const { status, response } = (await form(view, value)) as Reply
      expect(status).toBe('ok')
      // Where a limit is the reason, the page is told.
      if (reason !== 'bad_encoding') expect(response).toMatchObject({ diff: { e: [['liveloom:limit', {}]] } })
      expect(reports).toMatchObject([{ error: { code: 'ERR_FORM', message: expect.stringContaining(reason) } }])
      expect(handled).toEqual([])
      expect(await form(view, 'a=1')).toMatchObject({ status: 'ok' })
    }),
  )

  it.for([
    ['empty', ''],
    ['of separators', '&&&==&=&&[]&[a]&][=1'],
    ['of brackets that do not match', 'a[=1&a]=1&a[b=1&a]b[=1&a[b]c=1&a[[b]]=1'],
    ['of names that change their kind', 'a=1&a[]=2&a[b]=3&a[b][]=4&a[b][c]=5&a=6'],
    ['of 10,000 fields', many(10_000)],
    ['of 1 MB', `a=${'x'.repeat(1_000_000)}`],
  ] as const)('but one %s is read', ([, value]) =>
    withTarget({}, async ({ visit, handled }) => {
      const { view } = await visit()
      expect(await form(view, value)).toMatchObject({ status: 'ok' })
      expect(handled).toHaveLength(1)
    }),
  )
})

describe('requests over HTTP', () => {
  const item = createLiveView({ render: (_, { url }) => html`<p>${url.pathname}</p>` })
  const login = createLiveView({
    mount: (socket, _, params) => socket.redirect(`/login?next=${String(params['next'])}`),
    render: () => html`<p></p>`,
  })
  const routes = { '/item/:id': item, '/private': login }

  it.for([
    ['/item/%', 400],
    ['/item/%ff', 400],
    ['/item/..%2f..%2fetc%2fpasswd', 200],
    ['/item/%00', 200],
    ['/item/__proto__', 200],
    ['/constructor', 404],
    ['/__proto__', 404],
    ['//evil.example', 404],
    ['/?a=%', 400],
    [`/?${'a[b]'.repeat(1000)}=1`, 200],
    [`/?a${'[b]'.repeat(100)}=1`, 400],
    [`/item/${'x'.repeat(10_000)}`, 200],
    ['/live/client-x.js', 404],
    ['/live/', 404],
    ['/live/websocket', 404],
    ['/live/..%2f..%2fpackage.json', 404],
  ] as const)('%s is answered', ([path, status]) =>
    withoutPollution(async ({ url }) => {
      expect((await fetch(url + path)).status).toBe(status)
    }, routes),
  )

  it.for([
    ['of other letters', '日本'],
    ['of half a character', '\ud800'],
    ['with an emoji', '🎉'],
    ['with a space', 'a b'],
  ] as const)('a redirect to an address %s that the visitor gave is a header that can be sent', ([, next]) =>
    withTarget({ routes }, async ({ url, reports }) => {
      const address = new URL('/private', url)
      address.searchParams.set('next', next)
      const response = await fetch(address, { redirect: 'manual' })
      expect(response.status).toBe(302)
      expect(response.headers.get('location')).toMatch(/^\/login\?next=[\x21-\x7e]+$/)
      expect(reports).toEqual([])
    }),
  )

  it('a redirect cannot be split into headers', () =>
    withTarget({ routes }, async ({ url, reports }) => {
      const response = await fetch(`${url}/private?next=%0d%0aset-cookie:%20a=b`, { redirect: 'manual' })
      expect(response.status).toBe(500)
      expect(response.headers.get('set-cookie')).toBeNull()
      expect(reports).toMatchObject([{ error: { code: 'ERR_NAVIGATION' } }])
    }))

  it.for(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s to a view is not for it', (method) =>
    withTarget({}, async ({ url }) => {
      expect((await fetch(url, { method })).status).toBe(404)
    }),
  )

  it.for([
    ['of the session', '_liveloom=%ff; _liveloom=..; __proto__=x'],
    ['of a reload', '__phoenix_reload_status__=forged'],
    ['of junk', ';;;===%%%'],
  ] as const)('cookies %s that are forged are answered', ([, cookie]) =>
    withTarget({}, async ({ url }) => {
      expect([200, 500]).toContain((await fetch(url, { headers: { cookie } })).status)
      // The next request is served, whatever the last one said.
      expect((await fetch(url)).status).toBe(200)
    }),
  )
})
