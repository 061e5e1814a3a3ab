/** Forms that are submitted over HTTP: `post` of the server. */
import {
  createLiveServer,
  createLiveView,
  html,
  type LiveServer,
  type LiveServerOptions,
  localPath,
  type PostAnswer,
  type PostRequest,
} from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fetchPage, type Page } from '../support/raw-client.ts'

const home = createLiveView<{ session: string }>({
  mount: (socket, session) => socket.assign({ session: JSON.stringify(session) }),
  render: ({ session }, { flash, csrfToken }) =>
    html`<p>${session}</p>
      <i>${flash['info']}</i><input type="hidden" name="_csrf_token" value="${csrfToken}" />`,
})

let server: NodeServer | undefined
let calls: { readonly form: unknown; readonly request: PostRequest }[] = []
const errors: unknown[] = []

afterEach(async () => {
  await server?.close()
  calls = []
  errors.length = 0
})

type Answers = (form: unknown, request: PostRequest) => PostAnswer

async function start(
  answer: Answers = () => ({ redirect: '/' }),
  options: Partial<LiveServerOptions> = {},
  more: (live: LiveServer) => void = () => {},
): Promise<Page> {
  const live = createLiveServer({
    secret: 'a secret of the tests, long enough',
    routes: { '/': home },
    onError: (error) => void errors.push(error),
    ...options,
  })
  live.post('/form/:id', (form, request) => {
    calls.push({ form, request })
    return answer(form, request)
  })
  more(live)
  server = await serve(live, { port: 0, signals: false, development: false })
  return fetchPage(server.url)
}

interface Sent {
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly cookie?: string
}

function send(page: Page, body: BodyInit, { path = '/form/7', headers = {}, cookie = page.cookie }: Sent = {}) {
  const type = typeof body === 'string' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}
  return fetch(server!.url + path, {
    method: 'POST',
    redirect: 'manual',
    body,
    headers: { cookie, ...type, ...headers },
  })
}

const token = ({ csrfToken }: Page): string => `_csrf_token=${encodeURIComponent(csrfToken)}`

/** The cookies that a browser would have behind a response. */
function cookiesOf(page: Page, response: Response): string {
  const all = new Map([page.cookie.split(/=(.*)/s, 2) as [string, string]])
  for (const set of response.headers.getSetCookie()) {
    const [name, value] = set.split(';', 1)[0]!.split(/=(.*)/s, 2) as [string, string]
    all.set(name, value)
  }
  return [...all].map(([name, value]) => `${name}=${value}`).join('; ')
}

