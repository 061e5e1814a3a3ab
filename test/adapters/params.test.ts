/** The schema of a view's params: what it makes of them reaches the view, and what it refuses is an address that leads nowhere. */
import { createLiveServer, createLiveView, html, type LiveEvent, type LiveView, type OnMount } from 'liveloom'
import type { ParamsOf } from 'liveloom/forms'
import { type NodeServer, serve } from 'liveloom/node'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fetchPage, joinPayload, type Json, RawClient, type RawView } from '../support/raw-client.ts'

const params = z.object({
  id: z.coerce.number().int(),
  page: z.coerce.number().int().min(1).default(1),
  tags: z.array(z.string()).optional(),
})
const slow = params.refine(async () => true)

type Event = LiveEvent & { to: string }

function album(schema: typeof params = params): LiveView {
  return createLiveView<{ mounted: unknown; shown: unknown }, Event, never, unknown, ParamsOf<typeof params>>({
    params: schema,
    mount: (socket, _session, given) => socket.assign({ mounted: given.id + 1 }),
    handleParams: (socket, _url, given) => socket.assign({ shown: given }),
    handleEvent: (socket, { to }) => socket.pushPatch(to),
    render: ({ mounted, shown }) => html`<p>${String(mounted)} ${JSON.stringify(shown)}</p>`,
  })
}

const lenient = createLiveView<{ shown: unknown }, LiveEvent, never, unknown, ParamsOf<typeof params>>({
  params,
  handleParams: (socket, _url, given) => socket.assign({ shown: given.id }),
  handleInvalidParams: (socket, { url, params: raw, issues }) => {
    if (raw['id'] === 'away') socket.pushPatch('/lenient/1')
    else if (raw['id'] !== 'stay') socket.redirect(`/strict/9?page=${issues[0]!.path.join('.')}`)
    else socket.putFlash('error', `No ${url.pathname}`)
  },
  render: ({ shown }, { flash }) => html`<p>${String(shown)} ${flash['error']}</p>`,
})

const seen: unknown[] = []
const guard: OnMount = (socket, _session, raw) => {
  seen.push(raw['id'])
  if (raw['id'] === 'guarded') {
    socket.redirect('/strict/1')
    return 'halt'
  }
  return 'continue'
}

let server: NodeServer
const errors: unknown[] = []
const clients: RawClient[] = []

beforeAll(async () => {
  server = await serve(
    createLiveServer({
      secret: 'a secret of the tests, long enough',
      onError: (error) => errors.push(error),
      onMount: [guard],
      routes: { '/strict/:id': album(), '/slow/:id': album(slow as never), '/lenient/:id': lenient },
    }),
    { port: 0, signals: false },
  )
})

afterEach(() => {
  for (const client of clients.splice(0)) client.socket.terminate()
  expect(errors.splice(0)).toEqual([])
})

afterAll(() => server.close())

async function get(path: string): Promise<{ status: number; location: string | null; text: string }> {
  const response = await fetch(server.url + path, { redirect: 'manual' })
  const text = (await response.text()).replaceAll('&quot;', '"')
  return { status: response.status, location: response.headers.get('location'), text }
}

async function open(path: string): Promise<RawView> {
  const page = await fetchPage(server.url + path)
  const client = await RawClient.open(page)
  clients.push(client)
  return client.joinView(page, { url: page.url })
}

async function navigate(from: string, to: string): Promise<Json> {
  const page = await fetchPage(server.url + from)
  const client = await RawClient.open(page)
  clients.push(client)
  const { url: _, ...payload } = joinPayload(page)
  return (await client.join(`lv:${page.id}`, { ...payload, redirect: server.url + to }).reply).response
}

const shown = ({ html: text }: RawView): string => text.replaceAll('&quot;', '"')

describe('params with a schema', () => {
  it.each(['/strict', '/slow'])('are what it makes of them, below %s', async (base) => {
    const path = `${base}/7?page=2&tags[]=a&tags[]=b`
    const expected = '<p>8 {"id":7,"page":2,"tags":["a","b"]}</p>'
    expect((await get(path)).text).toContain(expected)
    const page = await open(path)
    expect(shown(page)).toBe(expected)
    await page.request('live_patch', { url: `${server.url}${base}/8` })
    expect(shown(page)).toBe('<p>8 {"id":8,"page":1}</p>')
    await page.event('go', { to: `${base}/9` })
    expect(shown(page)).toBe('<p>8 {"id":9,"page":1}</p>')
  })

  it.each(['/strict/x', '/strict/1?page=0', '/slow/x', '/strict/x?a[b]=__proto__'])(
    'that it refuses are the page of 404: %s',
    async (path) => {
      expect((await get(path)).status).toBe(404)
    },
  )

  it('that it refuses have a live navigation load the page', async () => {
    expect(await navigate('/strict/1', '/strict/x')).toEqual(expect.objectContaining({ reason: 'reload', status: 404 }))
  })

  it('that it refuses have a patch load the page: of a link, and of a callback', async () => {
    const page = await open('/strict/1')
    const { response } = await page.request('live_patch', { url: `${server.url}/strict/x?y=1` })
    expect(response).toEqual({ redirect: { to: '/strict/x?y=1' } })
    const other = await open('/strict/1')
    expect((await other.event('go', { to: '/strict/y' })).response).toEqual({ redirect: { to: '/strict/y' } })
  })

  it('come to the hooks as they are, before the schema is asked: who may not see the page learns nothing of it', async () => {
    seen.length = 0
    expect(await get('/strict/guarded')).toEqual(expect.objectContaining({ status: 302, location: '/strict/1' }))
    expect(seen).toEqual(['guarded'])
  })

  it.each([
    ['leads on', '/lenient/x', '/strict/9?page=id'],
    ['patches', '/lenient/away', '/lenient/1'],
  ])('that it refuses are for handleInvalidParams, which %s', async (_, path, location) => {
    expect(await get(path)).toEqual(expect.objectContaining({ status: 302, location }))
    expect(await navigate('/lenient/2', path)).toEqual(expect.objectContaining({ redirect: { to: location } }))
  })

  it('that it refuses are the page of 404 when handleInvalidParams leads nowhere in place of the mount', async () => {
    expect((await get('/lenient/stay')).status).toBe(404)
  })

  it('that it refuses in a patch leave the view as it is when handleInvalidParams leads nowhere', async () => {
    const page = await open('/lenient/2')
    await page.request('live_patch', { url: `${server.url}/lenient/stay` })
    expect(shown(page)).toBe('<p>2 No /lenient/stay</p>')
  })

  it('are checked where the view is made', () => {
    expect(() => createLiveView({ params: {} as never, render: () => html`` })).toThrow(
      'createLiveView: params must be a Standard Schema (zod, valibot, arktype, …), got a plain object',
    )
  })
})
