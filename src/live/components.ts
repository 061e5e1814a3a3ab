/**
 * The live components of one view: who is on the page under which number. A render only places them; {@link Components.settle} then
 * mounts, updates and renders those that need it, and what they place in turn.
 */
import type { Embedder } from '../diff/diff.ts'
import { LiveError } from '../errors.ts'
import type { Embedded } from '../template/embedded.ts'
import type { Rendered } from '../template/rendered.ts'
import { ComponentSlot } from './component-slot.ts'
import { ComponentInstance, type ComponentPlace } from './component-instance.ts'
import type { LiveComponent } from './definitions.ts'
import { NestedView } from './nested.ts'
import type { Steps } from './steps.ts'

type Props = Readonly<Record<string, unknown>>

/** What the components need of the page that is made. */
export interface ComponentsHost extends ComponentPlace {
  /** Makes of a rendered component what goes to the page. */
  paint(component: ComponentInstance): void
  /** What the page gets for a nested view. */
  nest(nested: NestedView): Rendered
}

interface Placement {
  readonly instance: ComponentInstance
  readonly isNew: boolean
  readonly props: Props
}

/** The view itself, as the one that places components. */
const theView = {}

export class Components implements Embedder {
  readonly #host: ComponentsHost
  readonly #byCid = new Map<number, ComponentInstance>()
  readonly #cids = new Map<LiveComponent<never>, Map<string | number, number>>()
  /** Those that have to be rendered again. */
  readonly #changed = new Set<ComponentInstance>()
  /** The one whose callback runs, of those that {@link settle} calls. */
  #working: ComponentInstance | undefined
  #nextCid = 1
  #queue: Placement[] = []
  /** The message that is made. */
  #message = 0
  /** Each render of a part has a number of its own. */
  #render = 0
  #placer: object | ComponentInstance = theView
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

  /** Begins a message. */
  begin(): void {
    this.#message++
  }

  /** Renders the view: what it places is placed by it. `whole`: the page forgets all that it had. */
  renderView<T>(whole: boolean, render: () => T): T {
    if (whole) for (const instance of this.#byCid.values()) instance.print = undefined
    return this.#placing(theView, false, render)
  }

  embed(value: Embedded): number | Rendered {
    if (value instanceof ComponentSlot) return this.#place(value)
    if (value instanceof NestedView) return this.#host.nest(value)
    throw new LiveError('ERR_TEMPLATE_VALUE', `${value.label} cannot stand in a view`)
  }

  #place(slot: ComponentSlot): number {
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
    instance.placedIn = this.#message
    instance.placedBy = this.#placer
    instance.placedOnce = this.#render
    instance.depth = depth
    if (instance.leaving || this.#whole) {
      // The page may have dropped what it had of it.
      instance.leaving = false
      instance.print = undefined
    }
    if (isNew || instance.print === undefined || mayDiffer(instance.props, slot.props)) {
      instance.props = slot.props
      this.#queue.push({ instance, isNew, props: slot.props })
    }
    return instance.cid
  }

  #assertOnce(instance: ComponentInstance): void {
    if (instance.placedIn !== this.#message) return
    if (instance.placedOnce !== this.#render && instance.placedBy === this.#placer) return
    throw new LiveError('ERR_COMPONENT', `${instance.label} is placed twice; ids must be unique within a view`)
  }

  /** Mounts, updates and renders what was placed or has changed, until nothing is left to do. */
  *settle(): Steps<void> {
    for (;;) {
      if (this.#queue.length > 0) {
        const batch = this.#queue
        this.#queue = []
        yield* this.#update(batch)
        for (const { instance } of batch) if (instance.dirty || instance.print === undefined) this.#paint(instance)
        continue
      }
      const next = this.#nextDirty()
      if (next === undefined) break
      this.#paint(next)
    }
  }

  *#update(batch: readonly Placement[]): Steps<void> {
    for (const { instance, isNew } of batch) {
      this.#working = instance
      if (isNew) yield instance.mount()
    }
    const many = new Map<LiveComponent<never>, Placement[]>()
    for (const placement of batch) {
      const { instance, props } = placement
      this.#working = instance
      if (!instance.updatesMany) yield instance.update(props)
      else many.set(instance.kind, [...(many.get(instance.kind) ?? []), placement])
    }
    for (const placements of many.values()) {
      this.#working = placements[0]!.instance
      yield this.#working.updateMany(placements.map(({ instance, props }) => ({ socket: instance, props })))
    }
  }

  /** A component that changed by itself; outer ones first, since they may update those inside them. */
  #nextDirty(): ComponentInstance | undefined {
    let next: ComponentInstance | undefined
    for (const instance of this.#changed) {
      if (instance.renderedIn === this.#message) continue
      if (next === undefined || instance.depth < next.depth) next = instance
    }
    return next
  }

  #paint(instance: ComponentInstance): void {
    this.#working = instance
    // Said twice in one message, the second word has to be the whole of it.
    if (instance.renderedIn === this.#message) instance.print = undefined
    const whole = instance.print === undefined
    this.#placing(instance, whole && instance.renderedIn > 0, () => this.#host.paint(instance))
    instance.renderedIn = this.#message
    instance.renderedWhole = whole
  }

  #placing<T>(placer: object, whole: boolean, render: () => T): T {
    const outer = [this.#placer, this.#whole] as const
    this.#placer = placer
    this.#whole = whole
    this.#render++
    try {
      return render()
    } finally {
      ;[this.#placer, this.#whole] = outer
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
    const gone = cids.filter((cid) => this.#byCid.get(cid)?.leaving === true)
    for (const cid of gone) {
      const instance = this.#byCid.get(cid)!
      this.#byCid.delete(cid)
      this.#changed.delete(instance)
      this.#cids.get(instance.kind)?.delete(instance.id)
      instance.end()
    }
    return gone
  }

  end(): void {
    for (const instance of this.#byCid.values()) instance.end()
  }
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
