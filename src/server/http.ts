import type { DownloadContent } from '../live/download.ts'

/** An HTTP request as the server reads it. The Web's `Request` fits; an adapter may pass something lighter. */
export interface LiveRequest {
  readonly method: string
  /** Absolute. Empty when it is none that can be told for certain: then the server refuses the request. */
  readonly url: string
  readonly headers: { get(name: string): string | null }
  /** What a POST brings; read once. */
  readonly body?: AsyncIterable<Uint8Array> | null | undefined
  /** Whoever reads the body has clocks of its own: those of the runtime need not end it. */
  readonly bodyTakesLong?: (() => void) | undefined
  /** Aborts when nobody waits for the response any more. */
  readonly signal?: AbortSignal | undefined
  /** The request as the runtime or the framework has it. */
  readonly source?: unknown
}

export interface LiveResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string | Uint8Array
  /** Headers that stand unless the application has set them before. */
  readonly defaultHeaders?: Readonly<Record<string, string>> | undefined
  /** What the runtime sends in place of all but the default headers: it has files and streams. */
  readonly handover?: Handover | undefined
}

/** A download that was asked for. */
export interface Handover {
  readonly content: Exclude<DownloadContent, { kind: 'url' }>
  readonly name: string | undefined
  readonly type: string | undefined
  readonly inline: boolean
  readonly size: number | undefined
  /** Called once, when the answer is over, whatever became of it. */
  ended(end: HandoverEnd): void
}

/** What became of it. `whole`: it was sent to its end; `part`: not all of it, as it was asked for or since nobody reads on. */
export type HandoverEnd = {
  readonly bytes: number
  /** Which of a file's bytes was the first. @default 0 */
  readonly from?: number | undefined
} & ({ readonly what: 'whole' | 'part' | 'missing' } | { readonly what: 'failed'; readonly error: unknown })

export function htmlResponse(status: number, body: string, headers: LiveResponse['headers'] = {}): LiveResponse {
  return { status, body, headers: { 'content-type': 'text/html; charset=utf-8', ...headers } }
}
