/** What of a view outlives its process: kept by its page, or in a store. */
import {
  createLiveServer,
  createLiveView,
  html,
  type LiveServerOptions,
  type LiveView,
  type LiveViewCallbacks,
  type LiveViewSocket,
  type StashStore,
} from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fetchPage, type Page, RawClient, RawView } from '../support/raw-client.ts'

const secret = 'a secret of the tests, long enough'

interface Wizard {
  readonly step: number
  readonly draft: unknown
  /** Not stashed. */
  readonly other: number
}

type Callbacks = LiveViewCallbacks<Wizard, { type: string; value?: unknown }, string, unknown>

let stasheds: unknown[] = []
let order: string[] = []
let reports: string[] = []
const servers: NodeServer[] = []
const clients: RawClient[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate()
  await Promise.all(servers.splice(0).map((server) => server.close()))
  stasheds = []
  order = []
  reports = []
})

function wizard(more: Partial<Callbacks> = {}): LiveView {
  return createLiveView<Wizard, { type: string; value?: unknown }>({
    stash: ['step', 'draft'],
    mount(socket) {
      order.push('mount')
      if (socket.connected) stasheds.push(socket.stashed)
      socket.assign({ step: 1, draft: '', other: 0, ...socket.stashed })
      void socket.subscribe('news')
    },
    handleParams: () => void order.push('params'),
    handleEvent(socket: LiveViewSocket<Wizard>, { type, value }) {
      order.push(type)
      if (type === 'next') socket.assign({ step: socket.context.step + 1, other: 7 })
      if (type === 'draft') socket.assign({ draft: value })
      if (type === 'large') socket.assign({ draft: 'ä'.repeat(Number(value)) })
      if (type === 'date') socket.assign({ draft: { at: [new Date()] } })
      if (type === 'other') socket.assign({ other: 1 })
    },
    handleInfo: (socket: LiveViewSocket<Wizard>) => socket.assign({ step: socket.context.step + 10 }),
    render: ({ step, other }) => html`<p>step ${step}, other ${other}</p>`,
    ...more,
  })
}

async function start(
  view: LiveView | Readonly<Record<string, LiveView>> = wizard(),
  options: Partial<LiveServerOptions> = {},
): Promise<NodeServer> {
  const live = createLiveServer({
    secret,
    routes: 'callbacks' in view ? { '/': view as LiveView } : (view as Readonly<Record<string, LiveView>>),
    onError: (error, { stage }) => void reports.push(`${stage}: ${(error as Error).message}`),
    ...options,
  })
  const server = await serve(live, { port: 0, signals: false, development: false })
  servers.push(server)
  return server
}

interface Visit {
  readonly page: Page
  readonly client: RawClient
  readonly view: RawView
}

async function visit({ url }: NodeServer, path = '/', cookie?: string): Promise<Visit> {
  const page = await fetchPage(url + path, cookie)
  const client = await RawClient.open(page)
  clients.push(client)
  return { page, client, view: await client.joinView(page) }
}

/** What the page keeps: the last that it was pushed. */
function kept({ client, page }: Pick<Visit, 'client' | 'page'>): string | null | undefined {
  let sealed: string | null | undefined
  for (const { payload } of client.frames) {
    const response = payload['response'] as { diff?: { e?: unknown }; rendered?: { e?: unknown } } | undefined
    const events = payload['e'] ?? response?.diff?.e ?? response?.rendered?.e ?? []
    for (const [name, push] of events as [string, { id: string; sealed: string | null }][]) {
      if (name === 'liveloom:stash' && push.id === page.id) sealed = push.sealed
    }
  }
  return sealed
}

/** The page comes back on another server, with what it keeps. */
async function comeBack(
  before: Pick<Visit, 'page'>,
  { url }: NodeServer,
  sealed: unknown,
  params: object = { _mounts: 1 },
): Promise<Visit> {
  const page = { ...before.page, url: url + new URL(before.page.url).pathname }
  const client = await RawClient.open(page)
  clients.push(client)
  return { page, client, view: await client.joinView(page, { params: { ...params, liveloomStash: sealed } }) }
}

