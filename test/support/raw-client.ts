/**
 * The browser's side of the wire, frame by frame: fetches a page, opens its socket, joins its view, sends its uploads. Unlike the
 * official client it sends whatever it is told to, right or wrong. The page is kept by the official client's own tree.
 */
import { once } from 'node:events'
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { type BrowserTree, BrowserRendered, wholeHtml } from '../conformance/real-client.ts'

/** A page as it came over HTTP, with all that its socket needs. */
export interface Page {
  readonly url: string
  /** The session's cookie, as `name=value`. */
  readonly cookie: string
  readonly csrfToken: string
  /** The id of the view's container. */
  readonly id: string
  readonly session: string
  readonly static: string
}

/** One frame of the server. */
export interface Frame {
  readonly joinRef: string | null
  readonly ref: string | null
  readonly topic: string
  readonly event: string
  readonly payload: Json
}

export type Json = Readonly<Record<string, unknown>>

export interface Reply {
  readonly status: string
  readonly response: Json
}

export interface Close {
  readonly code: number
  readonly reason: string
}

/** A file as the browser describes it to the server. */
export interface FileClaim {
  readonly ref: string
  readonly name: string
  readonly size: number
  readonly type?: string
  readonly relative_path?: string
  readonly last_modified?: number
  readonly meta?: unknown
}

/** What the server allowed after `allow_upload`. */
export interface Preflight {
  readonly entries: Readonly<Record<string, string>>
  readonly chunkSize: number
  readonly error: unknown
}

/** Fetches a page. With the cookie of an earlier one it belongs to the same visitor. */
export async function fetchPage(url: string, cookie?: string): Promise<Page> {
  const response = await fetch(url, { redirect: 'manual', ...(cookie === undefined ? {} : { headers: { cookie } }) })
  const html = await response.text()
  const attribute = (pattern: RegExp): string => {
    const found = pattern.exec(html)?.[1]
    if (found === undefined) throw new Error(`no ${pattern} in the page ${url} (${response.status})`)
    return found
  }
  return {
    url,
    cookie: cookie ?? response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '',
    csrfToken: attribute(/<meta name="csrf-token" content="([^"]+)"/),
    id: attribute(/<[\w-]+\s+id="([^"]+)"\s+data-phx-main/),
    session: attribute(/data-phx-session="([^"]+)"/),
    static: attribute(/data-phx-static="([^"]+)"/),
  }
}

/** What a socket is opened with; a browser would take all of it from the page. */
export interface OpenOptions {
  /** The server's option `path`. */
  readonly path?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

/** The address of the socket of a page. */
export function socketUrl(page: Page, query: OpenOptions['query'] = {}, path = '/live'): string {
  const url = new URL(`${path}/websocket`, page.url.replace(/^http/, 'ws'))
  for (const [name, value] of Object.entries({ _csrf_token: page.csrfToken, vsn: '2.0.0', ...query })) {
    url.searchParams.set(name, value)
  }
  return url.href
}

/** The headers of an upgrade request. */
export const upgradeHeaders: Readonly<Record<string, string>> = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

/** Asks for an upgrade. Gives the bare TCP socket of the WebSocket, for frames that no library would send. */
export async function openBareSocket(page: Page): Promise<Socket> {
  const asked = request(socketUrl(page).replace(/^ws/, 'http'), { headers: { ...upgradeHeaders, cookie: page.cookie } })
  asked.end()
  const [, socket] = (await once(asked, 'upgrade')) as [unknown, Socket]
  socket.on('error', () => {})
  return socket
}

export class RawClient {
  /** For what has no method here: pausing, pings, the bare TCP socket. */
  readonly socket: WebSocket
  /** Everything that came, in order. */
  readonly frames: Frame[] = []
  readonly #taken = new Set<Frame>()
  readonly #replies = new Map<string, Reply>()
  readonly #waiting = new Set<() => void>()
  #ref = 0
  #close: Close | undefined

