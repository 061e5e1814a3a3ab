import { describe, LiveError } from '../errors.ts'
import { Embedded } from '../template/embedded.ts'
import type { LiveComponent } from './definitions.ts'

type Props = Readonly<Record<string, unknown>>

/** A live component in a template. Made by `meta.live_component`. */
export class ComponentSlot extends Embedded {
  readonly component: LiveComponent<never>
  readonly id: string | number
  readonly props: Props

  constructor(component: LiveComponent<never>, props: Props) {
    super()
    this.component = component
    this.id = readComponentId('live_component', component, props)
    this.props = props
  }

  get label(): string {
    return componentLabel(this.id)
  }
}

/** What it is called in a message. */
export function componentLabel(id: string | number): string {
  return `the live component with the id ${describe(id)}`
}

/** The id of the component that is meant by `props`; `where` is the call that a mistake is told of. */
export function readComponentId(where: string, component: LiveComponent<never>, { id }: Props): string | number {
  if (typeof (component?.component as { readonly render?: unknown } | undefined)?.render !== 'function') {
    throw new LiveError(
      'ERR_COMPONENT',
      `${where}: expected a component of createLiveComponent, got ${describe(component)}`,
    )
  }
  if (typeof id === 'string' || typeof id === 'number') return id
  throw new LiveError('ERR_COMPONENT', `${where}: expected an id (text or a number), got ${describe(id)}`)
}