describe('a form', () => {
  it('is read as the fields of an event are, without its token', async () => {
    const page = await start()
    const response = await send(page, `${token(page)}&user[name]=Ada+L&tags[]=a&tags[]=%C3%A4&ok=on`, {
      path: '/form/a%20b?x=1',
    })
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/')
    expect(calls[0]!.form).toEqual({ user: { name: 'Ada L' }, tags: ['a', 'ä'], ok: 'on' })
    expect(calls[0]!.request.params).toEqual({ id: 'a b', x: '1' })
    expect(calls[0]!.request.url.pathname).toBe('/form/a%20b')
    expect(calls[0]!.request.session).toEqual({})
  })

  it('of several parts is read in the same way, and an empty input of files is an empty text', async () => {
    const page = await start()
    const body = new FormData()
    body.append('_csrf_token', page.csrfToken)
    body.append('user[name]', 'Ada')
    body.append('tags[]', 'a')
    body.append('tags[]', 'b')
    body.append('photo', new Blob([]), '')
    expect((await send(page, body)).status).toBe(303)
    expect(calls[0]!.form).toEqual({ user: { name: 'Ada' }, tags: ['a', 'b'], photo: '' })
  })

  it.each([
    ['one with a file', 415, (page: Page) => [withFile(page), {}]],
    ['JSON', 415, () => ['{}', { 'content-type': 'application/json' }]],
    ['text', 415, () => ['a', { 'content-type': 'text/plain' }]],
    ['another charset', 415, () => ['a=1', { 'content-type': 'application/x-www-form-urlencoded; charset=latin1' }]],
    ['a compressed one', 415, () => ['a=1', { 'content-encoding': 'gzip' }]],
    ['one that is no UTF-8', 400, () => [new Uint8Array([0x61, 0x3d, 0xff]), urlencoded]],
    ['parts without a boundary', 400, () => ['a', { 'content-type': 'multipart/form-data' }]],
    ['a broken escape', 400, (page: Page) => [`${token(page)}&a=%zz`, {}]],
    ['one that is too large', 413, () => [`a=${'x'.repeat(2000)}`, {}]],
    ['one with too many fields', 413, (page: Page) => [`${token(page)}${'&a=1'.repeat(20)}`, {}]],
  ] as [string, number, (page: Page) => [BodyInit, Record<string, string>]][])(
    '%s is answered %i, and nobody is called',
    async (_, status, made) => {
      const page = await start(undefined, { limits: { maxPostSize: 1500, maxFormFields: 10 } })
      const [body, headers] = made(page)
      const response = await send(page, body, { headers })
      expect(response.status).toBe(status)
      expect(await response.text()).toContain(`${status}`)
      expect(calls).toEqual([])
    },
  )

  it('that is too large is refused also when it does not say how large it is, and the developer is told', async () => {
    const page = await start(undefined, { limits: { maxPostSize: 1500 } })
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('x'.repeat(500))),
    })
    const response = await fetch(`${server!.url}/form/1`, {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { cookie: page.cookie, ...urlencoded },
    } as RequestInit)
    expect(response.status).toBe(413)
    expect(String(errors[0])).toContain('maxPostSize')
  })

  it('without a route is for nobody', async () => {
    const page = await start()
    expect((await send(page, token(page), { path: '/other' })).status).toBe(404)
    // What is sent to a view is one of its own forms, or nothing.
    expect((await send(page, token(page), { path: '/' })).status).toBe(403)
    expect((await send(page, '{}', { path: '/', headers: { 'content-type': 'application/json' } })).status).toBe(404)
  })
})

const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' }

function withFile({ csrfToken }: Page): FormData {
  const body = new FormData()
  body.append('_csrf_token', csrfToken)
  body.append('photo', new Blob(['bytes']), 'a.jpg')
  return body
}

describe('who may send a form', () => {
  it.each([
    ['without a token', () => ['a=1', {}]],
    ['with a made-up one', () => ['_csrf_token=made-up', {}]],
    ['with a list of them', (page: Page) => [token(page).replace('=', '[]='), {}]],
    ['without its cookie', (page: Page) => [token(page), { cookie: '' }]],
    ['of another visitor', (page: Page, other: Page) => [token(page), { cookie: other.cookie }]],
    ['of another site', (page: Page) => [token(page), { headers: { origin: 'https://evil.test' } }]],
    ['of a frame that hides where it is', (page: Page) => [token(page), { headers: { origin: 'null' } }]],
  ] as [string, (page: Page, other: Page) => [string, Sent]][])('not a page %s', async (_, made) => {
    const page = await start()
    const other = await fetchPage(server!.url)
    const [body, sent] = made(page, other)
    expect((await send(page, body, sent)).status).toBe(403)
    expect(calls).toEqual([])
  })

  it.each([
    ['its field', (page: Page) => [token(page), {}]],
    ['a header', (page: Page) => ['a=1', { headers: { 'x-csrf-token': page.csrfToken } }]],
    ['an origin of its own', (page: Page) => [token(page), { headers: { origin: new URL(page.url).origin } }]],
    [
      'an origin that its policy hides',
      (page: Page) => [token(page), { headers: { origin: 'null', 'sec-fetch-site': 'same-origin' } }],
    ],
  ] as [string, (page: Page) => [string, Sent]][])('a page of the visitor, by %s', async (_, made) => {
    const page = await start()
    const [body, sent] = made(page)
    expect((await send(page, body, sent)).status).toBe(303)
  })
})

