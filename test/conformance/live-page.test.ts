/**
 * Views with components, keyed lists, streams and conditionals together: after any changes, said in any mixture of messages, the
 * official client's page shows what a render from scratch shows.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseFragment, serialize } from 'parse5'
import { createLiveComponent } from '../../src/live/component.ts'
import { ComponentSlot } from '../../src/live/component-slot.ts'
import type { LiveComponent } from '../../src/live/definitions.ts'
import type { Flash } from '../../src/live/flash.ts'
import { Meta } from '../../src/live/meta.ts'
import type { LiveComponentSocket, LiveViewSocket } from '../../src/live/socket.ts'
import type { RenderMeta } from '../../src/live/render-meta.ts'
import { createLiveView } from '../../src/live/view.ts'
import { html } from '../../src/template/html.ts'
import { each } from '../../src/template/list.ts'
import type { Rendered } from '../../src/template/rendered.ts'
import type { Stream } from '../../src/template/stream.ts'
import { renderHtml } from '../../src/template/to-html.ts'
import { BrowserPage } from '../support/browser-page.ts'
import { LiveRig } from '../support/live-rig.ts'

interface Row {
  readonly id: number
  readonly name: string
  readonly open: boolean
}
interface Item {
  readonly id: string
  readonly name: string
}

/** What one change does to a stream, in this order; no item twice. */
interface StreamChange {
  readonly reset: boolean
  readonly deletes: readonly number[]
  readonly inserts: readonly (Item & { readonly at: number; readonly updateOnly: boolean })[]
  readonly limit: number | undefined
}

/** The state of a component that is its own. */
interface Own {
  readonly text: string
  readonly root: number
  readonly branch: number
  readonly hide: boolean
  readonly rows: readonly Row[]
}

interface State {
  readonly root: number
  readonly title: string
  /** By component: the component that it stands in, -1 for the view, -2 for nowhere. */
  readonly places: readonly number[]
  readonly order: readonly number[]
  readonly label: string
  readonly mode: number
  readonly wrap: boolean
  readonly showFeed: boolean
  readonly rows: readonly Row[]
  readonly useDeps: boolean
}

interface Change {
  readonly view: Partial<State> | undefined
  readonly feed: StreamChange | undefined
  /** Which of the components on the page change by themselves, and how. */
  readonly owns: readonly {
    readonly nth: number
    readonly own: Partial<Own>
    readonly items: StreamChange | undefined
  }[]
  readonly together: boolean
}

/** `announce`, `decide` and `forget` are what the page does about components that have left, as late as the network may have it. */
type Step =
  | { readonly kind: 'change'; readonly change: Change }
  | { readonly kind: 'patch' | 'flash'; readonly to: string }
  | { readonly kind: 'announce' | 'decide' | 'forget' }

const count = 6
const word = fc.constantFrom('a', 'b', '<&>', '')
const row: fc.Arbitrary<Row> = fc.record({ id: fc.nat({ max: 5 }), name: word, open: fc.boolean() })
const rows = fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 4 })
const streamChange: fc.Arbitrary<StreamChange> = fc
  .record({
    reset: fc.constantFrom(false, false, false, true),
    deletes: fc.uniqueArray(fc.nat({ max: 5 }), { maxLength: 2 }),
    inserts: fc.uniqueArray(
      fc.record({
        id: fc.nat({ max: 5 }).map(String),
        name: word,
        at: fc.constantFrom(-1, -1, 0, 1, 2),
        updateOnly: fc.constantFrom(false, false, false, true),
      }),
      { selector: ({ id }) => id, maxLength: 3 },
    ),
    limit: fc.constantFrom(undefined, undefined, 2, -2, 4),
  })
  // What a limit takes away while more is to come depends on the order of the patch; one at a time is what it is for.
  .filter(({ limit, inserts }) => limit === undefined || inserts.length < 2)
