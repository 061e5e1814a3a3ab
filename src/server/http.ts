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
}

export interface LiveResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string | Uint8Array
  /** Headers that stand unless the application has set them before. */
  readonly defaultHeaders?: Readonly<Record<string, string>> | undefined
}

export function htmlResponse(status: number, body: string, headers: LiveResponse['headers'] = {}): LiveResponse {
  return { status, body, headers: { 'content-type': 'text/html; charset=utf-8', ...headers } }
}
