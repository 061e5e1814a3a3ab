import type { LiveSocket } from 'phoenix_live_view'
import type { Entry } from './upload-job.ts'
import type { DomCallbacks } from './runtime-hooks.ts'
import { refsOf, uploadRef } from './upload-inputs.ts'

/** What of the official client's view matters here. */
interface View {
  readonly formSubmits: readonly (readonly [form: HTMLFormElement, ...rest: unknown[]])[]
  triggerAwaitingSubmit(form: HTMLFormElement): void
  cancelSubmit(form: HTMLFormElement): void
}

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

/** The client has unlocked a form that still waits for its files, as its view was joined anew: what the user submits then would go without them. */
export function swallowSubmits(entries: () => Iterable<Pick<Entry, 'fileEl' | 'view'>>): void {
  addEventListener(
    'submit',
    (event) => {
      for (const { fileEl, view } of entries()) {
        const { form } = fileEl
        if (form === null || form !== event.target || view.getScheduledSubmit(form) === undefined) continue
        event.preventDefault()
        event.stopImmediatePropagation()
      }
    },
    true,
  )
}

function release(view: View): void {
  for (const [form] of view.formSubmits) {
    const inputs = [...form.elements].filter((element) => element.hasAttribute(uploadRef))
    if (inputs.some((input) => refsOf(input, 'preflighted') !== refsOf(input, 'done'))) continue
    const nothing = inputs.every((input) => refsOf(input, 'preflighted') === '')
    if (nothing || inputs.some((input) => refsOf(input, 'error') !== '')) view.cancelSubmit(form)
    else view.triggerAwaitingSubmit(form)
  }
}