/** Every other item is a component. */
const isLive = ({ id }: Item): boolean => Number(id) % 2 === 0
const own: fc.Arbitrary<Own> = fc.record({
  text: word,
  root: fc.constantFrom(0, 0, 1),
  branch: fc.nat({ max: 3 }),
  hide: fc.constantFrom(false, false, false, true),
  rows,
})
const state: fc.Arbitrary<State> = fc.record({
  root: fc.constantFrom(0, 0, 0, 0, 1),
  title: word,
  places: fc.tuple(...Array.from({ length: count }, (_, id) => fc.integer({ min: -2, max: id - 1 }))),
  order: fc.shuffledSubarray(
    Array.from({ length: count }, (_, id) => id),
    { minLength: count },
  ),
  label: word,
  mode: fc.nat({ max: 3 }),
  wrap: fc.boolean(),
  showFeed: fc.constantFrom(true, true, true, false),
  rows,
  useDeps: fc.boolean(),
})
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined })
const some = <T extends object>(value: fc.Arbitrary<T>): fc.Arbitrary<Partial<T>> =>
  fc
    .tuple(value, fc.array(fc.nat({ max: 15 }), { minLength: 1, maxLength: 3 }))
    .map(
      ([whole, nths]) =>
        Object.fromEntries(
          nths.map((nth) => Object.entries(whole)[nth % Object.keys(whole).length]!),
        ) as unknown as Partial<T>,
    )
const change: fc.Arbitrary<Change> = fc.record({
  view: optional(some(state)),
  feed: optional(streamChange),
  owns: fc.array(fc.record({ nth: fc.nat({ max: 20 }), own: some(own), items: optional(streamChange) }), {
    maxLength: 3,
  }),
  together: fc.boolean(),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: change.map((made) => ({ kind: 'change' as const, change: made })) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('patch', 'flash'),
      to: fc.constantFrom('a', 'b'),
    }) as fc.Arbitrary<Step>,
  },
  { weight: 1, arbitrary: fc.constantFrom('announce', 'decide', 'forget').map((kind) => ({ kind }) as Step) },
)

/** A function template of one element, which the client may pass over. */
const framed = (content: unknown): Rendered => html`<div class="frame">${content}</div>`
const loose = (content: unknown): Rendered => html`<i>loose</i>${content}`
const rowView = ({ id, name, open }: Row): Rendered =>
  html`<li id="row-${id}">${name}${open && html`<b>${name}</b>`}</li>`
const byId = (list: readonly Row[], deps?: readonly unknown[]): unknown => each(list, ({ id }) => id, rowView, deps)

function branchOf(branch: number, content: unknown): unknown {
  return [content, framed(content), loose(content), [framed(html`<u>x</u>`), framed(framed(content))]][branch]
}

class World {
  /** What is mounted, by what it is and its id. */
  readonly sockets = new Map<string, LiveComponentSocket<Own & BoxProps & { items: Stream<Item> }>>()
  readonly boxes: readonly LiveComponent<BoxProps>[]
  readonly item: LiveComponent<ItemProps>
  readonly leaf: LiveComponent<{ name: string }>
  viewSocket!: LiveViewSocket<State & { feed: Stream<Item> }>