describe('a stash in the page', () => {
  it('comes back on another process: what was named, and nothing else', async () => {
    const first = await visit(await start())
    await first.view.event('next')
    await first.view.event('draft', { value: { text: 'Grüße', list: [1, null, true] } })
    const sealed = kept(first)
    const again = await comeBack(first, await start(), sealed)
    expect(stasheds.at(-1)).toEqual({ step: 2, draft: { text: 'Grüße', list: [1, null, true] } })
    expect(again.view.html).toContain('step 2, other 0')
    expect(sealed).not.toContain('text')
    expect(reports).toEqual([])
  })

  it('goes out in the answer to the event that changed it, and only when it changed', async () => {
    const { client, view } = await visit(await start())
    const answer = await view.event('next')
    const { e } = (answer.response as { diff: { e?: unknown[] } }).diff
    expect(e).toHaveLength(1)
    expect(((await view.event('other')).response as { diff: object }).diff).not.toHaveProperty('e')
    expect(client.frames.filter(({ event }) => event === 'diff')).toEqual([])
  })

  it('is there from the join on, and at the mount: before params, and before what the page recovers', async () => {
    const first = await visit(await start())
    expect(kept(first)).toEqual(expect.any(String))
    order = []
    const again = await comeBack(first, await start(), kept(first))
    await again.view.event('draft', { value: 'recovered' })
    expect(order).toEqual(['mount', 'params', 'draft'])
  })

  it('of infos goes out a moment later, once for all', async () => {
    const server = await start()
    const first = await visit(server)
    const before = kept(first)
    for (let at = 0; at < 5; at++) await server.publish('news', at)
    await vi.waitFor(() => expect(kept(first)).not.toBe(before), { timeout: 5000 })
    await comeBack(first, await start(), kept(first))
    expect(stasheds.at(-1)).toEqual({ step: 51, draft: '' })
  })

  it('is given to a page once more after its connection was lost, with the view that was kept', async () => {
    const server = await start()
    const { page, client, view } = await visit(server)
    await view.event('next')
    await client.cut()
    const next = await RawClient.open(page)
    clients.push(next)
    await next.rejoinView(page)
    expect(kept({ client: next, page })).toEqual(expect.any(String))
    expect(stasheds).toHaveLength(1)
  })

  it('is not shown in connectParams, and does not count as one of them', async () => {
    const seen: unknown[] = []
    const view = wizard({ onMount: [(socket) => void (socket.connected && seen.push(socket.connectParams))] })
    const first = await visit(await start(view))
    await first.view.event('draft', { value: 'x'.repeat(30_000) })
    const small = await start(view, { limits: { maxJoinParams: 1000 } })
    await comeBack(first, small, kept(first), { _mounts: 1, mine: 1 })
    expect(seen.at(-1)).toEqual({ mine: 1 })
    expect((stasheds.at(-1) as Wizard).draft).toHaveLength(30_000)
  })

  it.each<[string, (sealed: string) => unknown]>([
    ['changed', (sealed) => sealed.slice(0, -6) + 'AAAAAA'],
    ['cut', (sealed) => sealed.slice(0, 40)],
    ['too long', (sealed) => sealed.padEnd(60_000, 'A')],
    ['no text', () => ({ step: 9 })],
    ['of another kind', () => 'e30'],
  ])('is dropped when it is %s', async (_, change) => {
    const first = await visit(await start())
    await first.view.event('next')
    await comeBack(first, await start(), change(kept(first)!))
    expect(stasheds.at(-1)).toBeUndefined()
    expect(reports).toEqual([])
  })

  it('is dropped in the hands of another visitor, another page, and another view', async () => {
    const views = { '/': wizard(), '/second': wizard() }
    const server = await start(views)
    const first = await visit(server)
    await first.view.event('next')
    const sealed = kept(first)
    await comeBack(await visit(server), server, sealed)
    expect(stasheds.at(-1)).toBeUndefined()
    await comeBack(await visit(server, '/', first.page.cookie), server, sealed)
    expect(stasheds.at(-1)).toBeUndefined()
    await comeBack(await visit(server, '/second', first.page.cookie), server, sealed)
    expect(stasheds.at(-1)).toBeUndefined()
    await comeBack(first, server, sealed)
    expect(stasheds.at(-1)).toEqual({ step: 2, draft: '' })
  })

  it('is dropped once another user has logged in, or what ownerOf says has changed', async () => {
    let session: Record<string, unknown> = { user: 'anna', seen: 1 }
    const options = { session: () => session }
    const first = await visit(await start(wizard(), options))
    await first.view.event('next')
    const sealed = kept(first)
    session = { seen: 1, user: 'anna' }
    await comeBack(first, await start(wizard(), options), sealed)
    expect(stasheds.at(-1)).toEqual({ step: 2, draft: '' })
    session = { user: 'anna', seen: 2 }
    await comeBack(first, await start(wizard(), options), sealed)
    expect(stasheds.at(-1)).toBeUndefined()

    const owned = { ...options, stash: { ownerOf: ({ user }: { readonly user?: unknown }) => user } }
    const second = await visit(await start(wizard(), owned))
    await second.view.event('next')
    session = { user: 'anna', seen: 3 }
    await comeBack(second, await start(wizard(), owned), kept(second))
    expect(stasheds.at(-1)).toEqual({ step: 2, draft: '' })
    session = { user: 'bob', seen: 3 }
    await comeBack(second, await start(wizard(), owned), kept(second))
    expect(stasheds.at(-1)).toBeUndefined()
  })

  it('is not given to a view that a link leads to, though its page has one', async () => {
    const server = await start()
    const first = await visit(server)
    await first.view.event('next')
    await comeBack(first, server, kept(first), { _mounts: 0 })
    expect(stasheds.at(-1)).toBeUndefined()
  })

  it('belongs to a view, whichever of its routes is open', async () => {
    const view = wizard()
    const views = { '/': view, '/edit/:id': view }
    const server = await start(views)
    const first = await visit(server)
    await first.view.event('next')
    const page = { ...first.page, url: `${server.url}/edit/3` }
    await comeBack({ page }, server, kept(first))
    expect(stasheds.at(-1)).toEqual({ step: 2, draft: '' })
  })

  it('opens with a key that was exchanged', async () => {
    const [old, fresh] = ['o'.repeat(32), 'f'.repeat(32)]
    const first = await visit(await start(wizard(), { stash: { keys: [old] } }))
    await first.view.event('next')
    await comeBack(first, await start(wizard(), { stash: { keys: [fresh, old] } }), kept(first))
    expect(stasheds.at(-1)).toEqual({ step: 2, draft: '' })
    await comeBack(first, await start(wizard(), { stash: { keys: [fresh] } }), kept(first))
    expect(stasheds.at(-1)).toBeUndefined()
  })
})

