/** A view on its page: renders it and its components, and says what changed since the page was last sent something. */
import { diffComponent, diffTree, renderComponent, renderTree, type StaticsSource } from '../diff/diff.ts'
import type { StructPrint } from '../diff/print.ts'
import type { WireMessage, WireStruct } from '../protocol/keys.ts'
import { type Fields, measured } from '../telemetry/measure.ts'
import type { Template } from '../template/parse.ts'
import type { Rendered } from '../template/rendered.ts'
import type { ComponentInstance, ComponentPlace } from './component-instance.ts'
import { Components, type ComponentsHost } from './components.ts'
import type { Stage } from './host.ts'
import type { ViewInstance } from './instance.ts'
import type { NestedView } from './nested.ts'
import type { Steps } from './steps.ts'

export class LivePage implements ComponentsHost {
  readonly page: ViewInstance
  readonly owner: ComponentPlace['owner']
  readonly components: Components
  readonly #nest: (nested: NestedView) => Rendered
  #print: StructPrint | undefined
  /** The components of the message that is made. */
  #changes: Record<number, WireStruct> | undefined
  /** By template, a component that others of the same template may copy the statics of. */
  readonly #sources = new Map<Template, ComponentInstance>()
  /** Rendered in the message that is made, though the page had it before: not to be copied from in this one. */
  readonly #changed = new Set<ComponentInstance>()
  /** All that were rendered in it. */
  readonly #painted = new Set<ComponentInstance>()
  /** How many those were. */
  #rendered = 0

  constructor(view: ViewInstance, nest: (nested: NestedView) => Rendered) {
    this.page = view
    this.owner = view.owner
    this.#nest = nest
    this.components = new Components(this)
  }

  get dirty(): boolean {
    return this.page.dirty || this.components.dirty
  }

  /** The whole page: what a join is answered with. */
  whole(atStage: (stage: Stage) => void): Steps<WireMessage> {
    return measured('render', () => this.#fields(), this.#whole(atStage))
  }

  *#whole(atStage: (stage: Stage) => void): Steps<WireMessage> {
    this.components.begin()
    const { print, tree } = this.components.renderView(true, () => {
      return this.page.render((rendered) => renderTree(rendered, this.components))
    })
    this.#print = print
    return (yield* this.#withComponents(tree, atStage))!
  }

  /** What changed since; `undefined` when nothing did. */
  changes(atStage: (stage: Stage) => void): Steps<WireMessage | undefined> {
    return measured('render', () => this.#fields(), this.#changesSince(atStage))
  }

  #fields(): Fields<'render'> {
    return { ...this.owner.place, connected: true, components: this.#rendered }
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
    return yield* this.#withComponents(diff, atStage)
  }

  *#withComponents(message: WireMessage | undefined, atStage: (stage: Stage) => void): Steps<WireMessage | undefined> {
    this.#changes = undefined
    if (this.components.size > 0) {
      atStage('component')
      yield* this.components.settle()
    }
    this.#rendered = this.#painted.size
    this.page.sent()
    for (const component of this.#painted) component.sent()
    this.#painted.clear()
    this.#changed.clear()
    if (this.#changes === undefined) return message
    const whole: WireMessage = message ?? {}
    whole.c = this.#changes
    return whole
  }

  // What the components ask for.

  nest(nested: NestedView): Rendered {
    return this.#nest(nested)
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
      const update = diffComponent(print, rendered, this.components)
      component.print = update.print
      if (update.diff !== undefined) {
        this.#put(component, update.diff)
        this.#changed.add(component)
      }
    })
  }

  #put({ cid }: ComponentInstance, tree: WireStruct): void {
    this.#changes ??= {}
    this.#changes[cid] = tree
  }

  #sourceFor(component: ComponentInstance, template: Template): StaticsSource | undefined {
    const source = this.#sources.get(template)
    if (source === undefined || source === component || source.print?.template !== template) return undefined
    // One that the page is about to forget, or that says something else in this message, is none.
    if (source.leaving || source.ended || this.#changed.has(source)) return undefined
    const isNew = source.renderedIn === this.components.message && source.renderedWhole
    if (!isNew && source.renderedIn === this.components.message) return undefined
    return { cid: isNew ? source.cid : -source.cid, print: source.print }
  }

  #offer(component: ComponentInstance, template: Template): void {
    const known = this.#sources.get(template)
    const usable = known !== undefined && !known.ended && !known.leaving && known.print?.template === template
    if (!usable) this.#sources.set(template, component)
  }
}
