/** What waits in a view's mailbox. */
import { type ExternalQuestion, externalQuestion } from '../protocol/external-uploads.ts'
import { viewEvents } from '../protocol/message.ts'
import {
  type EventPayload,
  isWebAddress,
  type PreflightPayload,
  type ProgressPayload,
  readEvent,
  readPreflight,
  readCids,
  readProgress,
  readQuestion,
} from '../protocol/payloads.ts'
import type { Stage } from '../live/host.ts'
import type { PartPlace } from '../live/part-owner.ts'

export type Message = {
  /** The push to answer; null for what does not come from the page. */
  readonly ref: string | null
  /** When it came, in ms. */
  readonly at: number
  /** What it keeps of the page's, in bytes, until it is handled; 0 for what does not come from the page, and when it is let go of. */
  size: number
  answered: boolean
  /** When it was posted, by the clock of telemetry; absent while nobody measures turns. */
  postedAt?: number
  /** Its answer is that of work that runs outside of the mailbox. */
  answersLater?: boolean
} & (
  | { readonly kind: 'join' | 'render' }
  | { readonly kind: 'event'; readonly payload: EventPayload }
  | { readonly kind: 'patch'; readonly url: string }
  | { readonly kind: 'preflight'; readonly payload: PreflightPayload }
  | { readonly kind: 'progress'; readonly payload: ProgressPayload }
  /** A file that the browser has sent elsewhere is there, or is not: answers the progress that said so. */
  | { readonly kind: 'confirmed'; readonly payload: ProgressPayload; readonly isThere: boolean }
  | { readonly kind: 'question'; readonly payload: ExternalQuestion }
  | { readonly kind: 'leaving' | 'forgotten'; readonly cids: readonly number[] }
  | { readonly kind: 'info'; readonly info: unknown }
  /** Work in the order of the messages: what a timer or a loading value came to. */
  | {
      readonly kind: 'call'
      readonly stage: Stage
      readonly of: PartPlace | undefined
      readonly run: () => void | Promise<void>
    }
)

export type MessageOf<Kind extends Message['kind']> = Message & { readonly kind: Kind }

/** A push of the page as it came. */
export interface Push {
  readonly ref: string | null
  readonly event: string
  readonly payload: unknown
  /** What it holds, in bytes. */
  readonly size: number
}

/** Reads a push of the page; `undefined` when it is none of the protocol's. */
export function readPush({ ref, event, payload, size }: Push, at: number): Message | undefined {
  switch (event) {
    case viewEvents.event: {
      const read = readEvent(payload)
      return read && { kind: 'event', payload: read, ref, at, size, answered: false }
    }
    case viewEvents.progress: {
      const read = readProgress(payload)
      return read && { kind: 'progress', payload: read, ref, at, size, answered: false }
    }
    case viewEvents.allowUpload: {
      const read = readPreflight(payload)
      return read && { kind: 'preflight', payload: read, ref, at, size, answered: false }
    }
    case externalQuestion: {
      const read = readQuestion(payload)
      return read && { kind: 'question', payload: read, ref, at, size, answered: false }
    }
    case viewEvents.livePatch: {
      const { url } = payload as { readonly url?: unknown }
      return isWebAddress(url) ? { kind: 'patch', url, ref, at, size, answered: false } : undefined
    }
    case viewEvents.cidsWillDestroy:
    case viewEvents.cidsDestroyed: {
      const cids = readCids(payload)
      const kind = event === viewEvents.cidsDestroyed ? 'forgotten' : 'leaving'
      return cids && { kind, cids, ref, at, size, answered: false }
    }
    default:
      return undefined
  }
}

/** Where in the view's life it goes wrong, when it cannot even be taken in. */
export function stageOf(message: Message): Stage {
  switch (message.kind) {
    case 'join':
      return 'mount'
    case 'event':
    case 'progress':
    case 'info':
      return message.kind
    case 'patch':
      return 'params'
    case 'confirmed':
      return 'progress'
    case 'preflight':
    case 'question':
      return 'upload'
    case 'call':
      return message.stage
    case 'leaving':
    case 'forgotten':
      return 'component'
    case 'render':
      return 'render'
  }
}

/** The waiting report that says the same of the same entry as `message`: on its way, through, or failed. */
export function sameProgress(
  waiting: Iterable<Message>,
  { payload }: MessageOf<'progress'>,
): MessageOf<'progress'> | undefined {
  for (const other of waiting) {
    if (other.kind !== 'progress' || other.payload.entryRef !== payload.entryRef) continue
    if (standingOf(other.payload) === standingOf(payload)) return other
  }
  return undefined
}

export function standingOf({ progress }: ProgressPayload): 'underway' | 'done' | 'failed' {
  if (typeof progress === 'object') return 'failed'
  return progress >= 100 ? 'done' : 'underway'
}