describe('a stash that cannot be kept', () => {
  it('for its size is told of, and the page keeps none: not an older one either', async () => {
    const first = await visit(await start())
    await first.view.event('large', { value: 16_370 })
    expect(kept(first)).toEqual(expect.any(String))
    await first.view.event('large', { value: 16_384 })
    expect(kept(first)).toBeNull()
    expect(first.client.closed).toBeUndefined()
    expect(reports).toEqual([expect.stringContaining('maxStash')])
    await first.view.event('large', { value: 10 })
    expect(kept(first)).toEqual(expect.any(String))
  })

  it('for its kind is told of once, with the place', async () => {
    const first = await visit(await start())
    await first.view.event('date')
    await first.view.event('date')
    expect(kept(first)).toBeNull()
    expect(reports).toEqual([expect.stringMatching(/^stash: draft\.at\[0\] is .*, which cannot be stashed/)])
    await first.view.event('draft', { value: 'again' })
    expect(kept(first)).toEqual(expect.any(String))
  })
})

describe('a stash of another version', () => {
  const older = wizard({ stashVersion: 1 })

  async function fromOlder(next: Partial<Callbacks>): Promise<unknown> {
    const first = await visit(await start(older))
    await first.view.event('next')
    const again = await comeBack(first, await start(wizard({ stashVersion: 2, ...next })), kept(first))
    expect(again.view.html).toContain('step')
    return stasheds.at(-1)
  }

  it('is what migrate makes of it', async () => {
    const migrate = async (old: Readonly<Record<string, unknown>>, version: number) => ({
      step: Number(old['step']) * 100 + version,
      other: 5,
    })
    expect(await fromOlder({ migrate })).toEqual({ step: 201 })
    expect(reports).toEqual([])
  })

  it('is dropped without a word where nobody migrates it', async () => {
    expect(await fromOlder({})).toBeUndefined()
    expect(await fromOlder({ migrate: () => undefined })).toBeUndefined()
    expect(reports).toEqual([])
  })

  it('is dropped and reported when migrate throws, or gives back something else', async () => {
    const migrate = (): never => {
      throw new Error('as asked')
    }
    expect(await fromOlder({ migrate })).toBeUndefined()
    expect(await fromOlder({ migrate: () => 7 as never })).toBeUndefined()
    expect(reports).toEqual(['stash: as asked', 'stash: migrate: expected an object or undefined, got 7'])
  })

  it('is dropped and reported when it is newer', async () => {
    const first = await visit(await start(wizard({ stashVersion: 3 })))
    await comeBack(first, await start(older), kept(first))
    expect(stasheds.at(-1)).toBeUndefined()
    expect(reports).toEqual(['stash: a stash has version 3, this process 1: it is dropped'])
  })
})