describe('an answer', () => {
  it('sets the session and a message, and leads on', async () => {
    const page = await start(() => ({ redirect: '/?in', session: { user: 'Ada' }, flash: { info: 'Welcome' } }))
    const response = await send(page, token(page))
    const shown = await (await fetch(server!.url, { headers: { cookie: cookiesOf(page, response) } })).text()
    expect(shown).toContain('<p>{&quot;user&quot;:&quot;Ada&quot;}</p>')
    expect(shown).toContain('<i>Welcome</i>')
  })

  it('ends the session with null', async () => {
    const page = await start((form) => ({ redirect: '/', session: 'out' in (form as object) ? null : { user: 'Ada' } }))
    const cookie = cookiesOf(page, await send(page, token(page)))
    const inside = { ...(await fetchPage(server!.url, cookie)), cookie }
    const response = await send(inside, `${token(inside)}&out=1`)
    expect(calls[1]!.request.session).toEqual({ user: 'Ada' })
    const after = await fetch(server!.url, { headers: { cookie: cookiesOf(inside, response) } })
    expect(await after.text()).toContain('<p>{}</p>')
  })

  it('of a form that was sent twice is the same, and it is handled once', async () => {
    const page = await start(() => ({ redirect: '/account', session: { user: 'Ada' } }))
    const first = await send(page, token(page))
    const again = await send(page, token(page), { cookie: cookiesOf(page, first) })
    expect([again.status, again.headers.get('location')]).toEqual([303, '/account'])
    expect(again.headers.getSetCookie()).toEqual([])
    expect(calls).toHaveLength(1)
    // Nobody else is led there by the same token.
    const other = await fetchPage(server!.url)
    expect((await send(page, token(page), { cookie: other.cookie })).status).toBe(403)
  })

  it.each([
    [{ status: 401 }, 401, 'Please sign in'],
    [{ status: 422, body: '<b>mine</b>' }, 422, '<b>mine</b>'],
    [{ body: 'text', headers: { 'content-type': 'text/plain' } }, 200, 'text'],
    [{ status: 204 }, 204, ''],
  ] as [PostAnswer, number, string][])('%j is a response', async (answer, status, text) => {
    const page = await start(() => answer)
    const response = await send(page, token(page))
    expect(response.status).toBe(status)
    expect(await response.text()).toContain(text)
  })

  it('may be a page of its own, in the layout', async () => {
    const page = await start(undefined, {}, (live) =>
      live.post('/login', (form, request) => request.page(html`<h1>Again, ${String(form.name)}</h1>`, { status: 422 })),
    )
    const response = await send(page, `${token(page)}&name=Ada`, { path: '/login' })
    expect(response.status).toBe(422)
    expect(await response.text()).toMatch(/<meta name="csrf-token"[^]*<h1>Again, Ada<\/h1>/)
  })

  it.each([
    ['undefined', undefined, /must answer with an object/],
    ['an unknown word', { to: '/' }, /unknown answer 'to'/],
    ['nothing', {}, /needs a redirect, a status or a body/],
    ['two at once', { redirect: '/', status: 200 }, /neither status nor body/],
    ['another site', { redirect: 'https://evil.test' }, /redirect: expected a path/],
    ['what a browser reads as another site', { redirect: '//evil.test' }, /redirect: expected a path/],
    ['a status that is none', { status: 999 }, /status must be one of HTTP/],
  ])('that is %s is the page for 500, and is told', async (_, answer, message) => {
    const page = await start(() => answer as PostAnswer)
    expect((await send(page, token(page))).status).toBe(500)
    expect(String(errors[0])).toMatch(message)
  })

  it('that fails is the page for 500, and is told', async () => {
    const page = await start(() => {
      throw new Error('no database')
    })
    expect((await send(page, token(page))).status).toBe(500)
    expect(String(errors[0])).toContain('no database')
  })

  it('leads to a path of the visitor’s own, and nowhere else', async () => {
    const page = await start((form) => ({ redirect: localPath((form as { next: unknown }).next, '/safe') }))
    const leads = async (next: string): Promise<string | null> =>
      (await send(page, `${token(page)}&next=${encodeURIComponent(next)}`)).headers.get('location')
    expect(await leads('/account?a=1')).toBe('/account?a=1')
    for (const next of [
      'https://evil.test',
      '//evil.test',
      '/\\evil.test',
      'javascript:alert(1)',
      '',
      '/\t/evil.test',
    ]) {
      expect(await leads(next)).toBe('/safe')
    }
  })
})

