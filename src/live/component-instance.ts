/** One live component on a page: its state, and what the page was last sent of it. */
import type { StructPrint } from '../diff/print.ts'
import { LiveError } from '../errors.ts'
import { renderable } from '../protocol/renderable.ts'
import { type Fields, measuredCall } from '../telemetry/measure.ts'
import type { Rendered } from '../template/rendered.ts'
import type { AsyncOutcome } from './async.ts'
import type { LiveComponentCallbacks } from './component.ts'
import { componentLabel, type ComponentSlot } from './component-slot.ts'
import type { LiveComponent } from './definitions.ts'
import type { Hooked } from './hooks.ts'
import { Meta, type PageFacts } from './meta.ts'
import { Part } from './part.ts'
import type { EventHandlers } from './part-life.ts'
import type { PartOwner } from './part-owner.ts'
import type { LiveComponentSocket, Myself } from './socket.ts'

type Props = Readonly<Record<string, unknown>>
type Callbacks = LiveComponentCallbacks<object, { type: string }, Props>

/** The page that a component is on. */
export interface ComponentPlace {
  readonly page: PageFacts & { readonly pageId: string; readonly dirty: boolean; forgets: boolean; markChanged(): void }
  readonly owner: PartOwner
}

export class ComponentInstance extends Part implements LiveComponentSocket<object> {
  readonly kind: LiveComponent<never>
  readonly id: string | number
  readonly cid: number
  readonly pageId: string
  readonly #callbacks: Callbacks
  readonly #page: ComponentPlace['page']

  /** What the page has of it; `undefined` when it has to be sent whole. */
  print: StructPrint | undefined
  /** What it was last placed with. */
  props: Props
  /** How deep it is nested. */
  depth: number
  /** The message that it was last placed in, by whom, and the render of its. */
  placedIn = 0
  placedBy: object | undefined
  placedOnce = 0
  /** The message that it was last rendered in, and whether as new to the page. */
  renderedIn = 0
  renderedWhole = false
  /** The page has announced that it will forget it. */
  leaving = false
  /** It is where it was in the render before. */
  steady = false
  /** Its own last render. */
  lastRender = 0
  /** It was last placed in an item of a stream. */
  item = false

  readonly #changed: Set<ComponentInstance>
  /** What its last render took of the page. */
  #seen: Pick<PageFacts, 'url' | 'flash'> | undefined

  /** `changed`: where it enters itself when it has to be rendered again. */
  constructor(
    slot: ComponentSlot,
    cid: number,
    depth: number,
    { page, owner }: ComponentPlace,
    changed: Set<ComponentInstance>,
  ) {
    super(owner)
    this.#changed = changed
    this.kind = slot.component
    this.#callbacks = slot.component.component as Callbacks
    this.id = slot.id
    this.props = slot.props
    this.cid = cid
    this.depth = depth
    this.pageId = page.pageId
    this.#page = page
  }

  override get dirty(): boolean {
    return super.dirty
  }

  override set dirty(dirty: boolean) {
    super.dirty = dirty
    // One that has left the page is never rendered again.
    if (dirty && !this.ended) this.#changed.add(this)
    else this.#changed.delete(this)
  }

  override get componentId(): string | number {
    return this.id
  }

  protected override get streamPrefix(): string {
    return `${this.cid}-`
  }

  protected override get isView(): boolean {
    return false
  }

  protected override get hooked(): Hooked {
    return 'component'
  }

  protected override get handleAsync():
    | ((socket: never, name: string, outcome: AsyncOutcome) => void | Promise<void>)
    | undefined {
    return this.#callbacks.handleAsync as never
  }

  get myself(): Myself {
    return new Target(this.cid)
  }

  get label(): string {
    return componentLabel(this.id)
  }

  mount(): void | Promise<void> {
    const { mount } = this.#callbacks
    if (mount === undefined) return
    const fields = (): Fields<'mount'> => ({ ...this.place, connected: this.owner.connected })
    return measuredCall('mount', fields, () => mount.call(this.#callbacks, this))
  }

  get updatesMany(): boolean {
    return this.#callbacks.updateMany !== undefined
  }

  /** Updates all components of its kind that one render places, itself included. */
  updateMany(updates: readonly { readonly socket: ComponentInstance; readonly props: Props }[]): void | Promise<void> {
    return measuredCall(
      'update',
      () => this.#update(updates.length),
      () => this.#callbacks.updateMany!(updates),
    )
  }

  #update(count: number): Fields<'update'> {
    return { ...this.place, connected: this.owner.connected, count }
  }

  update(props: Props): void | Promise<void> {
    const { updateMany, update } = this.#callbacks
    if (updateMany !== undefined) return this.updateMany([{ socket: this, props }])
    if (update === undefined) return this.assign(props)
    return measuredCall(
      'update',
      () => this.#update(1),
      () => update.call(this.#callbacks, this, props),
    )
  }

  // The messages are the page's: also the view shows them.

  override putFlash(kind: string, message: string): void {
    super.putFlash(kind, message)
    this.#page.markChanged()
  }

  override clearFlash(kind?: string): void {
    super.clearFlash(kind)
    this.#page.markChanged()
  }

  protected override get handlers(): EventHandlers {
    return this.#callbacks as unknown as EventHandlers
  }

  protected override unhandled(type: string): string {
    return `the page sent the event ${type} to ${this.label}, which has no handleEvent`
  }

  /** Whether it shows what is the page's. */
  get showsPage(): boolean {
    return this.#seen !== undefined
  }

  /** Whether it shows of the page what is not so any more. */
  get outdated(): boolean {
    const { url, flash } = this.#page
    return this.#seen !== undefined && (this.#seen.url !== url || this.#seen.flash !== flash)
  }

  render<T>(print: (rendered: Rendered) => T): T {
    const { url, flash } = this.#page
    const meta = new Meta(this.uploadConfigs, this.#page, this.myself, this)
    const printed = this.renderWith(
      () => this.#callbacks.render(this.context, meta),
      `render of ${this.label}`,
      (rendered) => {
        this.#assertOneElement(rendered)
        return print(rendered)
      },
    )
    this.#seen = meta.readsPage ? { url, flash } : undefined
    return printed
  }

  #assertOneElement({ template }: Rendered): void {
    if (template.root) return
    throw new LiveError(
      'ERR_COMPONENT',
      `${this.label} must render one element with nothing beside it: no text, no value, no second element. ` +
        `It renders \`${template.strings.join('${…}').trim().slice(0, 60)}…\``,
    )
  }
}

class Target implements Myself {
  readonly #cid: number

  constructor(cid: number) {
    this.#cid = cid
  }

  [renderable](): string {
    return String(this.#cid)
  }

  toString(): string {
    return String(this.#cid)
  }
}