/** A database that outlives the processes. */
class Database implements StashStore {
  readonly rows = new Map<string, string>()
  failing = false
  held: Promise<void> | undefined

  async read(key: string): Promise<string | undefined> {
    await this.#may()
    return this.rows.get(key)
  }

  async write(key: string, value: string): Promise<void> {
    await this.#may()
    this.rows.set(key, value)
  }

  async remove(key: string): Promise<void> {
    await this.#may()
    this.rows.delete(key)
  }

  async #may(): Promise<void> {
    await this.held
    if (this.failing) throw new Error('the database is down')
  }
}

describe('a stash in a store', () => {
  it('is there after the page is loaded anew, on another process, and in the first HTML', async () => {
    const store = new Database()
    const first = await visit(await start(wizard(), { stash: { store } }))
    await first.view.event('next')
    await first.client.leave()
    const other = await start(wizard(), { stash: { store } })
    expect(await (await fetch(other.url, { headers: { cookie: first.page.cookie } })).text()).toContain('step 2')
    await visit(other, '/', first.page.cookie)
    expect(stasheds.at(-1)).toEqual({ step: 2, draft: '' })
    expect(kept(first)).toBeUndefined()
    expect([...store.rows].flat().join()).not.toMatch(/step|draft/)
  })

  it('is written before the event is answered', async () => {
    const store = new Database()
    const first = await visit(await start(wizard(), { stash: { store } }))
    const before = [...store.rows.values()]
    let release = (): void => {}
    store.held = new Promise((resolve) => (release = resolve))
    const ref = first.view.push('event', { type: 'click', event: 'next', value: {} })
    await first.client.heartbeat()
    expect(first.client.hasReply(ref)).toBe(false)
    release()
    await first.client.reply(ref)
    expect([...store.rows.values()]).not.toEqual(before)
  })

  it('belongs to the first tab while that lives: a second one begins empty, and the last write wins', async () => {
    const store = new Database()
    const server = await start(wizard(), { stash: { store } })
    const first = await visit(server)
    await first.view.event('next')
    const second = await visit(server, '/', first.page.cookie)
    expect(stasheds.at(-1)).toBeUndefined()
    await first.view.event('next')
    await second.view.event('draft', { value: 'of the second' })
    for (const { client } of [first, second]) {
      client.socket.close()
      await client.waitForClose()
    }
    await vi.waitFor(async () => {
      await visit(server, '/', first.page.cookie)
      expect(stasheds.at(-1)).toEqual({ step: 1, draft: 'of the second' })
    })
  })

  it('is given to a tab that was loaded anew while the one before is only kept for its connection', async () => {
    const store = new Database()
    const server = await start(wizard(), { stash: { store } })
    const first = await visit(server)
    await first.view.event('next')
    await first.client.cut()
    await visit(server, '/', first.page.cookie)
    expect(stasheds.at(-1)).toEqual({ step: 2, draft: '' })
  })

  it('is told apart by the path, or by stashKey', async () => {
    const store = new Database()
    const photos = await start({ '/photos/:id': wizard() }, { stash: { store } })
    const first = await visit(photos, '/photos/1?sort=name')
    await first.view.event('next')
    await first.client.leave()
    await visit(photos, '/photos/2', first.page.cookie)
    expect(stasheds.at(-1)).toBeUndefined()
    await visit(photos, '/photos/1', first.page.cookie)
    expect(stasheds.at(-1)).toEqual({ step: 2, draft: '' })

    const stashKey = ({ sort }: { readonly sort?: unknown }) => String(sort)
    const sorted = await start({ '/photos/:id': wizard({ stashKey }) }, { stash: { store } })
    const other = await visit(sorted, '/photos/1?sort=name')
    await other.view.event('next')
    await other.client.leave()
    await visit(sorted, '/photos/2?sort=name', other.page.cookie)
    expect(stasheds.at(-1)).toEqual({ step: 2, draft: '' })
  })

  it('is not another visitor’s, and not that of another user in the same browser', async () => {
    const store = new Database()
    let user = 'anna'
    const server = await start(wizard(), { stash: { store }, session: () => ({ user }) })
    const first = await visit(server)
    await first.view.event('next')
    await first.client.leave()
    await visit(server)
    expect(stasheds.at(-1)).toBeUndefined()
    user = 'bob'
    await visit(server, '/', first.page.cookie)
    expect(stasheds.at(-1)).toBeUndefined()
  })

  it('is given to the one mount of a page whose view is adopted, and belongs to it from then on', async () => {
    const store = new Database()
    const server = await start(wizard({ adopt: true }), { stash: { store } })
    const first = await visit(server)
    await first.view.event('next')
    await first.client.leave()
    order = []
    const next = await visit(server, '/', first.page.cookie)
    expect(order).toEqual(['mount', 'params'])
    expect(next.view.html).toContain('step 2')
    expect((await visit(server, '/', first.page.cookie)).view.html).toContain('step 1')
  })

  it('that fails is reported, and the view goes on', async () => {
    const store = new Database()
    store.failing = true
    const first = await visit(await start(wizard(), { stash: { store } }))
    expect((await first.view.event('next')).status).toBe('ok')
    expect(first.view.html).toContain('step 2')
    expect(reports).toContain('stash: the database is down')
    store.failing = false
    await first.view.event('other')
    expect(store.rows.size).toBe(1)
  })

  it('keeps what an info changed right before the end', async () => {
    const store = new Database()
    const server = await start(wizard(), { stash: { store } })
    const first = await visit(server)
    await server.publish('news', 1)
    await first.client.next(({ event }) => event === 'diff')
    first.client.socket.close()
    await server.close()
    await visit(await start(wizard(), { stash: { store } }), '/', first.page.cookie)
    expect(stasheds.at(-1)).toEqual({ step: 11, draft: '' })
  })
})

