/**
 * The law of parked views: whatever comes in whatever order (events, infos, losses before and after what was sent arrived, pages that come
 * back), the page shows what the view renders; each message is handled once at most, and exactly once when it was answered.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLiveComponent } from '../../src/live/component.ts'
import { createLiveView } from '../../src/live/view.ts'
import type { Connection } from '../../src/server/connection.ts'
import { createLiveServer } from '../../src/server/live-server.ts'
import { type RunningServer, startServer } from '../../src/server/running-server.ts'
import { html } from '../../src/template/html.ts'
import { each } from '../../src/template/list.ts'
import { createSigner } from '../../src/token/signer.ts'
import { type BrowserTree, BrowserRendered, withoutMarks, wholeHtml } from '../conformance/real-client.ts'
import { manualMachine, secret } from '../support/manual-machine.ts'
import { ManualTime, turn } from '../support/manual-time.ts'
import { quietPeer } from '../support/quiet-peer.ts'

type Step =
  /** The page sends an event; `slow`: its handler waits at a gate; `lost`: the network goes before it is read. */
  | { readonly kind: 'event'; readonly slow: boolean; readonly lost: boolean; readonly part: boolean }
  | { readonly kind: 'info' | 'open gate' | 'lose' | 'come back' | 'arrive' | 'time' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('event' as const),
      slow: fc.boolean(),
      lost: fc.boolean(),
      part: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'info' as const,
        'open gate' as const,
        'lose' as const,
        'come back' as const,
        'arrive' as const,
        'time' as const,
      ),
    }),
  },
)

/** What the handlers of one run have done, in order. */
class World {
  readonly time = new ManualTime()
  readonly handled: string[] = []
  readonly #gates: (() => void)[] = []
  readonly running: RunningServer
  mounts = 0

  /** `slowly`: what the view does when its page comes back takes its time. */
  constructor(slowly: boolean) {
    const tally = createLiveComponent<{ n: number }, { type: string; id: string }, { of: string }>({
      mount: (socket) => socket.assign({ n: 0 }),
      handleEvent: async (socket, { id, type }) => {
        this.handled.push(id)
        if (type === 'slow') await this.#gate()
        socket.assign({ n: socket.context.n + 1 })
      },
      update: () => {},
      render: ({ n }) => html`<b>${n}</b>`,
    })
    const view = createLiveView<{ ids: readonly string[] }, { type: string; id: string }, string, string>({
      mount: (socket) => {
        this.mounts++
        socket.assign({ ids: [] })
        void socket.subscribe('news')
      },
      handleEvent: async (socket, { type, id }) => {
        this.handled.push(id)
        if (type === 'slow') await this.#gate()
        socket.assign({ ids: [...socket.context.ids, id] })
        return { done: id }
      },
      handleResume: () => (slowly ? turn().then(turn) : undefined),
      handleInfo: (socket, id) => {
        this.handled.push(id)
        socket.assign({ ids: [id, ...socket.context.ids] })
      },
      render: ({ ids }, { live_component }) =>
        html`<ul>${each(
          ids,
          (id) => id,
          (id) => html`<li>${id}</li>`,
        )}</ul>
          ${ids.length % 3 !== 1 ? html`<i>${ids.length}</i>` : ''} ${live_component(tally, { id: 'all', of: 'all' })}`,
    })
    this.running = startServer(createLiveServer({ secret, routes: { '/': view } }), manualMachine(this.time))
  }

  #gate(): Promise<void> {
    return new Promise((resolve) => void this.#gates.push(resolve))
  }

  openGate(): void {
    this.#gates.shift()?.()
  }

  get waits(): boolean {
    return this.#gates.length > 0
  }
}

type Wire = readonly [joinRef: string | null, ref: string | null, topic: string, event: string, payload: Json]
type Json = Readonly<Record<string, unknown>>

/** A page as the official client keeps it: what arrives is merged into its tree, what is on its way when the line is lost is not. */
class Page {
  readonly answered = new Map<string, number>()
  /** What each event that was sent said of itself. */
  readonly sent = new Map<string, string>()
  /** Those that arrived. */
  readonly heard: string[] = []
  tree: BrowserTree | undefined
  #connection: Connection | undefined
  #onTheWay: string[] = []
  #ref = 0
  #joinRef = ''
  #joins = 0
  readonly #world: World
  readonly #session: string

  constructor(world: World) {
    this.#world = world
    const token = { kind: 'route', id: 'phx-a', nonce: 'n', route: '/', session: {} }
    this.#session = createSigner(secret, () => world.time.now).sign('view', token)
  }

  get isConnected(): boolean {
    return this.#connection !== undefined
  }

