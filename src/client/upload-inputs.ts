/** What of the official client's file inputs and views our own modules lean on. */
import type { LiveSocket } from 'phoenix_live_view'

/** The client's name for a file, once it has one. */
export type ChosenFile = File & { readonly _phxRef?: string; meta?: unknown }

/** The attribute of an upload's input; its value is what the server calls the upload. */
export const uploadRef = 'data-phx-upload-ref'

export function isUploadInput(target: EventTarget | null): target is HTMLInputElement {
  return target instanceof HTMLInputElement && target.type === 'file' && target.hasAttribute(uploadRef)
}

/** The files that the client keeps for an input: with `multiple` they are not in `input.files` any more. */
export function trackedFiles(input: Element): readonly ChosenFile[] {
  return (input as WithPrivate).phxPrivate?.files ?? []
}

export function forgetTrackedFiles(input: Element): void {
  const { phxPrivate } = input as WithPrivate
  if (phxPrivate?.files !== undefined) phxPrivate.files = []
}

/** Which entries an input has, as the server last said; joined by commas. */
export function refsOf(input: Element, which: 'active' | 'preflighted' | 'done' | 'error'): string {
  const waiting = (input as WithPrivate).phxPrivate?.['data-phx-ref-lock'] ?? input
  return waiting.getAttribute(`data-phx-${which}-refs`) ?? ''
}

/** The client counts a field as used once it was typed into; without that it is sent as unused, and shows no error. */
export function markUsed(field: Element): void {
  ;((field as WithPrivate).phxPrivate ??= {})['phx-has-focused'] = true
}

interface WithPrivate {
  phxPrivate?: {
    files?: readonly ChosenFile[]
    /** What a locked element will be when it is unlocked. */
    'data-phx-ref-lock'?: Element
    'phx-has-focused'?: boolean
  }
}

/** Pushes an event to the view that `element` belongs to, or is the element of. */
export function tellView(liveSocket: LiveSocket, element: Element, event: string, value: object): void {
  liveSocket.execJS(element, JSON.stringify([['push', { event, value }]]))
}
