/** Pages that are made of what strangers wrote: in their heads, in the texts of the application, and in the params of a route. */
import { createLiveServer, createLiveView, type HeadOptions, html, type LiveView } from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { afterEach, expect, it } from 'vitest'
import type { StandardSchema } from '../../src/forms/schema.ts'

const hostile = `"'></title></script><img src=x onerror=alert(1)>`

let server: NodeServer | undefined
afterEach(() => server?.close())

async function pageOf(view: LiveView, query = ''): Promise<{ readonly status: number; readonly text: string }> {
  const live = createLiveServer({
    secret: 'a secret of the tests, long enough',
    routes: { '/': view },
    texts: { en: { lines: { offline: hostile }, pages: { 404: hostile } } },
    onError: () => {},
  })
  server = await serve(live, { port: 0, signals: false, development: false })
  const response = await fetch(`${server.url}/${query}`)
  return { status: response.status, text: await response.text() }
}

const withHead = (head: HeadOptions): LiveView =>
  createLiveView({ mount: (socket) => socket.head(head), render: () => html`<p>x</p>` })

it.each<[string, HeadOptions]>([
  ['title', { title: hostile }],
  ['description', { description: hostile }],
  ['classes of the body', { bodyClass: hostile }],
  ['meta', { meta: [{ name: hostile, content: hostile }] }],
  ['links', { links: [{ rel: hostile, href: hostile }] }],
  ['scripts', { scripts: [hostile, { src: hostile, type: hostile }] }],
  ['link that is a script', { links: [{ rel: 'stylesheet', href: ' java\tscript:alert(1)' }] }],
  ['script that is data', { scripts: ['data:text/javascript,alert(1)'] }],
])('holds no element and no script of a stranger in its %s', async (_what, head) => {
  const { status, text } = await pageOf(withHead(head))
  expect(status).toBe(200)
  expect(text).toContain('&lt;img')
  expect(text).not.toMatch(/<img|script:|data:text/)
})

it('is not made of an attribute that would run', async () => {
  const { status, text } = await pageOf(withHead({ meta: [{ content: 'x', onload: 'alert(1)' }] }))
  expect([status, text.includes('alert')]).toEqual([500, false])
})

it('says the texts of the application as texts, also where nothing is found', async () => {
  const { text } = await pageOf(withHead({}))
  const missing = await (await fetch(`${server!.url}/nowhere`)).text()
  for (const page of [text, missing]) {
    expect(page).toContain('&lt;img')
    expect(page).not.toContain('<img')
  }
})

it.each<[string, (value: unknown) => unknown, number, string]>([
  ['is asked for plain names', (value) => ({ value: Object.keys(value as object) }), 200, '[&quot;a&quot;]'],
  [
    'refuses by names of no field',
    () => ({ issues: [{ message: hostile, path: ['__proto__', Symbol('x')] }] }),
    404,
    '',
  ],
  ['throws', () => JSON.parse('{') as unknown, 500, ''],
  ['rejects', () => Promise.reject(new Error('no')), 500, ''],
])('whose schema of params %s is answered', async (_what, validate, status, shown) => {
  const params = { '~standard': { version: 1, vendor: 'tests', validate } } as StandardSchema<unknown, object>
  const view = createLiveView<{ read: string }, never, never, unknown, object>({
    params,
    mount: (socket, _session, read) => socket.assign({ read: JSON.stringify(read) }),
    render: ({ read }) => html`<p>${read}</p>`,
  })
  const page = await pageOf(view as unknown as LiveView, '?a=1&__proto__[admin]=1&__proto__=1&_unused_a=')
  expect(page.status).toBe(status)
  expect(page.text).toContain(shown)
  expect(page.text).not.toContain('<img')
})
