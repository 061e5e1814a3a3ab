/**
 * A submit in the moment in which the page has told of files, or asked for leave to send them, and has no answer: the official client takes them
 * neither for files that wait nor for some on their way, and would send the form without them. It is held until the answer is there.
 */
import type { LiveSocket } from 'phoenix_live_view'
import { channelEvents, viewEvents } from '../protocol/message.ts'
import { HeldSubmits } from './held-submits.ts'
import { onAnswer, onLost, onPush } from './pushes.ts'
import { findInput } from './upload-inputs.ts'

export function holdWhileAsking(liveSocket: LiveSocket): void {
  /** The inputs whose files were told of, or asked for, by the push that did. */
  const asked = new Map<string, readonly string[]>()
  const held = new HeldSubmits((form) => [...asked.values()].flat().some((ref) => findInput(ref)?.form === form))

  onPush(liveSocket, ({ event, payload, ref }) => {
    const { ref: input, uploads } = payload as { readonly ref?: string; readonly uploads?: object }
    if (typeof ref !== 'string') return
    if (event === viewEvents.allowUpload) asked.set(ref, [input!])
    else if (event === viewEvents.event && uploads !== undefined) asked.set(ref, Object.keys(uploads))
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