  constructor() {
    this.leaf = this.#component<{ name: string }>(
      'leaf',
      ({ name, text }: { name: string; text: string }, { url }) => html`<s>${name}${framed(text)}${url.search}</s>`,
    )
    this.item = this.#component<ItemProps>('item', ({ domId, name, text, root }: ItemProps & Own, meta) =>
      root === 0
        ? html`<li id="${domId}">${name}${framed(framed(meta.live_component(this.leaf, { id: domId, name: 'leaf' })))}</li>`
        : html`<li id="${domId}" class="${text}">${meta.live_component(this.leaf, { id: domId, name })}!</li>`,
    )
    // Two kinds that share their templates, and so their statics.
    this.boxes = [0, 1].map((kind) => this.#component<BoxProps>(`box${kind}`, this.#box))
  }

  readonly #box = (context: BoxContext, meta: RenderMeta): Rendered => {
    const { text, root, branch, hide, label, inside, mode, id } = context
    const children = hide ? null : this.components(inside, mode, label, meta)
    const items = html`<ul id="items-${id}" phx-update="stream">${this.#items(context.items, `items-${id}`, meta)}</ul>`
    if (root === 0)
      return html`<section>${text}${label}${meta.flash['info']}${branchOf(branch, children)}${byId(context.rows)}${framed(items)}</section>`
    return html`<section id="box-${id}"><ol>${byId(context.rows)}</ol>${items}${framed(children)}</section>`
  }

  #items(stream: Stream<Item>, name: string, meta: RenderMeta): unknown {
    return each(stream, (item, domId) =>
      isLive(item)
        ? meta.live_component(this.item, { ...item, id: `${name}-${item.id}`, domId })
        : itemView(item, domId),
    )
  }

  components(nodes: readonly Node[], mode: number, label: string, meta: RenderMeta): unknown {
    const one = ({ id, inside }: Node): ComponentSlot =>
      meta.live_component(this.boxes[id % 2]!, { id, inside, mode, label })
    const byNode = (render: (node: Node) => unknown, deps?: readonly unknown[]): unknown =>
      each(nodes, ({ id }) => id, render, deps)
    if (mode === 0) return nodes.map(one)
    if (mode === 1) return byNode((node) => html`<article>${one(node)}</article>`)
    // The item is what a row is known by: rows of the same place in the tree are skipped.
    if (mode === 2) return byNode((node) => html`<article>${framed(one(node))}</article>`, [label])
    return byNode(one)
  }

  readonly view = createLiveView<State & { feed: Stream<Item>; nodes: readonly Node[] }, { type: string }>({
    mount: (socket) => {
      this.viewSocket = socket as never
      ;(socket as unknown as AnyStreams).stream('feed', [])
    },
    handleInfo: (_, apply) => (apply as () => void)(),
    handleEvent: () => {},
    render: (context, meta) => {
      const { root, title, nodes, mode, label, wrap, showFeed, feed, useDeps } = context
      const components = this.components(nodes, mode, label, meta)
      const list = byId(context.rows, useDeps ? [] : undefined)
      const items = showFeed && html`<ul id="feed" phx-update="stream">${this.#items(feed, 'feed', meta)}</ul>`
      if (root === 1) return html`<main>${components}<h1>${title}</h1>${items}</main>`
      return html`<h1>${title}</h1>${wrap ? framed(components) : loose(components)}<ul>${list}</ul>${framed(items)}`
    },
  })

  #component<Props extends object>(
    kind: string,
    render: (context: never, meta: RenderMeta) => Rendered,
  ): LiveComponent<Props> {
    return createLiveComponent<object, { type: string }, Props>({
      mount: (socket) => {
        this.sockets.set(`${kind} ${socket.id}`, socket as never)
        socket.assign({ text: '', root: 0, branch: 0, hide: false, rows: [] })
        const domId = ({ id }: Item): string => `items-${socket.id}-${id}`
        if (kind.startsWith('box')) (socket as unknown as AnyStreams).stream('items', [], { domId })
      },
      handleEvent: () => {},
      render: render as (context: object, meta: RenderMeta) => Rendered,
    })
  }

  kindOf(component: LiveComponent<never>): string {
    return component === this.item
      ? 'item'
      : component === this.leaf
        ? 'leaf'
        : `box${this.boxes.indexOf(component as never)}`
  }
}

/** A socket, whatever its context is. */
interface AnyStreams {
  stream(name: string, items: readonly Item[], options?: object): void
  streamDeleteByDomId(name: string, domId: string): void
}
interface Node {
  readonly id: number
  readonly inside: readonly Node[]
}
interface BoxProps {
  readonly id?: number
  readonly inside: readonly Node[]
  readonly mode: number
  readonly label: string
}
type BoxContext = BoxProps & Own & { readonly items: Stream<Item> }
interface ItemProps {
  readonly domId: string
  readonly name: string
}

const itemView = ({ name }: Item, domId: string): Rendered => html`<li id="${domId}">${name}${framed(name)}</li>`

/** The components of a state as a tree; nodes that are the same stay the same objects, so that rows may be skipped. */
function nodesOf({ places, order }: Pick<State, 'places' | 'order'>, known: Map<string, Node>): readonly Node[] {
  const inside = (parent: number): readonly Node[] =>
    order
      .filter((id) => places[id] === parent)
      .map((id) => {
        const node = { id, inside: inside(id) }
        const key = JSON.stringify(node)
        if (!known.has(key)) known.set(key, node)
        return known.get(key)!
      })
  return inside(-1)
}

/** A session, the browser's page, and what should be on it. */
class Play {
  readonly world = new World()
  readonly #known = new Map<string, Node>()
  /** By container: the items of its stream, each as HTML or the component that it is. */
  readonly #streams = new Map<string, { readonly domId: string; readonly html: () => string }[]>()
  /** The items that the page may have left out. */
  readonly #doubtful = new Set<string>()
  readonly #pending: (() => void)[] = []
  readonly #toServer: { readonly kind: 'cids_will_destroy' | 'cids_destroyed'; readonly cids: readonly number[] }[] = []
  #announced: (readonly number[])[] = []
  #state: State
  #url = 'http://localhost/'
  #flash: Flash = {}
  #rig!: LiveRig
  #page!: BrowserPage

  constructor(first: State) {
    this.#state = first
  }

