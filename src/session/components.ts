/**
 * The live components of one view: who is on the page under which number. A render only places them; {@link Components.settle} then
 * mounts, updates and renders those that need it, and what they place in turn.
 */
import type { Embedder } from '../diff/diff.ts'
import { LiveError } from '../errors.ts'
import type { Embedded } from '../template/embedded.ts'
import type { Rendered } from '../template/rendered.ts'
import type { Refuse } from '../template/safe-values.ts'
import { ComponentSlot } from '../live/component-slot.ts'
import { ComponentInstance, type ComponentPlace } from '../live/component-instance.ts'
import type { LiveComponent } from '../live/definitions.ts'
import { NestedView } from '../live/nested.ts'
import type { Steps } from '../live/steps.ts'

type Props = Readonly<Record<string, unknown>>

/** What the components need of the page that is made. */
export interface ComponentsHost extends ComponentPlace {
  /** Makes of a rendered component what goes to the page. */
  paint(component: ComponentInstance): void
  /** Whether the page has it; what an item of a stream shows may be on it. */
  shows(component: ComponentInstance): boolean
  /** Whether the page has it, as far as is known: not what an item of a stream shows. */
  surelyShows(component: ComponentInstance): boolean
  /** What the page has in a component, or in the view, of components. */
  placedIn(placer: ComponentInstance | undefined): Iterable<number>
  /** What the page gets for a nested view. */
  nest(nested: NestedView): Rendered
}

interface Placement {
  readonly instance: ComponentInstance
  readonly isNew: boolean
  /** Its props may say something else than before. */
  readonly differs: boolean
  readonly props: Props
}

/** The view itself, as the one that places components. */
const theView = () => ({ lastRender: 0 })

export class Components implements Embedder {
  #host: ComponentsHost
  readonly #byCid = new Map<number, ComponentInstance>()
  readonly #cids = new Map<LiveComponent<never>, Map<string | number, number>>()
  /** Those that have to be rendered again. */
  readonly #changed = new Set<ComponentInstance>()
  /** Those that show what is the page's: where it is, its messages. */
  readonly #showsPage = new Set<ComponentInstance>()
  /** Where components stood that the message being made places elsewhere. */
  readonly #doubtful = new Set<object>()
  /** The one whose callback runs, of those that are called here. */
  #working: ComponentInstance | undefined
  #nextCid = 1
  #queue: Placement[] = []
  /** The message that is made. */
  #message = 0
  /** Each render of a part has a number of its own. */
  #render = 0
  readonly #view = theView()
  #placer: ComponentInstance | ReturnType<typeof theView> = this.#view
  /** The nested views that the message places: by whom, in which render. */
  readonly #views = new Map<string, { readonly placer: object; readonly render: number }>()
  /** The render before this one of the same part. */
  #renderBefore = 0
  /** What that had placed; made when it is asked for. */
  #before: ReadonlySet<number> | undefined
  #moved = false
  /** The whole view is shown once more: they have their props, and those that come from the first page have just been given them. */
  #again: 'adopted' | 'resumed' | undefined
  /** The part that is rendered may look different from its last render. */
  #placerChanged = false
  /** What is placed now has to be sent whole: the page is to forget what it had. */
  #whole = false

  constructor(host: ComponentsHost) {
    this.#host = host
  }

  get size(): number {
    return this.#byCid.size
  }

  get working(): ComponentInstance | undefined {
    return this.#working
  }

  get(cid: number): ComponentInstance | undefined {
    return this.#byCid.get(cid)
  }

  find(kind: LiveComponent<never>, id: string | number): ComponentInstance | undefined {
    const cid = this.#cids.get(kind)?.get(id)
    return cid === undefined ? undefined : this.#byCid.get(cid)
  }

  all(): IterableIterator<ComponentInstance> {
    return this.#byCid.values()
  }

  get message(): number {
    return this.#message
  }

  get dirty(): boolean {
    return this.#changed.size > 0
  }

  /** Whether the message that is made takes a component from one that placed it to another. */
  get moved(): boolean {
    return this.#moved
  }

