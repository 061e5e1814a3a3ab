import type { LiveSocket } from 'phoenix_live_view'
import type { DomCallbacks } from './runtime-hooks.ts'

/** What of the official client's view matters here. */
interface View {
  readonly formSubmits: readonly (readonly [form: HTMLFormElement, ...rest: unknown[]])[]
  triggerAwaitingSubmit(form: HTMLFormElement): void
  cancelSubmit(form: HTMLFormElement): void
}

/** The official client keeps here what a locked element will be when it is unlocked. */
const lock = 'data-phx-ref-lock'

/**
 * A submit that waits for files is released by whoever sends them. Where the input has left the page meanwhile, and come back as
 * another, that is nobody: the form would wait for ever. So it is released here when the page says that its files are there.
 */
export function releaseSubmits(dom: DomCallbacks, liveSocket: () => LiveSocket): DomCallbacks {
  return {
    ...dom,
    onPatchEnd(container) {
      dom.onPatchEnd?.(container)
      liveSocket().owner(container, (view: View) => {
        // Behind whoever sent them.
        if (view.formSubmits.length > 0) setTimeout(() => release(view))
      })
    },
  }
}

function release(view: View): void {
  for (const [form] of view.formSubmits) {
    const inputs = [...form.elements].filter((element) => element.hasAttribute('data-phx-upload-ref')).map(unlocked)
    const refs = (input: Element, which: string): string => input.getAttribute(`data-phx-${which}-refs`) ?? ''
    if (inputs.some((input) => refs(input, 'preflighted') !== refs(input, 'done'))) continue
    const nothing = inputs.every((input) => refs(input, 'preflighted') === '')
    if (nothing || inputs.some((input) => refs(input, 'error') !== '')) view.cancelSubmit(form)
    else view.triggerAwaitingSubmit(form)
  }
}

function unlocked(element: Element): Element {
  const { phxPrivate } = element as Element & { readonly phxPrivate?: Readonly<Record<string, unknown>> }
  const waiting = phxPrivate?.[lock]
  return waiting instanceof Element ? waiting : element
}
