/** A view on its page: renders it and its components, and says what changed since the page was last sent something. */
import { diffComponent, diffTree, renderComponent, renderTree, type StaticsSource } from '../diff/diff.ts'
import type { StructPrint } from '../diff/print.ts'
import { cidsIn, holds, reach } from '../diff/reach.ts'
import type { WireMessage, WireStruct } from '../protocol/keys.ts'
import { type Fields, measured } from '../telemetry/measure.ts'
import type { Template } from '../template/parse.ts'
import type { Rendered } from '../template/rendered.ts'
import { ComponentInstance, type ComponentPlace } from '../live/component-instance.ts'
import { Components, type ComponentsHost } from './components.ts'
import type { Stage } from '../live/host.ts'
import type { ViewInstance } from '../live/instance.ts'
import type { NestedView } from '../live/nested.ts'
import type { Steps } from '../live/steps.ts'

const none: ReadonlySet<number> = new Set()

type Changes = Record<number, WireStruct>

export class LivePage implements ComponentsHost {
  readonly page: ViewInstance
  readonly owner: ComponentPlace['owner']
  readonly components: Components
  readonly #nest: (nested: NestedView) => Rendered
  #print: StructPrint | undefined
  /** The components of the message that is made. */
  #changes: Changes | undefined
  /** Those of them that the page had before. */
  readonly #known = new Set<ComponentInstance>()
  #later: WireMessage[] | undefined
  /** By template, a component that others of the same template may copy the statics of. */
  readonly #sources = new Map<Template, ComponentInstance>()
  /** Rendered in the message that is made, though the page had it before: not to be copied from in this one. */
  readonly #changed = new Set<ComponentInstance>()
  /** Whether others may copy from what they might, in this message. */
  readonly #checked = new Map<ComponentInstance, boolean>()
  /** What stands in the prints that were asked for it; {@link none} in those that were asked once. */
  readonly #asked = new Map<StructPrint, ReadonlySet<number>>()
  /** All that were rendered in it. */
  readonly #painted = new Set<ComponentInstance>()
  /** How many those were. */
  #rendered = 0

  /** `components`: those of the page that the view was on before. */
  constructor(view: ViewInstance, nest: (nested: NestedView) => Rendered, components?: Components) {
    this.page = view
    this.owner = view.owner
    this.#nest = nest
    components?.moveTo(this)
    this.components = components ?? new Components(this)
  }

  get dirty(): boolean {
    return this.page.dirty || this.components.dirty
  }