  comeBack(): void {
    if (this.#connection !== undefined) return
    this.#onTheWay = []
    const onTheWay = this.#onTheWay
    const peer = quietPeer({ send: (text) => void onTheWay.push(text) })
    this.#connection = this.#world.running.connect(peer, { visitorId: 'v', csrfSecret: 'x', session: {} })
    this.#joinRef = String(++this.#ref)
    const payload = { url: 'http://localhost/', session: this.#session, static: null, params: { _mounts: this.#joins } }
    this.#say([this.#joinRef, this.#joinRef, 'lv:phx-a', 'phx_join', payload])
  }

  /** `heard`: whether it arrives. */
  event(id: string, type: string, cid: number | undefined, heard: boolean): void {
    if (this.#connection === undefined || this.tree === undefined || this.#joins === 0) return
    const ref = String(++this.#ref)
    this.sent.set(ref, id)
    if (!heard) return
    this.heard.push(id)
    this.#say([this.#joinRef, ref, 'lv:phx-a', 'event', { type: 'hook', event: type, value: { id }, cid }])
  }

  lose(): void {
    const connection = this.#connection
    if (connection === undefined) return
    this.#connection = undefined
    this.#onTheWay = []
    this.#world.running.disconnect(connection, true)
  }

  /** All that is on its way arrives. */
  arrive(): void {
    for (const text of this.#onTheWay.splice(0)) this.#hear(JSON.parse(text) as Wire)
  }

  #say(frame: unknown): void {
    this.#connection!.text(Buffer.from(JSON.stringify(frame)))
  }

  #hear([joinRef, ref, , event, payload]: Wire): void {
    if (joinRef !== this.#joinRef) return
    if (event === 'phx_reply' && ref !== null) {
      this.answered.set(ref, (this.answered.get(ref) ?? 0) + 1)
      const { status, response } = payload as { readonly status: string; readonly response: Json }
      if (ref === joinRef) {
        expect(status).toBe('ok')
        this.tree = new BrowserRendered('lv:phx-a', response['rendered'])
        this.tree.toString()
        this.#joins++
        return
      }
      expect(this.tree, 'nothing comes before the answer to the join').toBeDefined()
      if (response['diff'] !== undefined) this.#merge(response['diff'])
    } else if (event === 'diff') this.#merge(payload)
    else throw new Error(`the page did not expect ${event}`)
  }

  #merge(diff: unknown): void {
    this.tree!.mergeDiff(BrowserRendered.extract(diff).diff)
    this.tree!.toString()
  }

  get html(): string {
    return withoutMarks(wholeHtml(this.tree!))
  }
}

async function settle({ time }: World): Promise<void> {
  for (let turns = 0; turns < 6; turns++) await turn()
  time.advance(50)
  for (let turns = 0; turns < 6; turns++) await turn()
}

async function run(steps: readonly Step[], slowly: boolean): Promise<void> {
  const world = new World(slowly)
  const page = new Page(world)
  page.comeBack()
  await settle(world)
  page.arrive()
  let count = 0
  for (const next of steps) {
    const id = `m${++count}`
    if (next.kind === 'event') page.event(id, next.slow ? 'slow' : 'fast', next.part ? 1 : undefined, !next.lost)
    else if (next.kind === 'info') await world.running.publish('news', id)
    else if (next.kind === 'open gate') world.openGate()
    else if (next.kind === 'lose') page.lose()
    else if (next.kind === 'come back') page.comeBack()
    else if (next.kind === 'arrive') page.arrive()
    else await settle(world)
    await turn()
  }
  page.comeBack()
  await settle(world)
  while (world.waits) {
    world.openGate()
    await settle(world)
  }
  await settle(world)
  page.arrive()
  // A look at the whole: what a page that is loaded now would be sent.
  const shown = page.html
  page.lose()
  page.comeBack()
  await settle(world)
  page.arrive()
  expect(shown).toBe(page.html)
  expect(new Set(world.handled).size, 'each is handled once at most').toBe(world.handled.length)
  expect(world.handled).toEqual(expect.arrayContaining(page.heard))
  for (const [ref, times] of page.answered) {
    expect(times, 'each is answered once at most').toBe(1)
    const id = page.sent.get(ref)
    if (id !== undefined) expect(world.handled.filter((other) => other === id)).toHaveLength(1)
  }
  for (const id of world.handled.filter((other) => !shown.includes(`<li>${other}</li>`))) {
    // Those of the component are counted by it.
    expect([...page.sent.values()]).toContain(id)
  }
  expect(world.mounts).toBe(1)
}

describe('a view and its page', () => {
  it('agree, whatever happens to the line between them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, slowly) => run(steps, slowly)),
      { numRuns: 300 },
    )
  })
})
