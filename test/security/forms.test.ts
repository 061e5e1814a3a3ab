/** Forms over HTTP from a visitor with a page of the server: names and nesting that are meant for the program, and answers led astray. */
import { createLiveServer, createLiveView, html, type LiveServer } from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { afterEach, describe, expect, it } from 'vitest'
import type { StandardSchema } from '../../src/forms/schema.ts'
import { fetchPage, type Page } from '../support/raw-client.ts'

const home = createLiveView({ render: () => html`<p>home</p>` })

let server: NodeServer | undefined
afterEach(() => server?.close())

async function start(declare: (live: LiveServer) => void): Promise<Page> {
  const live = createLiveServer({
    secret: 'a secret of the tests, long enough',
    routes: { '/': home },
    onError: () => {},
  })
  declare(live)
  server = await serve(live, { port: 0, signals: false, development: false })
  return fetchPage(server.url)
}

function send(page: Page, path: string, body: string, more: Readonly<Record<string, string>> = {}): Promise<Response> {
  const headers = {
    cookie: page.cookie,
    'x-csrf-token': page.csrfToken,
    'content-type': 'application/x-www-form-urlencoded',
    ...more,
  }
  return fetch(server!.url + path, { method: 'POST', redirect: 'manual', headers, body })
}

const json = { 'content-type': 'application/json' }

describe('names of a form', () => {
  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'that every object has are not there when they were not sent: %s',
    async (name) => {
      const seen: unknown[] = []
      const page = await start((live) =>
        live.post('/form', (form) => {
          seen.push(form[name], (form['group'] as Readonly<Record<string, unknown>>)[name])
          return { status: 204 }
        }),
      )
      expect((await send(page, '/form', 'group[a]=1')).status).toBe(204)
      expect(seen).toEqual([undefined, undefined])
    },
  )

  it.each(['__proto__[admin]=1', '__proto__=1', 'user[__proto__][admin]=1', 'constructor[prototype][admin]=1'])(
    'change no prototype, and no schema sees them as such: %s',
    async (pair) => {
      const seen: unknown[] = []
      // Copies as many do: by assigning each name.
      const schema: StandardSchema<unknown, object> = {
        '~standard': { version: 1, vendor: 'tests', validate: (value) => ({ value: copied(value) as object }) },
      }
      const page = await start((live) =>
        live.post('/form', { schema }, (form) => {
          seen.push((form as { admin?: unknown }).admin, (form as { user: { admin?: unknown } }).user.admin)
          return { status: 204 }
        }),
      )
      expect((await send(page, '/form', `user[name]=Ada&${pair}`)).status).toBe(204)
      expect(seen).toEqual([undefined, undefined])
      expect(({} as { admin?: unknown }).admin).toBeUndefined()
    },
  )
})

function copied(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const [name, inner] of Object.entries(value)) copy[name] = copied(inner)
  return copy
}

describe('JSON', () => {
  it.each([
    ['nested deeper than that of a frame', '['.repeat(300) + ']'.repeat(300)],
    ['nested as deep as it has room', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)],
    ['of more values than a frame has', `[${'{},'.repeat(100_001)}{}]`],
  ])('%s is not parsed', async (_what, body) => {
    const page = await start((live) => live.post('/form', { json: true }, () => ({ status: 204 })))
    expect((await send(page, '/form', body, json)).status).toBe(413)
    expect((await send(page, '/form', '{"a":[{"b":1}]}', json)).status).toBe(204)
  })
})

describe('an answer', () => {
  it.each([
    ['a line break for the headers', '/a\r\nSet-Cookie: a=b', 500],
    ['another host', '//evil.test', 500],
    ['another host by a backslash', '/\\evil.test', 500],
    ['another host behind a tab', '/\t/evil.test', 500],
    ['a script', 'javascript:alert(1)', 500],
    ['a path above all', '/..//evil.test', 303],
  ])('is not led astray by %s', async (_what, next, status) => {
    const page = await start((live) => live.post('/form', (form) => ({ redirect: String(form['next']) })))
    const response = await send(page, '/form', `next=${encodeURIComponent(next)}`)
    expect(response.status).toBe(status)
    expect(response.headers.getSetCookie()).toEqual([])
    const location = response.headers.get('location')
    if (location !== null) expect(new URL(location, server!.url).origin).toBe(new URL(server!.url).origin)
  })

  it('whose headers hold what the visitor made up is the page for 500, and the connection goes on', async () => {
    const page = await start((live) =>
      live.post('/form', (form) => ({ body: '', headers: { 'x-name': String(form['name']) } })),
    )
    expect((await send(page, '/form', 'name=a%0d%0aSet-Cookie: a=b')).status).toBe(500)
    expect((await send(page, '/form', 'name=a')).status).toBe(200)
  })

  it('to a form that was sent twice is none to another address, also of the same route', async () => {
    const handled: unknown[] = []
    const page = await start((live) =>
      live.post('/accounts/:id', (_form, { params }) => {
        handled.push(params['id'])
        return { redirect: `/accounts/${String(params['id'])}`, session: { account: params['id'] } }
      }),
    )
    const first = await send(page, '/accounts/1', '')
    const cookie = first.headers.getSetCookie()[0]!.split(';', 1)[0]!
    expect((await send(page, '/accounts/1', '', { cookie })).headers.get('location')).toBe('/accounts/1')
    expect((await send(page, '/accounts/2', '', { cookie })).status).toBe(403)
    expect(handled).toEqual(['1'])
  })
})