  /** The whole page: what a join is answered with. */
  whole(atStage: (stage: Stage) => void): Steps<WireMessage> {
    this.#rendered = 0
    return measured('diff', () => this.#fields(), this.#whole(atStage))
  }

  /** The same for a page that has had it before, and forgets all of it. */
  again(atStage: (stage: Stage) => void): Steps<WireMessage> {
    this.forget()
    return this.whole(atStage)
  }

  /** What the page was sent is not known any more. */
  forget(): void {
    this.#print = undefined
    this.#changes = this.#later = undefined
    for (const kept of [this.#sources, this.#known, this.#changed, this.#checked, this.#asked, this.#painted])
      kept.clear()
    this.components.forgetPage()
  }

  *#whole(atStage: (stage: Stage) => void): Steps<WireMessage> {
    this.components.begin()
    const { print, tree } = this.components.renderView(true, () => {
      return this.page.render((rendered) => renderTree(rendered, this.components))
    })
    this.#print = print
    if (this.components.size > 0) return (yield* this.#withComponents(tree, atStage))!
    this.page.sent()
    return tree
  }

  /** What changed since; `undefined` when nothing did. */
  changes(atStage: (stage: Stage) => void): Steps<WireMessage | undefined> {
    this.#rendered = 0
    return measured('diff', () => this.#fields(), this.#changesSince(atStage))
  }

  #fields(): Fields<'diff'> {
    const { view, id } = this.owner.place
    return { view, id, components: this.#rendered }
  }

  *#changesSince(atStage: (stage: Stage) => void): Steps<WireMessage | undefined> {
    this.components.begin()
    let diff: WireMessage | undefined
    if (this.page.dirty) {
      diff = this.page.render((rendered) => {
        const before = this.#print!
        const whole = before.template !== rendered.template
        const update = this.components.renderView(whole, () => diffTree(before, rendered, this.components))
        this.#print = update.print
        if (whole) this.#sources.clear()
        return update.diff
      })
    }
    if (this.components.size > 0) return yield* this.#withComponents(diff, atStage)
    this.page.sent()
    return diff
  }

  *#withComponents(message: WireMessage | undefined, atStage: (stage: Stage) => void): Steps<WireMessage | undefined> {
    this.#changes = undefined
    atStage('component')
    yield* this.components.settle()
    this.#rendered = this.#painted.size
    this.page.sent()
    for (const component of this.#painted) component.sent()
    this.#painted.clear()
    this.#changed.clear()
    this.#checked.clear()
    this.#asked.clear()
    const changes = this.#changes
    if (changes === undefined) return message
    // One that goes from one component to another is found there only when the whole view is patched: with a key that says nothing.
    if (message === undefined && this.components.moved) message = { p: {} }
    if (this.#known.size > 0) this.#lead(message, changes)
    const whole: WireMessage = message ?? {}
    whole.c = changes
    return whole
  }

  /** Messages that must follow the one that was made, each by itself. */
  takeLater(): readonly WireMessage[] {
    const later = this.#later ?? []
    this.#later = undefined
    return later
  }

  /**
   * Leads the client to every change. It patches the whole view, but for components that the message does not speak of; or, when
   * only components changed, the outermost of them. What it would not come by is left for a message of its own: the item of a stream,
   * which it does not keep in its tree.
   */
  #lead(message: WireMessage | undefined, changes: Changes): void {
    const known = [...this.#known]
    this.#known.clear()
    if (message === undefined && Object.keys(changes).length === 1) return
    const cids = withPlacers(known)
    const reached = new Set<number>()
    const found = (cid: number): void => {
      if (reached.has(cid)) return
      reached.add(cid)
      const { print } = this.components.get(cid)!
      const said = print && reach(print, changes[cid], sought)
      if (said !== undefined) changes[cid] = said
      else if (message !== undefined) changes[cid] = {}
    }
    const sought = { cids, found }
    if (message === undefined) {
      for (const instance of known) if (!placersOf(instance).some(({ cid }) => cid in changes)) found(instance.cid)
    } else reach(this.#print!, message as WireStruct, sought)
    const left = known.filter((instance) => {
      for (;;) {
        const around = [instance, ...placersOf(instance)]
        const nearest = around.findIndex(({ cid }) => reached.has(cid))
        if (nearest === 0) return false
        // Placed by what this message says, and not in what the page keeps: an item of a stream that the message has.
        const outermost = around.at(nearest < 0 ? -1 : nearest - 1)!
        if (outermost.placedIn !== this.components.message) return true
        found(outermost.cid)
      }
    })
    if (left.length === 0) return
    const c: Changes = {}
    for (const instance of left) {
      c[instance.cid] = changes[instance.cid]!
      delete changes[instance.cid]
      this.#known.add(instance)
    }
    this.#later ??= []
    this.#later.push({ c })
    this.#lead(undefined, c)
  }

  /** The page announces what it is about to forget. What it has been told of again meanwhile, it keeps. */
  announceLeaving(cids: readonly number[]): void {
    const instances = cids.map((cid) => this.components.get(cid)).filter((instance) => instance !== undefined)
    const shown = new Set<number>()
    const found = (cid: number): void => {
      if (shown.has(cid)) return
      shown.add(cid)
      const { print } = this.components.get(cid)!
      if (print !== undefined) reach(print, undefined, sought)
    }
    const sought = { cids: withPlacers(instances), found }
    if (this.#print !== undefined) reach(this.#print, undefined, sought)
    this.components.announceLeaving(cids.filter((cid) => !shown.has(cid)))
  }

  // What the components ask for.

  nest(nested: NestedView): Rendered {
    return this.#nest(nested)
  }

  placedIn(placer: ComponentInstance | undefined): Iterable<number> {
    const print = placer === undefined ? this.#print : placer.print
    return print === undefined ? [] : cidsIn(print)
  }

  shows(component: ComponentInstance): boolean {
    for (const one of [component, ...placersOf(component)]) {
      const placer = one.placedBy
      const print = placer instanceof ComponentInstance ? placer.print : this.#print
      if (!one.item && print !== undefined && !this.#holds(print, one.cid)) return false
    }
    return true
  }

  surelyShows(component: ComponentInstance): boolean {
    return (
      !component.leaving && [component, ...placersOf(component)].every(({ item }) => !item) && this.shows(component)
    )
  }

  /** Looks for the first one that is asked for, and for more of the same print in what stands in it. */
  #holds(print: StructPrint, cid: number): boolean {
    const known = this.#asked.get(print)
    if (known === undefined) {
      this.#asked.set(print, none)
      return holds(print, cid)
    }
    if (known !== none) return known.has(cid)
    const cids = new Set(cidsIn(print))
    this.#asked.set(print, cids)
    return cids.has(cid)
  }

  paint(component: ComponentInstance): void {
    this.#painted.add(component)
    component.render((rendered) => {
      const { print } = component
      if (print === undefined) {
        const full = renderComponent(rendered, this.components, this.#sourceFor(component, rendered.template))
        component.print = full.print
        this.#put(component, full.tree)
        this.#offer(component, rendered.template)
        return
      }
      this.#asked.delete(print)
      const update = diffComponent(print, rendered, this.components)
      component.print = update.print
      if (update.diff !== undefined) {
        this.#put(component, update.diff)
        this.#changed.add(component)
      }
    })
  }

  #put(component: ComponentInstance, tree: WireStruct): void {
    this.#changes ??= {}
    this.#changes[component.cid] = tree
    if (component.renderedIn > 0) this.#known.add(component)
  }

  #sourceFor(component: ComponentInstance, template: Template): StaticsSource | undefined {
    const source = this.#sources.get(template)
    if (source === undefined || source === component || source.print?.template !== template) return undefined
    // One that the page knows may have to wait for a message of its own, and its copies with it.
    if (component.renderedIn > 0) return undefined
    // One that the page is about to forget, or that says something else in this message, is none.
    if (source.leaving || source.ended || this.#changed.has(source) || this.#known.has(source)) return undefined
    const isNew = source.renderedIn === this.components.message && source.renderedWhole
    if (!isNew && !this.#staysShown(source)) return undefined
    return { cid: isNew ? source.cid : -source.cid, print: source.print }
  }

  /**
   * Whether the page has it, and had it before this message. The client marks the tree of one that has left, and copies the mark; a
   * copy with it loses its elements later.
   */
  #staysShown(source: ComponentInstance): boolean {
    let stays = this.#checked.get(source)
    if (stays === undefined) {
      const { message } = this.components
      const around = [source, ...placersOf(source)]
      stays = around.every((one) => !one.item && (one.placedIn === message ? one.steady : this.shows(one)))
      this.#checked.set(source, stays)
    }
    return stays
  }

  #offer(component: ComponentInstance, template: Template): void {
    const known = this.#sources.get(template)
    const usable = known !== undefined && !known.ended && !known.leaving && known.print?.template === template
    if (!usable || this.#checked.get(known) === false) this.#sources.set(template, component)
  }
}

/** The components around one, from the inside out. */
function placersOf(instance: ComponentInstance): readonly ComponentInstance[] {
  const placers: ComponentInstance[] = []
  for (let placer = instance.placedBy; placer instanceof ComponentInstance; placer = placer.placedBy) {
    placers.push(placer)
  }
  return placers
}

/** The numbers of components and of all around them. */
function withPlacers(instances: readonly ComponentInstance[]): ReadonlySet<number> {
  const cids = new Set<number>()
  for (const instance of instances) {
    let around: object | undefined = instance
    while (around instanceof ComponentInstance && !cids.has(around.cid)) {
      cids.add(around.cid)
      around = around.placedBy
    }
  }
  return cids
}
