import type { WireEvent } from '../protocol/keys.ts'
import type { Rendered } from '../template/rendered.ts'
import type { ErrorContext } from './host.ts'

/** What the views of a development server do beside. In production there is none of it. */
export interface Development {
  /** Looks for likely mistakes in what a part renders. */
  checkRender(rendered: Rendered): void
  /** The event that shows the page what ended a view of its. `joining`: the view never began. */
  crashed(error: unknown, context: ErrorContext, joining: boolean): WireEvent
  /** The event that tells the page which server it has joined. */
  joined(view: string, staticChanged: boolean): WireEvent
}
