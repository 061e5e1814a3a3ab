/**
 * A submit in the moment in which the page has asked for leave to send its files and has no answer: the official client takes them neither for
 * files that wait nor for some on their way, and would send the form without them. It is held until the answer is there.
 */
import type { LiveSocket } from 'phoenix_live_view'
import { channelEvents, viewEvents } from '../protocol/message.ts'
import { onAnswer, onLost, onPush } from './pushes.ts'
import { findInput } from './upload-inputs.ts'

export function holdWhileAsking(liveSocket: LiveSocket): void {
  /** The inputs that were asked for, by the push that did. */
  const asked = new Map<string, string>()
  /** Forms whose submit is held, and what it was triggered by. */
  const held = new Map<HTMLFormElement, HTMLElement | null>()

  const waits = (form: HTMLFormElement): boolean => [...asked.values()].some((ref) => findInput(ref)?.form === form)
  const release = (): void => {
    for (const [form, submitter] of held) {
      if (waits(form)) continue
      held.delete(form)
      // Behind the patch that tells which files may be sent. Who left the page meanwhile has nothing to submit.
      setTimeout(() => {
        if (form.isConnected) form.requestSubmit(submitter?.isConnected === true ? submitter : null)
      })
    }
  }
  onPush(liveSocket, ({ event, payload, ref }) => {
    if (event === viewEvents.allowUpload && typeof ref === 'string')
      asked.set(ref, (payload as { readonly ref: string }).ref)
  })
  onAnswer(liveSocket, ({ event, ref }) => {
    if (event === channelEvents.reply && typeof ref === 'string' && asked.delete(ref)) release()
  })
  onLost(liveSocket, () => {
    // Nobody answers. The form is the user's again.
    asked.clear()
    held.clear()
  })
  addEventListener(
    'submit',
    (event) => {
      const { target: form } = event
      if (!(form instanceof HTMLFormElement) || !waits(form)) return
      event.preventDefault()
      event.stopImmediatePropagation()
      held.set(form, event.submitter)
    },
    true,
  )
}
