import { describe, LiveError } from '../errors.ts'
import { Embedded } from '../template/embedded.ts'
import type { LiveComponent } from './definitions.ts'

/** A live component in a template. Made by `meta.live_component`. */
export class ComponentSlot extends Embedded {
  readonly component: LiveComponent<never>
  readonly id: string | number
  readonly props: Readonly<Record<string, unknown>>

  constructor(component: LiveComponent<never>, props: Readonly<Record<string, unknown>>) {
    super()
    const { id } = props
    if (typeof (component?.component as { readonly render?: unknown } | undefined)?.render !== 'function') {
      throw new LiveError(
        'ERR_COMPONENT',
        `live_component: expected a component of createLiveComponent, got ${describe(component)}`,
      )
    }
    if (typeof id !== 'string' && typeof id !== 'number') {
      throw new LiveError('ERR_COMPONENT', `live_component: expected an id (text or a number), got ${describe(id)}`)
    }
    this.component = component
    this.id = id
    this.props = props
  }

  get label(): string {
    return `the live component with the id ${describe(this.id)}`
  }
}
