import { runtimeHook } from '../protocol/runtime-hook.ts'

/** The official client's option `dom`, as far as it matters here. */
export interface DomCallbacks {
  readonly onBeforeElUpdated?: ((from: Element, to: Element) => void) | undefined
  readonly onNodeAdded?: ((node: Node) => void) | undefined
  readonly onPatchStart?: ((container: HTMLElement) => void) | undefined
  readonly onPatchEnd?: ((container: HTMLElement) => void) | undefined
  readonly [callback: string]: unknown
}

const { attribute, global } = runtimeHook
/** The client marks the element that it takes out of a portal. */
const teleported = 'data-phx-teleported'

/**
 * The official client runs the script of a hook that comes onto the page. What it does not run is run here, before the elements that
 * use it get their hooks:
 *
 * - When a join makes the script of one hook into that of another (the server was started with a changed source, say), the element
 *   stays, and the browser does not run its new text.
 * - The script in a portal is run without its nonce, since the client does not find it in there: a Content-Security-Policy refuses it.
 */
export function runOtherHooks({ onBeforeElUpdated, ...others }: DomCallbacks = {}): DomCallbacks {
  return {
    ...others,
    onBeforeElUpdated(from, to) {
      if (to instanceof HTMLScriptElement && to.hasAttribute(attribute)) define(to)
      if (to.hasAttribute(teleported)) {
        for (const script of to.querySelectorAll<HTMLScriptElement>(`script[${attribute}]`)) {
          define(script)
          // Then the copy that the client makes is text to the browser: nothing to run, and nothing to refuse.
          script.type = 'text/plain'
        }
      }
      onBeforeElUpdated?.(from, to)
    },
  }
}

/** Runs the script of a hook, unless the page has it. Another source has another name. */
function define(hook: HTMLScriptElement): void {
  const name = `${global}${hook.getAttribute(attribute)}`
  if (typeof (window as unknown as Readonly<Record<string, unknown>>)[name] === 'function') return
  const script = document.createElement('script')
  script.nonce = hook.nonce
  script.textContent = hook.textContent
  document.head.append(script)
  script.remove()
}