describe('stashes of a live session', () => {
  it('are those of all its views that say none themselves', async () => {
    const plain = wizard({ stash: undefined })
    const options = { liveSessions: { all: { routes: { '/a': plain, '/b': wizard() }, stash: ['other'] } } }
    const server = await start({}, options)
    for (const [path, expected] of [
      ['/a', { other: 7 }],
      ['/b', { step: 2, draft: '' }],
    ] as const) {
      const first = await visit(server, path)
      await first.view.event('next')
      await comeBack(first, server, kept(first))
      expect(stasheds.at(-1)).toEqual(expected)
    }
  })
})

describe('options', () => {
  it.each<[object, string]>([
    [{ stash: 'step' }, `createLiveView: stash must be an array of keys of the context, got 'step'`],
    [{ stash: [] }, 'createLiveView: stash must be an array of keys of the context, got an array'],
    [{ stash: ['a'], stashVersion: 0 }, 'createLiveView: stashVersion must be a whole number from 1, got 0'],
    [{ stash: ['a'], migrate: 1 }, 'createLiveView: migrate must be a function, got 1'],
    [{ stashVersion: 2 }, 'createLiveView: stashVersion says something of stash, which is missing'],
  ])('refuses %j of a view', (options, message) => {
    expect(() => createLiveView({ render: () => html``, ...(options as object) })).toThrow(message)
  })

  it.each<[object, string]>([
    [{ store: {} }, 'stash.store must have the functions read, write, remove, got'],
    [{ ownerOf: 'user' }, `stash.ownerOf must be a function, got 'user'`],
    [{ maxAge: 0 }, 'stash.maxAge must be a number of ms above 0, got 0'],
    [{ keys: ['short'] }, 'stash.keys must be an array of texts of 32 bytes or more'],
    [{ after: 1 }, 'unknown option stash.after; known are store, ownerOf, maxAge, keys'],
    [['step'], 'stash must be an object with store, ownerOf, maxAge, keys, got'],
  ])('refuses %j of a server', (stash, message) => {
    expect(() => createLiveServer({ routes: {}, stash: stash as object })).toThrow(message)
  })
})
