/** What the primary and its workers say to each other over Node's channel. Others may use the channel too: ours are known by their mark. */
import type { DrainOptions } from '../../../server/drain.ts'

/** A worker asks for it, and is answered with the same `id`. */
export type Question =
  | { readonly kind: 'publish'; readonly topic: string; readonly payload: string }
  | { readonly kind: 'subscribe'; readonly topics: readonly string[] }
  | { readonly kind: 'unsubscribe'; readonly topics: readonly string[] }
  | { readonly kind: 'place'; readonly visitor: string }

export type FromWorker =
  | { readonly kind: 'question'; readonly id: number; readonly question: Question }
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'failed'; readonly code: string | undefined; readonly message: string }
  | { readonly kind: 'drained' }
  /** It has the socket that it was sent. */
  | { readonly kind: 'taken'; readonly id: number }
  /** Comes with a socket whose request, which has been read, is for the worker that this visitor is on. */
  | { readonly kind: 'socket'; readonly visitor: string; readonly head: string }

export type FromPrimary =
  | { readonly kind: 'answer'; readonly id: number; readonly value: number }
  /** Which workers there are, and those of them whose visitors are all where their ids say. */
  | { readonly kind: 'crew'; readonly up: readonly number[]; readonly steady: readonly number[] }
  | { readonly kind: 'message'; readonly payload: string }
  /** Messages were lost. */
  | { readonly kind: 'gap' }
  /** Comes with a socket, and with what has been read of it. */
  | { readonly kind: 'socket'; readonly id: number; readonly head: string }
  | { readonly kind: 'drain'; readonly options: DrainOptions }
  | { readonly kind: 'close' }

const mark = 'liveloom'

export function wrap(message: FromWorker | FromPrimary): object {
  return { [mark]: message }
}

/** `undefined` for what is not ours. */
export function unwrap(received: unknown): unknown {
  return typeof received === 'object' && received !== null
    ? (received as { readonly [mark]?: unknown })[mark]
    : undefined
}
