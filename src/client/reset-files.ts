import type { LiveSocket } from 'phoenix_live_view'
import { fileEvents } from '../protocol/file-notes.ts'
import { forgetTrackedFiles, isUploadInput, refsOf, trackedFiles, uploadRef, tellView } from './upload-inputs.ts'

/** A form that is reset has no files chosen any more: the official client keeps them, and so does the server. */
export function resetFiles(liveSocket: LiveSocket): void {
  onReset((form) => {
    for (const input of form.elements) {
      if (!isUploadInput(input)) continue
      const had = refsOf(input, 'active') !== '' || trackedFiles(input).length > 0
      forgetTrackedFiles(input)
      if (had) tellView(liveSocket, input, fileEvents.reset, { ref: input.getAttribute(uploadRef) })
    }
  })
}

/** Has `run` know of forms that are reset. */
export function onReset(run: (form: HTMLFormElement) => void): void {
  addEventListener('reset', (event) => {
    const form = event.target
    if (!(form instanceof HTMLFormElement)) return
    // Whoever is told of it may still say no.
    setTimeout(() => event.defaultPrevented || run(form))
  })
}