  /** Begins a message. */
  begin(): void {
    this.#message++
    this.#moved = false
    if (this.#doubtful.size > 0) this.#doubtful.clear()
    if (this.#views.size > 0) this.#views.clear()
  }

  /** Renders the view: what it places is placed by it. `whole`: the page forgets all that it had. */
  renderView<T>(whole: boolean, render: () => T): T {
    if (whole) for (const instance of this.#byCid.values()) instance.print = undefined
    this.#placerChanged = this.#host.page.dirty
    return this.#placing(this.#view, false, render)
  }

  embed(value: Embedded, item = false, before?: unknown): number | Rendered {
    if (value instanceof ComponentSlot) return this.#place(value, item, before)
    if (value instanceof NestedView) {
      this.assertOnce(value)
      return this.#host.nest(value)
    }
    throw new LiveError('ERR_TEMPLATE_VALUE', `${value.label} cannot stand in a view`)
  }

  forgot(): void {
    const part = this.#placer instanceof ComponentInstance ? this.#placer : this.#host.page
    part.forgets = true
  }

  readonly refused: Refuse = (refusal) => {
    const component = this.#placer instanceof ComponentInstance ? this.#placer : undefined
    const { host, place } = this.#host.owner
    const stage = component === undefined ? 'render' : 'component'
    host.refused(refusal, { stage, view: place.view, component: component?.id })
  }

  #place(slot: ComponentSlot, item: boolean, before: unknown): number {
    const parent = this.#placer instanceof ComponentInstance ? this.#placer : undefined
    const depth = parent === undefined ? 1 : parent.depth + 1
    let instance = this.find(slot.component, slot.id)
    const isNew = instance === undefined
    if (instance === undefined) {
      instance = new ComponentInstance(slot, this.#nextCid++, depth, this.#host, this.#changed)
      this.#byCid.set(instance.cid, instance)
      const cids = this.#cids.get(slot.component) ?? new Map<string | number, number>()
      cids.set(slot.id, instance.cid)
      this.#cids.set(slot.component, cids)
    } else this.#assertOnce(instance)
    const moved = !isNew && instance.placedBy !== this.#placer
    // Where it stood may not be rendered in this message: a row that is skipped, a component that did not change.
    if (!isNew && before !== instance.cid && !(item && instance.item)) this.#doubtful.add(instance.placedBy!)
    instance.steady = !isNew && !moved && !item && this.#wasHere(instance)
    instance.placedIn = this.#message
    instance.placedBy = this.#placer
    instance.placedOnce = this.#render
    instance.depth = depth
    instance.item = item
    this.#moved ||= moved
    // Within one that the page is about to forget itself, it stays one of those.
    const revived = instance.leaving && parent?.leaving !== true
    if (revived) instance.leaving = false
    // The page may not have it any more, and it may not know that it has not: then it would pass over what is inside.
    if ((revived || this.#whole || !instance.steady) && !this.#isSaidWhole(instance)) instance.print = undefined
    if (instance.dirty) this.#changed.add(instance)
    const differs = isNew || this.#differs(instance, slot.props)
    if (differs || instance.print === undefined) {
      instance.props = slot.props
      this.#queue.push({ instance, isNew, differs, props: slot.props })
    }
    return instance.cid
  }

  /** Whether its props may say something else. Where it stood it may not have been given them: it is asked then as well. */
  #differs({ props: before, print }: ComponentInstance, props: Props): boolean {
    if (this.#again === 'adopted' && !this.#placerChanged) return !areSame(before, props)
    return (print === undefined && this.#again === undefined) || mayDiffer(before, props)
  }

  /** Whether the render before had it as well. Those of rows that were not rendered are looked for. */
  #wasHere(instance: ComponentInstance): boolean {
    if (instance.placedOnce === this.#renderBefore) return true
    const placer = this.#placer instanceof ComponentInstance ? this.#placer : undefined
    this.#before ??= new Set(this.#host.placedIn(placer))
    return this.#before.has(instance.cid)
  }

  /** Whether the message that is made has the whole of it already. */
  #isSaidWhole({ renderedIn, renderedWhole }: ComponentInstance): boolean {
    return renderedWhole && renderedIn === this.#message
  }

  /** @throws {LiveError} `ERR_VIEW` when the message places another of its id. */
  assertOnce({ label, options: { id } }: NestedView): void {
    const placed = { placer: this.#placer, render: this.#render }
    const other = this.#views.get(id)
    this.#views.set(id, placed)
    // A part that is rendered again places what it did.
    if (other === undefined || (other.placer === placed.placer && other.render !== placed.render)) return
    throw new LiveError('ERR_VIEW', `${label} is placed twice; ids must be unique within a page`)
  }

  #assertOnce(instance: ComponentInstance): void {
    if (instance.placedIn !== this.#message) return
    if (instance.placedOnce !== this.#render && instance.placedBy === this.#placer) return
    throw placedTwice(instance)
  }

  /** The same for what was placed elsewhere, while its old place may not have been rendered. */
  #assertPlacedOnce(): void {
    for (const placer of this.#doubtful) {
      const component = placer instanceof ComponentInstance ? placer : undefined
      if (component !== undefined && !this.#host.surelyShows(component)) continue
      const seen = new Set<number>()
      for (const cid of this.#host.placedIn(component)) {
        const instance = this.#byCid.get(cid)
        if (instance !== undefined && (seen.has(cid) || instance.placedBy !== placer)) throw placedTwice(instance)
        seen.add(cid)
      }
    }
  }

  /** Mounts, updates and renders what was placed or has changed, until nothing is left to do. */
  *settle(): Steps<void> {
    for (const instance of this.#showsPage) if (instance.outdated) instance.dirty = true
    for (;;) {
      if (this.#queue.length > 0) {
        const batch = this.#queue
        this.#queue = []
        yield* this.#update(batch)
        for (const { instance } of batch) if (instance.dirty || instance.print === undefined) this.#paint(instance)
        continue
      }
      const next = this.#outermostDirty()
      if (next.length === 0) break
      const { depth } = next[0]!
      for (const instance of next) {
        // One that another has just placed inside it waits for its props.
        if (!this.#waitsIn(depth, instance)) continue
        // What has left the page is rendered when it is placed again: what it places may be elsewhere now.
        if (this.#host.shows(instance)) this.#paint(instance)
        else this.#changed.delete(instance)
      }
    }
    this.#working = undefined
    this.#assertPlacedOnce()
  }

  /** New props that do not come with a render. One that is not on the page gets none. */
  *update(kind: LiveComponent<never>, props: Props): Steps<void> {
    this.#working = this.find(kind, props['id'] as string | number)
    yield this.#working?.update(props)
    this.#working = undefined
  }

  *#update(batch: readonly Placement[]): Steps<void> {
    const { turns } = this.#host.owner.host
    for (const { instance, isNew } of batch) {
      this.#working = instance
      if (isNew) yield instance.mount()
      // A page may have thousands of them, and others wait.
      yield turns.rest()
    }
    const many = new Map<LiveComponent<never>, Placement[]>()
    for (const placement of batch) {
      const { instance, props } = placement
      if (!placement.differs) continue
      this.#working = instance
      const others = many.get(instance.kind)
      yield turns.rest()
      if (!instance.updatesMany) yield instance.update(props)
      else if (others === undefined) many.set(instance.kind, [placement])
      else others.push(placement)
    }
    for (const placements of many.values()) {
      this.#working = placements[0]!.instance
      yield this.#working.updateMany(placements.map(({ instance, props }) => ({ socket: instance, props })))
    }
    if (!this.#host.owner.connected) return
    for (const { instance } of batch) {
      if (instance.greeted) continue
      this.#working = instance
      yield* instance.connect()
    }
  }

  /** Components that changed by themselves; outer ones first, since they may update those inside them. */
  #outermostDirty(): readonly ComponentInstance[] {
    let depth = Infinity
    for (const instance of this.#changed) {
      if (instance.renderedIn !== this.#message && instance.depth < depth) depth = instance.depth
    }
    return Array.from(this.#changed).filter((instance) => this.#waitsIn(depth, instance))
  }

  #waitsIn(depth: number, instance: ComponentInstance): boolean {
    return instance.depth === depth && instance.renderedIn !== this.#message && this.#changed.has(instance)
  }

  #paint(instance: ComponentInstance): void {
    // Others may have been told to copy what was said of it. What it is since is for the next message.
    if (instance.renderedIn === this.#message && instance.print !== undefined) return
    this.#working = instance
    const whole = instance.print === undefined
    this.#placerChanged = instance.dirty
    this.#placing(instance, whole && instance.renderedIn > 0, () => this.#host.paint(instance))
    instance.renderedIn = this.#message
    instance.renderedWhole = whole
    if (instance.showsPage) this.#showsPage.add(instance)
    else this.#showsPage.delete(instance)
  }

  #placing<T>(placer: { lastRender: number }, whole: boolean, render: () => T): T {
    this.#placer = placer
    this.#whole = whole
    this.#renderBefore = placer.lastRender
    placer.lastRender = ++this.#render
    this.#before = undefined
    try {
      return render()
    } finally {
      this.#placer = this.#view
      this.#whole = false
    }
  }

  /** The page announces that it is about to forget components that it does not show any more. */
  announceLeaving(cids: readonly number[]): void {
    for (const cid of cids) {
      const instance = this.#byCid.get(cid)
      if (instance !== undefined) instance.leaving = true
    }
  }

  /** The page has forgotten components; gives back those that are really gone. One that was placed again meanwhile stays. */
  leave(cids: readonly number[]): readonly number[] {
    const gone = new Set<ComponentInstance>()
    for (const cid of cids) {
      const instance = this.#byCid.get(cid)
      if (instance?.leaving === true) gone.add(instance)
    }
    if (gone.size === 0) return []
    // What it placed after the page had lost sight of it was never shown, and is not announced.
    for (const instance of this.#byCid.values()) if (isWithin(instance, gone)) gone.add(instance)
    this.#end(gone)
    return Array.from(gone, ({ cid }) => cid)
  }

  #end(gone: Iterable<ComponentInstance>): void {
    for (const instance of gone) {
      this.#byCid.delete(instance.cid)
      this.#changed.delete(instance)
      this.#showsPage.delete(instance)
      this.#cids.get(instance.kind)?.delete(instance.id)
      instance.end()
    }
  }

  /** They go on to another page, with all that they hold. */
  moveTo(host: ComponentsHost): void {
    this.#host = host
    for (const instance of this.#byCid.values()) instance.moveTo(host.owner)
    this.forgetPage()
    this.#again = 'adopted'
  }

  /** The page has them again. */
  shown(): void {
    this.#again = undefined
  }

  /** The page has none of them any more, and is told of those that are placed. */
  forgetPage(): void {
    this.#again = 'resumed'
    this.#queue = []
    // One that is not placed again is not rendered: what it would place may be elsewhere now.
    this.#changed.clear()
    for (const instance of this.#byCid.values()) {
      instance.print = undefined
      instance.renderedIn = 0
      instance.leaving = instance.item = instance.renderedWhole = false
    }
  }

  /** Ends those that the message which was made does not place: a page that comes back says nothing of them. */
  endUnplaced(): void {
    this.#end(Array.from(this.#byCid.values()).filter(({ placedIn }) => placedIn !== this.#message))
  }

  end(): void {
    for (const instance of this.#byCid.values()) instance.end()
  }
}

function placedTwice({ label }: ComponentInstance): LiveError {
  return new LiveError('ERR_COMPONENT', `${label} is placed twice; ids must be unique within a view`)
}

function isWithin({ placedBy }: ComponentInstance, gone: ReadonlySet<ComponentInstance>): boolean {
  for (let around = placedBy; around instanceof ComponentInstance; around = around.placedBy) {
    if (gone.has(around)) return true
  }
  return false
}

/** Whether props are the very same, where nothing has changed what is in them. */
function areSame(before: Props, now: Props): boolean {
  const keys = Object.keys(now)
  return keys.length === Object.keys(before).length && keys.every((key) => Object.is(before[key], now[key]))
}

/**
 * Whether props may say something else than before. Objects may have changed inside, and templates are new in each render, so only
 * values that cannot change are compared.
 */
function mayDiffer(before: Props, now: Props): boolean {
  const keys = Object.keys(now)
  if (keys.length !== Object.keys(before).length) return true
  return keys.some((key) => {
    const value = now[key]
    return (
      (typeof value === 'object' && value !== null) || typeof value === 'function' || !Object.is(value, before[key])
    )
  })
}
