import { runtimeHook } from '../protocol/runtime-hook.ts'

/** The official client's option `dom`, as far as it matters here. */
export interface DomCallbacks {
  readonly onBeforeElUpdated?: ((from: Element, to: Element) => void) | undefined
  readonly onNodeAdded?: ((node: Node) => void) | undefined
  readonly onPatchEnd?: ((container: HTMLElement) => void) | undefined
  readonly [callback: string]: unknown
}

/**
 * The official client runs the script of a hook that comes onto the page. When a join makes the script of one hook into that of
 * another (the server was started with a changed source, say), the element stays, and the browser does not run its new text: so it
 * is run here, before the elements that use it get their hooks.
 */
export function runChangedHooks({ onBeforeElUpdated, ...others }: DomCallbacks = {}): DomCallbacks {
  return {
    ...others,
    onBeforeElUpdated(from, to) {
      const { attribute } = runtimeHook
      if (to instanceof HTMLScriptElement && to.hasAttribute(attribute)) {
        if (from.getAttribute(attribute) !== to.getAttribute(attribute)) run(to, (from as HTMLScriptElement).nonce)
      }
      onBeforeElUpdated?.(from, to)
    },
  }
}

function run({ textContent }: HTMLScriptElement, nonce: string): void {
  const script = document.createElement('script')
  script.nonce = nonce
  script.textContent = textContent
  document.head.append(script)
  script.remove()
}