  /** Opens the socket of a page. Rejects with `Unexpected server response: <status>` when the server refuses. */
  static async open(page: Page, { query, headers, path }: OpenOptions = {}): Promise<RawClient> {
    const socket = new WebSocket(socketUrl(page, query, path), { headers: { cookie: page.cookie, ...headers } })
    const client = new RawClient(socket)
    await once(socket, 'open')
    return client
  }

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data: Buffer) => this.#receive(data.toString()))
    socket.on('close', (code, reason) => {
      this.#close = { code, reason: reason.toString() }
      this.#wake()
    })
    // Also a connection that is reset ends in `close`.
    socket.on('error', () => {})
  }

  // Sending.

  nextRef(): string {
    return String(++this.#ref)
  }

  /** Sends a push and gives its ref. */
  push(topic: string, event: string, payload: unknown, joinRef: string | null = null, ref = this.nextRef()): string {
    this.sendText(JSON.stringify([joinRef, ref, topic, event, payload]))
    return ref
  }

  /** Sends a push and waits for its answer. */
  request(topic: string, event: string, payload: unknown, joinRef: string | null = null): Promise<Reply> {
    return this.reply(this.push(topic, event, payload, joinRef))
  }

  /** Sends `payload` in a binary push, as upload chunks are. */
  pushBinary(topic: string, event: string, payload: Uint8Array, joinRef = '', ref = this.nextRef()): string {
    this.sendBinary(encodeBinary([joinRef, ref, topic, event], payload))
    return ref
  }

  sendText(text: string): void {
    this.socket.send(text)
  }

  sendBinary(bytes: Uint8Array): void {
    this.socket.send(bytes)
  }

  heartbeat(): Promise<Reply> {
    return this.request('phoenix', 'heartbeat', {})
  }

  /** Joins a channel: the ref of a join is its own join ref. Nobody has to wait for the reply. */
  join(topic: string, payload: unknown): { readonly joinRef: string; readonly reply: Promise<Reply> } {
    const joinRef = this.nextRef()
    this.push(topic, 'phx_join', payload, joinRef, joinRef)
    const reply = this.reply(joinRef)
    reply.catch(() => {})
    return { joinRef, reply }
  }

  /** Joins the view of a page. Throws when the server refuses. */
  async joinView(page: Page, payload: Json = {}): Promise<RawView> {
    const { joinRef, reply } = this.join(`lv:${page.id}`, joinPayload(page, payload))
    const { status, response } = await reply
    if (status !== 'ok') throw new Error(`the join was refused: ${JSON.stringify(response)}`)
    return new RawView(this, page.id, joinRef, response['rendered'])
  }

  /** Joins the view of a page that had joined it before: a page that comes back. */
  rejoinView(page: Page, params: Json = {}, payload: Json = {}): Promise<RawView> {
    return this.joinView(page, { params: { _mounts: 1, ...params }, ...payload })
  }

  // Receiving.

  /** The answer to the push `ref`. Rejects when the connection closes before it. */
  async reply(ref: string): Promise<Reply> {
    await this.#until(() => this.#replies.has(ref), `the answer to ${ref}`)
    return this.#replies.get(ref)!
  }

  hasReply(ref: string): boolean {
    return this.#replies.has(ref)
  }

  /** The first frame that fits and was not given out before, whether it came already or not. */
  async next(fits: (frame: Frame) => boolean): Promise<Frame> {
    const find = (): Frame | undefined => this.frames.find((frame) => !this.#taken.has(frame) && fits(frame))
    await this.#until(() => find() !== undefined, 'a frame')
    const found = find()!
    this.#taken.add(found)
    return found
  }

  get closed(): Close | undefined {
    return this.#close
  }

  async waitForClose(): Promise<Close> {
    await this.#until(() => this.#close !== undefined, 'the close')
    return this.#close!
  }

  /** Goes away as a closed tab does. */
  async leave(): Promise<void> {
    this.socket.close()
    await this.waitForClose()
  }

  /** Goes away as a network does. */
  async cut(): Promise<void> {
    this.socket.terminate()
    await this.waitForClose()
  }

  #receive(text: string): void {
    const [joinRef, ref, topic, event, payload] = JSON.parse(text) as [
      string | null,
      string | null,
      string,
      string,
      Json,
    ]
    this.frames.push({ joinRef, ref, topic, event, payload })
    if (event === 'phx_reply' && ref !== null) this.#replies.set(ref, payload as unknown as Reply)
    this.#wake()
  }

  #wake(): void {
    for (const look of this.#waiting) look()
  }

  #until(holds: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!holds() && this.#close === undefined) return
        this.#waiting.delete(look)
        if (holds()) resolve()
        else reject(new Error(`closed (${this.#close!.code} ${this.#close!.reason}) before ${what} came`))
      }
      this.#waiting.add(look)
      look()
    })
  }
}

/** A joined view. */
export class RawView {
  readonly client: RawClient
  readonly topic: string
  readonly joinRef: string
  readonly #tree: BrowserTree
  /** How many of the client's frames the tree has taken in. */
  #merged: number

  constructor(client: RawClient, id: string, joinRef: string, rendered: unknown) {
    this.client = client
    this.topic = `lv:${id}`
    this.joinRef = joinRef
    this.#tree = new BrowserRendered(this.topic, structuredClone(rendered))
    this.#tree.toString()
    // What followed the answer to its join may have come already.
    this.#merged = client.frames.findIndex(({ event, ref }) => event === 'phx_reply' && ref === joinRef) + 1
  }

  /** The view as the browser would show it now. */
  get html(): string {
    const { frames } = this.client
    for (const { topic, joinRef, event, payload } of frames.slice(this.#merged)) {
      if (topic !== this.topic || joinRef !== this.joinRef) continue
      const diff = event === 'diff' ? payload : (payload['response'] as Json | undefined)?.['diff']
      if (diff === undefined) continue
      this.#tree.mergeDiff(BrowserRendered.extract(structuredClone(diff)).diff)
      // The tree looks up the message's templates only while it is printed, which the browser does after each.
      this.#tree.toString()
    }
    this.#merged = frames.length
    return wholeHtml(this.#tree)
  }

  /** The ref of the file input called `name`. */
  inputRef(name: string): string {
    const input = [...this.html.matchAll(/<input[^>]+>/g)].find(([tag]) => tag.includes(`name="${name}"`))?.[0]
    const ref = /data-phx-upload-ref="([^"]+)"/.exec(input ?? '')?.[1]
    if (ref === undefined) throw new Error(`no file input ${name}`)
    return ref
  }

