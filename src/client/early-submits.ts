/**
 * A form that is submitted before its view is there waits for it: the official client would take the submit, and drop it. Only what is
 * submitted once the script runs; before that the browser submits forms by itself.
 */
export function holdEarlySubmits(isJoined: (view: Element) => boolean): { release(view: Element): void } {
  const held = new Map<HTMLFormElement, HTMLElement | null>()
  addEventListener(
    'submit',
    (event) => {
      const form = event.target
      if (!(form instanceof HTMLFormElement) || !form.hasAttribute('phx-submit')) return
      const view = viewOf(form)
      if (view === null || isJoined(view)) return
      event.preventDefault()
      event.stopImmediatePropagation()
      held.set(form, event.submitter)
    },
    true,
  )
  return {
    release(view) {
      for (const [form, submitter] of held) {
        if (form.isConnected && viewOf(form) !== view) continue
        held.delete(form)
        if (form.isConnected) form.requestSubmit(submitter?.isConnected === true ? submitter : null)
      }
    },
  }
}

function viewOf(form: Element): Element | null {
  return form.closest('[data-phx-session]')
}
