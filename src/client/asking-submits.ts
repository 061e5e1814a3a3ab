/**
 * A submit in the moment in which the page has asked for leave to send its files and has no answer: the official client takes them neither for
 * files that wait nor for some on their way, and would send the form without them. It is held until the answer is there.
 */
import type { LiveSocket } from 'phoenix_live_view'
import { channelEvents, viewEvents } from '../protocol/message.ts'
import { HeldSubmits } from './held-submits.ts'
import { onAnswer, onLost, onPush } from './pushes.ts'
import { findInput } from './upload-inputs.ts'

export function holdWhileAsking(liveSocket: LiveSocket): void {
  /** The inputs that were asked for, by the push that did. */
  const asked = new Map<string, string>()
  const held = new HeldSubmits((form) => [...asked.values()].some((ref) => findInput(ref)?.form === form))

  onPush(liveSocket, ({ event, payload, ref }) => {
    if (event === viewEvents.allowUpload && typeof ref === 'string')
      asked.set(ref, (payload as { readonly ref: string }).ref)
  })
  onAnswer(liveSocket, ({ event, ref }) => {
    // Behind the patch that tells which files may be sent.
    if (event === channelEvents.reply && typeof ref === 'string' && asked.delete(ref)) held.release()
  })
  onLost(liveSocket, () => {
    // Nobody answers.
    asked.clear()
    held.forgetAll()
  })
}