  async begin(): Promise<void> {
    const { view } = this.world
    const { mount } = view.callbacks as { mount(socket: LiveViewSocket): void }
    this.#rig = await LiveRig.joined({
      ...view,
      callbacks: {
        ...view.callbacks,
        mount: (socket: LiveViewSocket) => {
          mount(socket)
          socket.assign({ ...this.#state, nodes: nodesOf(this.#state, this.#known) })
        },
      },
    })
    this.#page = new BrowserPage('phx-V', this.#rig.take()[0])
    this.check()
  }

  async step(step: Step): Promise<void> {
    if (step.kind === 'change') await this.#change(step.change)
    else if (step.kind === 'patch') await this.#patch(step.to)
    else if (step.kind === 'flash') await this.#putFlash(step.to)
    else if (step.kind === 'decide') this.#decide()
    else await this.#deliver()
    this.check()
  }

  async #patch(to: string): Promise<void> {
    this.#url = `http://localhost/?${to}`
    this.#flash = {}
    await this.#rig.push('live_patch', { url: this.#url })
    this.#show()
  }

  async #putFlash(info: string): Promise<void> {
    this.#flash = { info }
    await this.#rig.info(() => this.world.viewSocket.putFlash('info', info))
    this.#show()
  }

  async #change({ view, feed, owns, together }: Change): Promise<void> {
    // What is told to a stream while its container leaves the page is anybody's guess.
    const told = new Set<string>()
    const mayHide = view !== undefined || owns.some(({ own: changes }) => 'hide' in changes || 'branch' in changes)
    const sockets = [...this.world.sockets.values()].filter(({ myself }) => this.#page.has(Number(`${myself}`)))
    const run = async (apply: () => void): Promise<void> => {
      await this.#rig.info(apply)
      this.#show()
      this.check()
    }
    const changeView = (): void => {
      const { viewSocket } = this.world
      this.#state = { ...this.#state, ...view }
      viewSocket.assign({ ...view, nodes: nodesOf(this.#state, this.#known) } as never)
      if (feed !== undefined && this.#state.showFeed)
        this.#stream(viewSocket as unknown as AnyStreams, 'feed', 'feed', feed)
    }
    const changeOwn = ({ nth, own: changes, items }: Change['owns'][number]): void => {
      const socket = sockets[nth % sockets.length]
      if (socket === undefined) return
      socket.assign(changes)
      const container = `items-${socket.id}`
      // One message has one word on an item.
      if (items === undefined || (together && (mayHide || told.has(container)))) return
      told.add(container)
      if (!('items' in socket.context) || !this.#page.html.includes(`id="${container}"`)) return
      this.#stream(socket as unknown as AnyStreams, 'items', container, items)
    }
    // A container that moves to another component may keep its items, or not.
    const reset: StreamChange = { reset: true, deletes: [], inserts: [], limit: undefined }
    const emptyBoxes = (): void => {
      for (const socket of sockets) {
        const container = `items-${socket.id}`
        if (this.#streams.has(container)) this.#stream(socket as unknown as AnyStreams, 'items', container, reset)
      }
    }
    if (view?.places !== undefined) await run(emptyBoxes)
    if (together) {
      return run(() => {
        owns.forEach(changeOwn)
        if (view !== undefined || feed !== undefined) changeView()
      })
    }
    for (const one of owns) await run(() => changeOwn(one))
    if (view?.places !== undefined) await run(emptyBoxes)
    if (view !== undefined || feed !== undefined) await run(changeView)
  }

  /** Tells a stream, and notes what that makes of its list. */
  #stream(socket: AnyStreams, name: string, container: string, { reset, deletes, inserts, limit }: StreamChange): void {
    const domIdOf = (id: number | string): string => `${container}-${id}`
    if (limit !== undefined) for (const { id } of inserts) this.#doubtful.add(domIdOf(id))
    for (const { id, updateOnly } of inserts) if (updateOnly) this.#doubtful.add(domIdOf(id))
    if (reset) socket.stream(name, [], { reset })
    for (const id of deletes) socket.streamDeleteByDomId(name, domIdOf(id))
    for (const { at, updateOnly, ...item } of inserts) socket.stream(name, [item], { at, updateOnly, limit })
    this.#pending.push(() => {
      const list = this.#streams.get(container) ?? []
      this.#streams.set(container, list)
      // What is taken out and named again stays, also when only updates are wanted.
      const had = new Set(list.map(({ domId }) => domId))
      if (reset) list.length = 0
      for (const id of deletes) {
        const at = list.findIndex(({ domId }) => domId === domIdOf(id))
        if (at >= 0) list.splice(at, 1)
      }
      for (const { at, updateOnly, ...item } of inserts) {
        const domId = domIdOf(item.id)
        const entry = {
          domId,
          html: () =>
            isLive(item)
              ? this.#html(new ComponentSlot(this.world.item as never, { ...item, id: domId, domId }))
              : renderHtml(itemView(item, domId)),
        }
        const was = list.findIndex((other) => other.domId === domId)
        if (was >= 0) list[was] = entry
        else if (!updateOnly || had.has(domId)) {
          list.splice(at < 0 ? list.length : at, 0, entry)
          if (limit !== undefined && limit < 0) list.splice(0, Math.max(0, list.length + limit))
          else if (limit !== undefined) list.splice(limit)
        }
      }
    })
  }

  /** Gives the page what was sent. */
  #show(): void {
    expect(this.#rig.reported).toEqual([])
    for (const message of this.#rig.take()) this.#page.update(message)
    for (const cids of this.#page.announcements.splice(0)) this.#toServer.push({ kind: 'cids_will_destroy', cids })
    for (const note of this.#pending.splice(0)) note()
  }

  /** The next of what the page has sent reaches the server. */
  async #deliver(): Promise<void> {
    const message = this.#toServer.shift()
    if (message === undefined) return
    const response = (await this.#rig.push(message.kind, { cids: message.cids })) as { cids: readonly number[] }
    if (message.kind === 'cids_will_destroy') this.#announced.push(message.cids)
    else this.#page.tree.pruneCIDs(response.cids)
    this.#show()
  }

  /** The page looks again at what it announced, and says what is really gone. */
  #decide(): void {
    for (const cids of this.#announced.splice(0)) {
      const gone = cids.filter((cid) => !this.#page.has(cid))
      if (gone.length > 0) this.#toServer.push({ kind: 'cids_destroyed', cids: gone })
    }
  }

  async end(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      while (this.#toServer.length > 0) await this.#deliver()
      this.#decide()
    }
    this.check()
    // Nothing that has left the page stays on the server. The page says nothing of what it did not show: items that are only for
    // an update, or that a limit took away at once.
    const left = [...this.world.sockets.values()].filter(({ id, signal, myself }) => {
      return !signal.aborted && !this.#doubtful.has(String(id)) && !this.#page.has(Number(`${myself}`))
    })
    expect(left.map(({ id }) => id)).toEqual([])
  }

  check(): void {
    expect(this.#page.html).toBe(this.#expected())
  }

  /** What a render from scratch shows, with the items of the streams in their containers. */
  #expected(): string {
    const { callbacks } = this.world.view as { readonly callbacks: { readonly render: RenderOf } }
    let shown = this.#print(callbacks.render, this.world.viewSocket.context)
    // A container that is not shown loses its items.
    for (const container of this.#streams.keys()) {
      if (!shown.includes(`id="${container}"`)) this.#streams.delete(container)
    }
    for (const [container, items] of this.#streams) {
      const start = `<ul id="${container}" phx-update="stream">`
      shown = shown.replace(start, () => start + items.map((item) => item.html()).join(''))
    }
    return serialize(parseFragment(shown))
  }

  #html(slot: ComponentSlot): string {
    const socket = this.world.sockets.get(`${this.world.kindOf(slot.component)} ${slot.id}`)!
    return this.#print(
      (slot.component as { readonly component: { readonly render: RenderOf } }).component.render,
      socket.context,
    )
  }

  #print(render: RenderOf, context: object): string {
    const page = {
      url: this.#url,
      action: undefined,
      isConnected: true,
      nonce: '',
      lang: 'en',
      flash: this.#flash,
      basePath: '',
      csrfToken: () => '',
      formToken: () => '',
    }
    return renderHtml(render(context, new Meta({}, page, undefined)), (value) => this.#html(value as ComponentSlot))
  }
}

type RenderOf = (context: object, meta: RenderMeta) => Rendered

describe('the official client’s page', () => {
  it('shows what the server rendered, after any changes to components, lists and streams', async () => {
    await fc.assert(
      fc.asyncProperty(state, fc.array(step, { minLength: 1, maxLength: 8 }), async (first, steps) => {
        const play = new Play(first)
        await play.begin()
        for (const next of steps) await play.step(next)
        await play.end()
      }),
      { numRuns: 500 },
    )
  })
})
