import type { DomCallbacks } from './runtime-hooks.ts'
import { type Field, fieldsOf, hold, isChanged, placeOf, renderedOf } from './early-fields.ts'
import { holdEarlySubmits } from './early-submits.ts'
import { isUploadInput, markUsed } from './upload-inputs.ts'

/** The fields of one view that were changed before it was there. */
interface Early {
  readonly view: Element
  /** Each with what the server rendered for it at the join: what it renders anew is its answer, and stays. */
  fields: Map<Field, string>
  /** Puts the fields back behind the patch that runs. */
  putBack: () => void
  /** The forms that its view was told of; `undefined` until then. */
  told: readonly HTMLFormElement[] | undefined
}

/** The views that were joined once. */
const joined = new WeakSet<Element>()

/** Whether an element is of a view that has not come yet: what happens to it is kept for that, and nobody is told. */
export function isEarly(element: Element): boolean {
  const view = element.closest('[data-phx-session]')
  return view !== null && !joined.has(view)
}

/**
 * What is typed, chosen and ticked while the page is not connected yet stays. The first join's patch would bring each field back to
 * what the server rendered, as no event has told it of anything; so the fields are put back behind the patch, and the view is told of
 * each form as it is when a form is recovered after a reconnect.
 */
export function keepEarlyInput(dom: DomCallbacks): DomCallbacks {
  const open = new Set<Early>()
  const submits = holdEarlySubmits((view) => joined.has(view))
  return {
    ...dom,
    onPatchStart(container) {
      dom.onPatchStart?.(container)
      for (const early of open) early.putBack = heldAgain(early)
      if (isView(container) && !joined.has(container)) open.add(earlyOf(container))
    },
    onPatchEnd(container) {
      // Before others look at the fields.
      for (const early of open) early.putBack()
      dom.onPatchEnd?.(container)
      if (isView(container) && !joined.has(container)) {
        joined.add(container)
        const early = [...open].find(({ view }) => view === container)
        // Behind the join, which ends with this patch.
        queueMicrotask(() => {
          if (early !== undefined) early.told = tell([...early.fields.keys()])
          endAnswered(open)
          submits.release(container)
        })
      } else if (open.size > 0) {
        // An answer unlocks its form first, and is shown then.
        queueMicrotask(() => endAnswered(open))
      }
    },
  }
}

function isView(element: Element): boolean {
  return element.hasAttribute('data-phx-session')
}

/** Those that were told and answered are ordinary fields from now on. */
function endAnswered(open: Set<Early>): void {
  for (const early of open) {
    if (early.told?.some(waits) === false) open.delete(early)
  }
}

function waits(form: HTMLFormElement): boolean {
  return form.isConnected && form.hasAttribute('data-phx-ref-lock')
}

function earlyOf(view: Element): Early {
  const changed = fieldsOf(view).filter(isChanged)
  const held = changed.map((field) => ({ find: placeOf(field, view), put: hold(field) }))
  const early: Early = {
    view,
    fields: new Map(),
    told: undefined,
    putBack() {
      for (const { find, put } of held) {
        const field = find(view)
        if (field === undefined) continue
        put(field)
        early.fields.set(field, renderedOf(field))
      }
    },
  }
  return early
}

function heldAgain({ fields }: Early): () => void {
  const held = [...fields].map(([field, rendered]) => ({ field, rendered, put: hold(field) }))
  return () => {
    for (const { field, rendered, put } of held) if (renderedOf(field) === rendered) put(field)
  }
}

const change = 'phx-change'
const autoRecover = 'phx-auto-recover'

/** Tells the views: one event for each form, and one for each field that has an event or files of its own. Gives the forms. */
function tell(fields: readonly Field[]): readonly HTMLFormElement[] {
  const lastOf = new Map<HTMLFormElement, Field>()
  for (const field of fields) markUsed(field)
  for (const field of fields) {
    const { form } = field
    if (field.hasAttribute(change) || isUploadInput(field)) announce(field)
    else if (form?.hasAttribute(change) === true) lastOf.set(form, field)
  }
  for (const [form, field] of lastOf) {
    const recover = form.getAttribute(autoRecover)
    if (recover !== 'ignore') withAttribute(form, change, recover ?? form.getAttribute(change), () => announce(field))
  }
  return fields.flatMap(({ form }) => form ?? [])
}

/** As if it had been typed just now, and without waiting for what `phx-debounce` says. */
function announce(field: Field): void {
  withAttribute(field, 'phx-debounce', null, () => {
    withAttribute(field, 'phx-throttle', null, () => {
      field.dispatchEvent(new Event('input', { bubbles: true }))
    })
  })
}

/** The official client reads its attributes when the event comes. */
function withAttribute(element: Element, name: string, value: string | null, run: () => void): void {
  const before = element.getAttribute(name)
  setAttribute(element, name, value)
  run()
  setAttribute(element, name, before)
}

function setAttribute(element: Element, name: string, value: string | null): void {
  if (value === null) element.removeAttribute(name)
  else element.setAttribute(name, value)
}
