import { describe, LiveError } from '../errors.ts'
import { Embedded } from '../template/embedded.ts'
import { type Container, type ContainerOptions, mergeContainers, resolveContainer } from './container.ts'
import type { LiveView, SessionData } from './definitions.ts'

/** How a view is placed inside another. */
export interface NestedViewOptions {
  /** Its DOM id: unique in the page, the same in each render, without spaces and quotes. */
  readonly id: string
  /** Given to its `mount` over the data of the HTTP session. Signed into the page, not encrypted. @default {} */
  readonly session?: SessionData | undefined
  /**
   * Keeps it running while the user navigates between the pages that show it. The view must have a `sticky` name.
   * @default false
   */
  readonly sticky?: boolean | undefined
  /** The element around it: a tag, and attributes. Goes over what the view says itself. @default what the view says */
  readonly container?: ContainerOptions | undefined
}

/** The client looks for elements by their ids, in selectors and in HTML. */
export function isDomId(id: string): boolean {
  return /^[^\s"'<>\\]+$/.test(id)
}

/** A view in another one's template. Made by `meta.live_view`. */
export class NestedView extends Embedded {
  readonly view: LiveView
  readonly options: NestedViewOptions
  readonly container: Container

  constructor(view: LiveView, options: NestedViewOptions) {
    super()
    if (typeof (view?.callbacks as { readonly render?: unknown } | undefined)?.render !== 'function') {
      throw new LiveError('ERR_VIEW', `live_view: expected a view of createLiveView, got ${describe(view)}`)
    }
    if (typeof options?.id !== 'string' || !isDomId(options.id)) {
      throw new LiveError(
        'ERR_VIEW',
        `live_view: expected an id without spaces and quotes, got ${describe(options?.id)}`,
      )
    }
    this.view = view
    this.options = options
    const { container } = options
    const fail = (message: string): LiveError => new LiveError('ERR_VIEW', `live_view('${options.id}'): ${message}`)
    this.container = mergeContainers(view.container, resolveContainer(container, fail))
  }

  get label(): string {
    return `the nested view with the id ${describe(this.options.id)}`
  }
}
