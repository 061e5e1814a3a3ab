import type { LiveSocket } from 'phoenix_live_view'
import type { DomCallbacks } from './runtime-hooks.ts'

const parentId = 'data-phx-parent-id'

/**
 * The official client ends a nested view whose element a patch removes, but not one inside an item of a stream, or inside a portal:
 * it lived on on the server, and its place stayed empty when it was placed again. Those are ended here, after the patch.
 */
export function endLeftViews(dom: DomCallbacks, liveSocket: () => LiveSocket): DomCallbacks {
  /** The elements of nested views that were in the document; `undefined` before the first patch. */
  let shown: Set<Element> | undefined
  return {
    ...dom,
    onNodeAdded(node) {
      if (node instanceof Element && node.hasAttribute(parentId)) shown?.add(node)
      dom.onNodeAdded?.(node)
    },
    onPatchEnd(container) {
      shown ??= new Set(document.querySelectorAll(`[${parentId}]`))
      for (const element of shown) {
        if (element.isConnected) continue
        shown.delete(element)
        // One that is elsewhere now is the client's own matter.
        if (document.getElementById(element.id) === null) liveSocket().destroyViewByEl(element)
      }
      dom.onPatchEnd?.(container)
    },
  }
}
