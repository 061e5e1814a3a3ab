import type { UploadConfig } from '../upload/entry.ts'
import type { ComponentSlot } from './component-slot.ts'
import type { LiveComponent, LiveView } from './definitions.ts'
import type { Flash } from './flash.ts'
import type { NestedView, NestedViewOptions } from './nested.ts'

/** What a render knows beside the context. */
export interface RenderMeta<UploadName extends string = string> {
  /** The allowed uploads by name. */
  readonly uploads: Readonly<Record<UploadName, UploadConfig>>
  /** For a form that is submitted over HTTP: the value of its hidden field `_csrf_token`. */
  readonly csrfToken: string
  /**
   * A path of this site as the browser has it: with the `basePath` of the server. For what is no link of ours: `<img src>`, a form's
   * `action`, an `<a href>` of your own. `new URL(path('/albums'), url)` is the whole address.
   *
   * @throws {LiveError} `ERR_NAVIGATION` for anything but a path.
   */
  readonly path: (path: string) => string
  /** Where the page is. Of a nested view, where the page was when it began. */
  readonly url: URL
  /** The `action` of the route that leads to the page's view. Of a nested view `undefined`. */
  readonly action: string | undefined
  /** The messages of `putFlash`, by kind. */
  readonly flash: Flash
  /** False while the page is first rendered over HTTP. */
  readonly connected: boolean
  /** The page's language, as `<html lang>` has it. */
  readonly lang: string
  /** For the `nonce` of a script or style, as the page's Content-Security-Policy names it. */
  readonly nonce: string
  /** Places a live component; `id` tells it from others of its kind in this view. */
  live_component<Props>(component: LiveComponent<Props>, props: Props & { readonly id: string | number }): ComponentSlot
  /** Places a view inside this one, with a life of its own. */
  live_view(view: LiveView, options: NestedViewOptions): NestedView
}
