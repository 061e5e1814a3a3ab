import { pageEvents } from '../protocol/message.ts'
import type { DomCallbacks } from './runtime-hooks.ts'

/** What `socket.resetForm` sends: once ahead of the patch that belongs to it, once behind. */
interface ResetForm {
  readonly id: string
  readonly ahead?: boolean | undefined
}

/**
 * Empties a form to what the server renders: its fields, its files, and what the client notes of fields that were used. `reset()` of
 * the browser does it, and tells everybody who has to know.
 */
export function resetForms(dom: DomCallbacks): DomCallbacks {
  /** Forms that are reset when their patch is through. */
  const awaited = new Set<string>()
  addEventListener(`phx:${pageEvents.resetForm}`, (event) => {
    const { id, ahead } = (event as CustomEvent<ResetForm>).detail
    if (ahead === true) return void awaited.add(id)
    awaited.delete(id)
    const form = document.getElementById(id)
    if (form instanceof HTMLFormElement) form.reset()
    else console.warn(`resetForm(${JSON.stringify(id)}): no form of the page has this id`)
  })
  return {
    ...dom,
    onBeforeElUpdated(from, to) {
      // The official client leaves the value of the field that has the focus alone: `reset()` would bring back an older one.
      if (from === document.activeElement && isTextField(from) && awaited.has(from.form?.id ?? '')) {
        if (isTextField(to)) from.defaultValue = to.defaultValue
      }
      dom.onBeforeElUpdated?.(from, to)
    },
  }
}

function isTextField(element: Element): element is HTMLInputElement | HTMLTextAreaElement {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
}
