/**
 * What Node's file senders write into, as a `Response`: the parts of `ServerResponse` that they use. A piece is taken when the reader of the
 * response asks for it, so that nothing of a file is held but the piece at hand.
 */
import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Writable } from 'node:stream'

type HeaderValue = number | string | readonly string[]

/** What `headersSent`, `finished` and the like are asked of beside: who has gone is told by it. */
class Line extends EventEmitter {
  readonly writable = true
  destroyed = false
  /** Bytes that the reader has not asked for. */
  writableLength = 0
}

/** Listeners are added to it and taken away; it tells nothing. */
class Asked extends EventEmitter {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>

  constructor({ method, headers }: Request) {
    super()
    this.method = method
    this.headers = Object.fromEntries(headers)
  }
}

export class Outgoing extends Writable {
  statusCode = 200
  headersSent = false
  readonly req: Asked
  readonly socket: Line = new Line()
  /** Resolves when its headers are sent. */
  readonly response: Promise<Response>
  readonly #headers = new Map<string, HeaderValue>()
  #begin: (response: Response) => void = () => {}
  #fail: (error: unknown) => void = () => {}
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  /** The reader asks for more. */
  #asked = false
  #whenAsked: (() => void) | undefined
  #stalled: { readonly ms: number; readonly run: () => void } | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(request: Request) {
    super()
    this.req = new Asked(request)
    this.response = new Promise((resolve, reject) => {
      this.#begin = resolve
      this.#fail = reject
    })
    // It may have been refused before anybody waits for it.
    this.response.catch(() => {})
    // Whoever has gone is no failure.
    this.on('error', () => {})
    request.signal.addEventListener('abort', () => this.destroy(), { once: true })
  }

  /** For what is typed for Node: it uses no more than there is. */
  get forNode(): { readonly request: IncomingMessage; readonly response: ServerResponse } {
    return { request: this.req as unknown as IncomingMessage, response: this as unknown as ServerResponse }
  }

  setHeader(name: string, value: HeaderValue): this {
    this.#headers.set(name.toLowerCase(), value)
    return this
  }

  getHeader(name: string): HeaderValue | undefined {
    return this.#headers.get(name.toLowerCase())
  }

  hasHeader(name: string): boolean {
    return this.#headers.has(name.toLowerCase())
  }

  removeHeader(name: string): void {
    this.#headers.delete(name.toLowerCase())
  }

  getHeaderNames(): string[] {
    return [...this.#headers.keys()]
  }

  writeHead(status: number, headers: Readonly<Record<string, HeaderValue>> = {}): this {
    this.statusCode = status
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, value)
    this.flushHeaders()
    return this
  }

  flushHeaders(): void {
    if (this.headersSent) return
    this.headersSent = true
    const headers = new Headers()
    for (const [name, value] of this.#headers) {
      if (typeof value === 'object') for (const one of value) headers.append(name, one)
      else headers.set(name, String(value))
    }
    const status = this.statusCode
    const body = this.#hasBody ? this.#body() : null
    this.#begin(new Response(body, { status, headers }))
  }

  /** Calls `run` when the reader has not asked for more in `ms`. */
  setTimeout(ms: number, run: () => void): this {
    this.#stalled = { ms, run }
    this.#watch()
    return this
  }

  get #hasBody(): boolean {
    return this.req.method !== 'HEAD' && this.statusCode !== 204 && this.statusCode !== 304
  }

  #body(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.#controller = controller),
        pull: () => this.#pulled(),
        cancel: () => void this.destroy(),
      },
      { highWaterMark: 0 },
    )
  }

  #pulled(): void {
    this.#asked = true
    this.#watch()
    const go = this.#whenAsked
    this.#whenAsked = undefined
    go?.()
  }

  #watch(): void {
    clearTimeout(this.#timer)
    if (this.#stalled === undefined || this.destroyed) return
    this.#timer = setTimeout(this.#stalled.run, this.#stalled.ms).unref()
  }

  #ask(go: () => void): void {
    if (this.#asked) go()
    else this.#whenAsked = go
  }

  override _write(piece: Uint8Array, _encoding: string, done: () => void): void {
    this.flushHeaders()
    if (!this.#hasBody) return done()
    this.socket.writableLength = piece.length
    this.#ask(() => {
      this.#asked = false
      this.socket.writableLength = 0
      this.#controller!.enqueue(piece)
      done()
    })
  }

  /** The last piece has been taken when the reader asks for what comes behind it. */
  override _final(done: () => void): void {
    this.flushHeaders()
    if (!this.#hasBody) return done()
    this.#ask(() => {
      this.#controller!.close()
      done()
    })
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer)
    const gone = error ?? new Error('the connection was closed')
    if (!this.headersSent) this.#fail(gone)
    if (!this.writableFinished) {
      this.socket.destroyed = true
      this.#end(gone)
      this.socket.emit('close')
    }
    done(error)
  }

  #end(gone: Error): void {
    try {
      this.#controller?.error(gone)
    } catch {
      // Its reader has cancelled it.
    }
  }
}
