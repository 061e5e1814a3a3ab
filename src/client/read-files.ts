/**
 * Finds out when a file cannot be read any more. The official client reads piece by piece and never looks at what goes wrong: the entry
 * stood still until its time was over, and the form with it. So a byte of each file is read when the client asks for leave to send it,
 * and again whenever nothing of it was sent for a while.
 */
import type { LiveSocket } from 'phoenix_live_view'
import { fileEvents } from '../protocol/file-notes.ts'
import { channelEvents, chunkEvent, uploadTopicPrefix, viewEvents, viewTopicPrefix } from '../protocol/message.ts'
import { onAnswer, onLost, onPush, type WireMessage } from './pushes.ts'
import { readByte } from './send-file.ts'
import { type ChosenFile, tellView, trackedFiles } from './upload-inputs.ts'

/** A file on its way. */
interface Sending {
  readonly file: ChosenFile
  /** The DOM id of its view. */
  readonly view: string
  /** How much of it was read. */
  offset: number
  /** When that was last more, or it was looked at. */
  at: number
  looking: boolean
  /** How often it was looked at since. */
  looks: number
}

/** Ms without a byte before a file is looked at. */
const stillFor = 2000
const lookEvery = 1000
/** Each look is a question to another process: a thousand at once are in the way of all else. */
const looksAtOnce = 4
/** So many of a choice are looked at when leave is asked for; the others when they stand still. */
const looksFirst = 100
/** By then its time on the server is over, or it was never begun. */
const mostLooks = 50

export function readFiles(liveSocket: LiveSocket): void {
  const sending = new Map<string, Sending>()
  /** The entries that each preflight asked for, by the ref of its push. */
  const asked = new Map<string, readonly string[]>()
  let clock: ReturnType<typeof setInterval> | undefined

  const forget = (ref: string): void => {
    sending.delete(ref)
    if (sending.size > 0) return
    clearInterval(clock)
    clock = undefined
  }

  const toLookAt: string[] = []
  let looking = 0

  const look = (ref: string): void => {
    const entry = sending.get(ref)
    if (entry === undefined || entry.looking) return
    entry.looking = true
    toLookAt.push(ref)
    lookOn()
  }

  const lookOn = (): void => {
    while (looking < looksAtOnce && toLookAt.length > 0) {
      const ref = toLookAt.shift()!
      const entry = sending.get(ref)
      if (entry === undefined) continue
      entry.looking = false
      looking++
      void lookAt(ref, entry).finally(() => {
        looking--
        lookOn()
      })
    }
  }

  const lookAt = async (ref: string, entry: Sending): Promise<void> => {
    entry.looking = true
    const failure = await readByte(entry.file, entry.offset)
    entry.looking = false
    entry.at = performance.now()
    if (sending.get(ref) !== entry) return
    if (failure === undefined) {
      if (++entry.looks > mostLooks) forget(ref)
      return
    }
    forget(ref)
    const view = document.getElementById(entry.view)
    if (view !== null) tellView(liveSocket, view, fileEvents.failed, { ref, code: failure })
  }

  const begin = ({ topic, payload, ref: pushRef }: WireMessage): void => {
    const { ref: inputId, entries } = payload as { readonly ref: string; readonly entries: readonly { ref: string }[] }
    const input = document.getElementById(inputId)
    if (input === null) return
    const files = new Map(trackedFiles(input).map((file) => [file._phxRef, file]))
    const view = topic.slice(viewTopicPrefix.length)
    if (typeof pushRef === 'string')
      asked.set(
        pushRef,
        entries.map(({ ref }) => ref),
      )
    for (const [index, { ref }] of entries.entries()) {
      const file = files.get(ref)
      if (file === undefined) continue
      sending.set(ref, { file, view, offset: 0, at: performance.now(), looking: false, looks: 0 })
      if (index < looksFirst) look(ref)
    }
    clock ??= setInterval(() => {
      const now = performance.now()
      for (const [ref, { at }] of sending) if (now - at >= stillFor) look(ref)
    }, lookEvery)
  }

  const seePush = (message: WireMessage): void => {
    const { topic, event, payload } = message
    if (event === viewEvents.allowUpload) begin(message)
    else if (event === viewEvents.progress) {
      const { entry_ref: ref, progress } = payload as { readonly entry_ref: string; readonly progress: unknown }
      if (progress === 100 || typeof progress === 'object') forget(ref)
    } else if (topic.startsWith(uploadTopicPrefix)) {
      const ref = topic.slice(uploadTopicPrefix.length)
      const entry = sending.get(ref)
      if (entry === undefined) return
      if (event === channelEvents.leave) return forget(ref)
      if (event !== chunkEvent) return
      entry.offset += (payload as ArrayBuffer).byteLength
      entry.at = performance.now()
      entry.looks = 0
      if (entry.offset >= entry.file.size) forget(ref)
    }
  }

  const seeAnswer = ({ topic, event, payload, ref }: WireMessage): void => {
    if (topic.startsWith(uploadTopicPrefix)) {
      const refused = event === channelEvents.reply && (payload as { readonly status: string }).status === 'error'
      const over = event === channelEvents.close || event === channelEvents.error
      if (refused || over) forget(topic.slice(uploadTopicPrefix.length))
    } else if (event === channelEvents.reply && typeof ref === 'string') {
      const { response } = payload as { readonly response?: { readonly entries?: Readonly<Record<string, unknown>> } }
      for (const entryRef of asked.get(ref) ?? []) {
        // Those that travel over HTTP are looked at by whoever sends them, one after another.
        if (typeof response?.entries?.[entryRef] !== 'string') forget(entryRef)
      }
      asked.delete(ref)
    }
  }

  onPush(liveSocket, seePush)
  onAnswer(liveSocket, seeAnswer)
  onLost(liveSocket, () => {
    asked.clear()
    for (const ref of [...sending.keys()]) forget(ref)
  })
}