  push(event: string, payload: unknown): string {
    return this.client.push(this.topic, event, payload, this.joinRef)
  }

  request(event: string, payload: unknown): Promise<Reply> {
    return this.client.reply(this.push(event, payload))
  }

  /** A click, or what a hook pushes. */
  event(event: string, value: unknown = {}): Promise<Reply> {
    return this.request('event', { type: 'click', event, value })
  }

  submit(event: string, value = ''): Promise<Reply> {
    return this.request('event', { type: 'form', event, value, meta: {} })
  }

  /** The form's change that lists the files of its inputs. */
  choose(uploads: Readonly<Record<string, readonly unknown[]>>, event = 'validate'): Promise<Reply> {
    return this.request('event', { type: 'form', event, value: '', meta: { _target: 'photos' }, uploads })
  }

  /** Asks to send files. */
  async preflight(ref: string, entries: readonly unknown[]): Promise<Preflight> {
    const { response } = await this.request('allow_upload', { ref, entries })
    const {
      config,
      entries: tokens,
      error,
    } = response as {
      readonly config?: { readonly chunk_size: number }
      readonly entries?: Readonly<Record<string, string>>
      readonly error?: unknown
    }
    return { entries: tokens ?? {}, chunkSize: config?.chunk_size ?? 0, error }
  }

  progress(ref: string | null, entryRef: string, progress: unknown): Promise<Reply> {
    return this.request('progress', { event: null, ref, entry_ref: entryRef, progress })
  }

  /** Chooses one file of the input `name` and is allowed to send it. */
  async prepare(name: string, file: FileClaim): Promise<{ readonly token: string; readonly chunkSize: number }> {
    const ref = this.inputRef(name)
    await this.choose({ [ref]: [file] })
    const { entries, chunkSize, error } = await this.preflight(ref, [file])
    const token = entries[file.ref]
    if (token === undefined) throw new Error(`no token for ${file.ref}: ${JSON.stringify(error)}`)
    return { token, chunkSize }
  }

  /** Chooses a file, sends its bytes as the official client does, and reports its end. */
  async upload(name: string, file: FileClaim, bytes: Uint8Array): Promise<RawUpload> {
    const { token, chunkSize } = await this.prepare(name, file)
    const upload = await RawUpload.join(this.client, file.ref, token)
    for (let at = 0; at < bytes.length; at += chunkSize) await upload.chunk(bytes.subarray(at, at + chunkSize))
    await this.progress(this.inputRef(name), file.ref, 100)
    return upload
  }
}

/** A joined upload channel. */
export class RawUpload {
  readonly client: RawClient
  readonly topic: string
  readonly joinRef: string

  constructor(client: RawClient, topic: string, joinRef: string) {
    this.client = client
    this.topic = topic
    this.joinRef = joinRef
  }

  /** Opens the channel of an entry. Throws when the server refuses. */
  static async join(client: RawClient, ref: string, token: string): Promise<RawUpload> {
    const topic = `lvu:${ref}`
    const { joinRef, reply } = client.join(topic, { token })
    const { status, response } = await reply
    if (status !== 'ok') throw new Error(`the upload was refused: ${JSON.stringify(response)}`)
    return new RawUpload(client, topic, joinRef)
  }

  /** Sends a chunk and gives its ref. */
  send(bytes: Uint8Array): string {
    return this.client.pushBinary(this.topic, 'chunk', bytes, this.joinRef)
  }

  /** Sends a chunk and waits for its answer. */
  chunk(bytes: Uint8Array): Promise<Reply> {
    return this.client.reply(this.send(bytes))
  }

  leave(): Promise<Reply> {
    return this.client.request(this.topic, 'phx_leave', {}, this.joinRef)
  }

  /** How the server ended the channel. */
  async ended(): Promise<'phx_close' | 'phx_error'> {
    const { event } = await this.client.next(
      ({ topic, joinRef, event }) =>
        topic === this.topic && joinRef === this.joinRef && (event === 'phx_close' || event === 'phx_error'),
    )
    return event as 'phx_close' | 'phx_error'
  }
}

/** What a page sends to join its view. */
export function joinPayload(page: Page, changes: Json = {}): Json {
  const { url, session, static: staticToken } = page
  return { url, params: { _mounts: 0 }, session, static: staticToken, sticky: false, ...changes }
}

/** A binary push: kind, four lengths, join ref, ref, topic and event, payload. */
export function encodeBinary(
  header: readonly [joinRef: string, ref: string, topic: string, event: string],
  payload: Uint8Array,
): Uint8Array {
  const strings = header.map((text) => Buffer.from(text))
  return Buffer.concat([Uint8Array.of(0, ...strings.map(({ length }) => length)), ...strings, payload])
}
