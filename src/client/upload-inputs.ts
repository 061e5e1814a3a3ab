/** What of the official client's file inputs and views our own modules lean on. */
import type { LiveSocket } from 'phoenix_live_view'
import { maxEntriesAttribute, mostRefused } from '../protocol/upload-choice.ts'

/** The client's name for a file, once it has one. */
export type ChosenFile = File & { readonly _phxRef?: string; meta?: unknown }

/** The attribute of an upload's input; its value is what the server calls the upload. */
export const uploadRef = 'data-phx-upload-ref'

/** The event by which files are handed over to an input, with `{ files }` as its detail. */
export const handedOver = 'track-uploads'

export function isUploadInput(target: EventTarget | null): target is HTMLInputElement {
  return target instanceof HTMLInputElement && target.type === 'file' && target.hasAttribute(uploadRef)
}

/** The files that the client keeps for an input: with `multiple` they are not in `input.files` any more. */
export function trackedFiles(input: Element): readonly ChosenFile[] {
  return (input as WithPrivate).phxPrivate?.files ?? []
}

/** An input that came later than its files has none; the client takes it for granted. */
export function keepsFiles(input: Element): void {
  ;((input as WithPrivate).phxPrivate ??= {}).files ??= []
}

/** Has the client keep files for an input that the server knows already: nothing is told. */
export function trackFiles(input: Element, files: readonly ChosenFile[]): void {
  // It would ask for none of them again.
  for (const file of files) delete (file as { _preflightInProgress?: boolean })._preflightInProgress
  ;((input as WithPrivate).phxPrivate ??= {}).files = files
}

/** As a hook's `upload` does: the client takes them in as if they had been chosen. */
export function giveFiles(input: HTMLInputElement, files: readonly File[]): void {
  input.dispatchEvent(new CustomEvent(handedOver, { bubbles: true, detail: { files } }))
}

/** How many files it takes. */
export function maxEntriesOf(input: Element): number {
  return Number(input.getAttribute(maxEntriesAttribute) ?? 1)
}

/** How many of a choice are looked at: with those that the server lists as refused. */
export function mostListed(input: Element): number {
  return maxEntriesOf(input) + mostRefused(maxEntriesOf(input))
}

/** As if they had been chosen in the browser's own dialog. */
export function putFiles(input: HTMLInputElement, files: readonly File[]): void {
  // The client keeps the files of one that takes several, and empties it.
  if (input.multiple) giveFiles(input, files)
  else {
    fillInput(input, files)
    input.dispatchEvent(new Event('input', { bubbles: true }))
  }
  input.dispatchEvent(new Event('change', { bubbles: true }))
}

/** Nobody is told. */
export function fillInput(input: HTMLInputElement, files: readonly File[]): void {
  const transfer = new DataTransfer()
  for (const file of files) transfer.items.add(file)
  input.files = transfer.files
}

/** Has the client let go of files that are sent. */
export function untrackFiles(input: Element, files: ReadonlySet<ChosenFile>): void {
  const { phxPrivate } = input as WithPrivate
  if (phxPrivate?.files !== undefined) phxPrivate.files = phxPrivate.files.filter((file) => !files.has(file))
}

/** Chosen again it is a new file. */
export function forgetRef(file: ChosenFile): void {
  const known = file as { _phxRef?: string; _preflightInProgress?: boolean }
  delete known._phxRef
  delete known._preflightInProgress
}

/** What elements would have become when they were unlocked, before the view that locked them was joined anew. */
export function forgetLockCopies(viewId: string): void {
  for (const element of document.querySelectorAll(`[data-phx-ref-src="${CSS.escape(viewId)}"]`)) {
    const { phxPrivate } = element as WithPrivate
    delete phxPrivate?.['data-phx-ref-lock']
  }
}

/** The inputs of a view, also those that it has moved elsewhere on the page. */
export function uploadInputsOf(viewId: string): readonly HTMLInputElement[] {
  return [...document.querySelectorAll(`input[${uploadRef}]`)].filter((input): input is HTMLInputElement => {
    const home = input.closest('[data-phx-teleported], [data-phx-session]')
    return isUploadInput(input) && (home?.getAttribute('data-phx-teleported') ?? home?.id) === viewId
  })
}

export function findInput(ref: string): HTMLInputElement | undefined {
  const input = document.querySelector(`input[${uploadRef}="${CSS.escape(ref)}"]`)
  return isUploadInput(input) ? input : undefined
}

export function forgetTrackedFiles(input: Element): void {
  const { phxPrivate } = input as WithPrivate
  if (phxPrivate?.files !== undefined) phxPrivate.files = []
}

/** Which entries an input has, as the server last said; joined by commas. */
export function refsOf(input: Element, which: 'active' | 'preflighted' | 'done' | 'error'): string {
  return attributeOf(input, `data-phx-${which}-refs`)
}

/** An attribute of an input as the server last said it; empty where it has none. */
export function attributeOf(input: Element, name: string): string {
  const waiting = (input as WithPrivate).phxPrivate?.['data-phx-ref-lock'] ?? input
  return waiting.getAttribute(name) ?? ''
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