describe('a schema', () => {
  const login = z.object({ name: z.string().min(1), age: z.coerce.number() })

  it('makes the form what it is, and refuses others', async () => {
    const ages: number[] = []
    const page = await start(undefined, {}, (live) =>
      live.post('/login', { schema: login }, (form) => {
        ages.push(form.age)
        return { redirect: '/' }
      }),
    )
    expect((await send(page, `${token(page)}&name=Ada&age=36`, { path: '/login' })).status).toBe(303)
    expect((await send(page, `${token(page)}&name=&age=36`, { path: '/login' })).status).toBe(422)
    expect(ages).toEqual([36])
  })

  it('tells what it refused', async () => {
    const page = await start(undefined, {}, (live) =>
      live.post(
        '/login',
        {
          schema: login,
          invalid: (issues) => ({ redirect: '/', flash: { error: issues.map(({ path }) => path).join() } }),
        },
        () => ({ redirect: '/in' }),
      ),
    )
    const response = await send(page, `${token(page)}&name=&age=36`, { path: '/login' })
    expect(response.headers.get('location')).toBe('/')
  })

  it('takes JSON where it is asked for', async () => {
    const page = await start(undefined, {}, (live) =>
      live.post('/api', { json: true, schema: login }, (form) => ({ body: JSON.stringify(form) })),
    )
    const headers = { 'content-type': 'application/json', 'x-csrf-token': page.csrfToken }
    const sent = await send(page, '{"name":"Ada","age":36}', { path: '/api', headers })
    expect(await sent.json()).toEqual({ name: 'Ada', age: 36 })
    expect((await send(page, '{"name"', { path: '/api', headers })).status).toBe(400)
    expect(
      (await send(page, '{"name":"Ada"}', { path: '/api', headers: { 'content-type': 'application/json' } })).status,
    ).toBe(403)
  })
})

describe('a route for forms', () => {
  const live = (): LiveServer => createLiveServer({ basePath: '/acme', routes: {} })
  const handler = (): PostAnswer => ({ redirect: '/' })

  it('is written without the prefix, and leads with it', async () => {
    const page = await start(undefined, { basePath: '/acme' })
    const response = await send(page, token(page))
    expect(response.headers.get('location')).toBe('/acme/')
  })

  it('may be added while the server runs', async () => {
    const page = await start()
    server!.post('/late', () => ({ redirect: '/late' }))
    expect((await send(page, token(page), { path: '/late' })).headers.get('location')).toBe('/late')
  })

  it.each([
    [['login', handler], /must start with '\/'/],
    [['/acme/login', handler], /without basePath/],
    [['/live/login', handler], /below the socket/],
    [['/login'], /expected a function/],
    [['/login', {}, 7], /expected a function of the form, got 7/],
    [['/login', { shema: 1 }, handler], /unknown option 'shema'; known are schema, invalid, json/],
    [['/login', { schema: {} }, handler], /expected a Standard Schema/],
    [['/login', { json: 'yes' }, handler], /json must be true or false/],
  ])('%j is refused', (args, message) => {
    expect(() => (live().post as (...args: unknown[]) => void)(...args)).toThrow(message)
  })

  it('is there once', () => {
    const one = live()
    one.post('/login', handler)
    expect(() => one.post('/login', handler)).toThrow(/already/)
  })
})
