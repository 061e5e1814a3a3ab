import { formTokenField } from '../protocol/form-token.ts'
import { submitAgain } from './held-submits.ts'

/** How long a form waits for its view that could also go without it, in ms: as long as the client tries the socket, and then long polling. */
const patience = 10_000

interface Held {
  readonly submitter: HTMLElement | null
  readonly timer: ReturnType<typeof setTimeout> | undefined
}

/**
 * A form that is submitted before its view is there waits for it: the official client would take the submit, and drop it. Only what is
 * submitted once the script runs; before that the browser submits forms by itself. One with `live_form_fields` is let go to the server that
 * way too, when the view does not come.
 */
export function holdEarlySubmits(isJoined: (view: Element) => boolean): { release(view: Element): void } {
  const held = new Map<HTMLFormElement, Held>()
  /** Those that the browser is to submit. */
  const going = new WeakSet<HTMLFormElement>()
  const go = (form: HTMLFormElement): void => {
    const submitter = held.get(form)?.submitter ?? null
    held.delete(form)
    if (!form.isConnected) return
    going.add(form)
    submitAgain(form, submitter)
    going.delete(form)
  }
  addEventListener(
    'submit',
    (event) => {
      const form = event.target
      if (!(form instanceof HTMLFormElement) || !form.hasAttribute('phx-submit')) return
      const view = viewOf(form)
      if (view === null || isJoined(view)) return
      event.stopImmediatePropagation()
      if (going.has(form)) return
      event.preventDefault()
      clearTimeout(held.get(form)?.timer)
      const timer = goesAlone(form) ? setTimeout(() => go(form), patience) : undefined
      held.set(form, { submitter: event.submitter, timer })
    },
    true,
  )
  return {
    release(view) {
      for (const [form, { submitter, timer }] of held) {
        if (form.isConnected && viewOf(form) !== view) continue
        clearTimeout(timer)
        held.delete(form)
        if (form.isConnected) submitAgain(form, submitter)
      }
    },
  }
}

function goesAlone(form: HTMLFormElement): boolean {
  return form.method === 'post' && form.elements.namedItem(formTokenField) !== null
}

function viewOf(form: Element): Element | null {
  return form.closest('[data-phx-session]')
}
