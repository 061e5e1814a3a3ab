/** One page in a browser, as far as a server can tell: it loads over HTTP, joins its view, pushes events and sends files. */
import { once } from 'node:events'
import { Agent, type ClientRequest, get, type IncomingMessage, request } from 'node:http'
import { WebSocket } from 'ws'

export type Json = { readonly [key: string]: Json } | readonly Json[] | string | number | boolean | null
type JsonObject = Readonly<Record<string, Json>>
type Answered = (response: JsonObject, status: string) => void

const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const sending = new Agent({ keepAlive: true })
const halfFile = 32 * 1024
/** As the client module sends: parts of this size at first, then twice as much each, up to the largest. */
const firstPart = 8 * 1024 * 1024
const largestPart = 256 * 1024 * 1024
const megabyte = Buffer.alloc(1024 * 1024, 'liveloom')

export class Page {
  /** Bytes of the frames that the server sent. */
  received = 0
  /** Called with each diff that the server sends unasked. */
  onDiff: (() => void) | undefined
  #ws: WebSocket
  readonly #url: string
  readonly #cookie: string
  readonly #csrf: string
  readonly #container: string
  #mounts = 0
  readonly #topic: string
  readonly #waiting = new Map<string, Answered>()
  #joinRef = ''
  #refs = 0
  /** What the join answered. */
  #tree: JsonObject = {}

  readonly #overHttp: boolean

  private constructor(url: string, { html, cookie }: Loaded, overHttp: boolean) {
    this.#url = url
    this.#overHttp = overHttp
    this.#cookie = cookie
    this.#csrf = attribute(html, 'name="csrf-token" content')
    this.#container = /<[^>]*data-phx-main[^>]*>/.exec(html)![0]
    this.#topic = `lv:${attribute(this.#container, ' id')}`
    this.#ws = this.#connect()
  }

  #connect(): WebSocket {
    const target = `${new URL('/live/websocket', this.#url.replace('http', 'ws')).href}?_csrf_token=${encodeURIComponent(this.#csrf)}&vsn=2.0.0`
    const headers = { cookie: this.#cookie }
    const ws = new WebSocket(target, { headers, perMessageDeflate: false, skipUTF8Validation: true })
    ws.on('message', (data: Buffer) => this.#receive(data))
    ws.on('error', fail)
    return ws
  }

  /** Loads the page and joins its view. `overHttp`: as a page with our client module does. */
  static async open(url: string, overHttp = false): Promise<Page> {
    const page = new Page(url, await load(url), overHttp)
    await page.#join()
    return page
  }

  /** Loads the page, and nothing more: as a crawler does. */
  static async visit(url: string): Promise<void> {
    await load(url)
  }

  async #join(): Promise<void> {
    const ws = this.#ws
    if (ws.readyState !== WebSocket.OPEN) await new Promise((resolve) => ws.once('open', resolve))
    this.#joinRef = String(this.#refs + 1)
    const response = await this.#pushTo(this.#topic, this.#joinRef, 'phx_join', {
      url: this.#url,
      params: {
        _csrf_token: this.#csrf,
        _mounts: this.#mounts++,
        _mount_attempts: 0,
        ...(this.#overHttp && { liveloomHttpUploads: [] }),
      },
      session: attribute(this.#container, 'data-phx-session'),
      static: attribute(this.#container, 'data-phx-static'),
      sticky: false,
    })
    this.#tree = response['rendered'] as JsonObject
  }

  /** Loses its line. */
  cut(): void {
    this.#ws.removeListener('error', fail)
    this.#ws.on('error', () => {})
    this.#ws.terminate()
  }

  /** Joins its view again, on a new line. */
  comeBack(): Promise<void> {
    this.#ws = this.#connect()
    return this.#join()
  }

  /** Pushes an event to the view and hands its answer to `answered`. */
  push(event: string, payload: JsonObject, answered: Answered): void {
    this.#send(this.#topic, this.#joinRef, event, payload, answered)
  }

  /** Leaves as a tab does that is closed. */
  close(): void {
    this.#ws.removeListener('error', fail)
    this.#ws.on('error', () => {})
    this.#ws.close()
  }

  /** Chooses one file of `size` bytes: the change event that makes it an entry. */
  async choose(name: string, size: number): Promise<Upload> {
    const ref = attribute(print(this.#tree, (this.#tree['p'] ?? {}) as JsonObject), 'data-phx-upload-ref')
    const file = { ref: '0', name, relative_path: '', size, type: 'application/octet-stream', last_modified: 0 }
    await this.#event('form', 'validate', {
      meta: { _target: 'files' },
      uploads: { [ref]: [{ path: 'files', ...file }] },
    })
    return { ref, file }
  }

  /** Sends a file as the official client does; resolves when its last progress is answered. */
  async send({ ref, file }: Upload): Promise<void> {
    const granted = await this.#pushTo(this.#topic, this.#joinRef, 'allow_upload', { ref, entries: [file] })
    const { chunk_size: chunkSize } = granted['config'] as { readonly chunk_size: number }
    const topic = `lvu:${file.ref}`
    const joinRef = String(this.#refs + 1)
    await this.#pushTo(topic, joinRef, 'phx_join', { token: (granted['entries'] as JsonObject)[file.ref]! })
    let reported = 0
    for (let sent = 0; sent < file.size;) {
      const length = Math.min(chunkSize, file.size - sent)
      await this.#chunk(topic, joinRef, length)
      sent += length
      const progress = Math.floor((sent / file.size) * 100)
      if (progress === reported) continue
      reported = progress
      const answer = this.#pushTo(this.#topic, this.#joinRef, 'progress', {
        event: null,
        ref,
        entry_ref: file.ref,
        progress,
      })
      // The official client waits for the answer of the last one alone.
      if (progress === 100) await answer
      else answer.catch(fail)
    }
  }

  /** Sends a file over HTTP, as our client module does; resolves when its end is told and answered. */
  async sendOverHttp(upload: Upload): Promise<void> {
    const { ref, file } = upload
    const url = await this.#askForUrl(upload)
    let size = firstPart
    for (let sent = 0; sent < file.size; size = Math.min(size * 2, largestPart)) {
      const length = Math.min(size, file.size - sent)
      const patch = this.#patch(url, sent, length, file.size)
      const answered = once(patch, 'response') as Promise<[IncomingMessage]>
      for (let at = 0; at < length; at += megabyte.length) {
        const free = patch.write(megabyte.subarray(0, Math.min(megabyte.length, length - at)))
        if (!free) await once(patch, 'drain')
      }
      patch.end()
      const [response] = await answered
      response.resume()
      await once(response, 'end')
      sent += length
      const stands = response.headers['upload-offset']
      if (response.statusCode! >= 300 || Number(stands) !== sent)
        throw new Error(`a part was answered with ${response.statusCode}, ${stands}`)
    }
    const done = { event: null, ref, entry_ref: file.ref, progress: 100 }
    await this.#pushTo(this.#topic, this.#joinRef, 'progress', done)
  }

  /** Asks for its turn as our client module does with a file that is not small, and sends it then. Gives how long it waited, in ms. */
  async sendInTurn(upload: Upload): Promise<number> {
    const url = await this.#askForUrl(upload)
    const asked = performance.now()
    for (;;) {
      const look = request(url, {
        method: 'HEAD',
        headers: { cookie: this.#cookie, 'liveloom-turn': '?1' },
        agent: sending,
      })
      look.end()
      const [response] = (await once(look, 'response')) as [IncomingMessage]
      response.resume()
      if (response.statusCode === 204) break
      if (response.headers['liveloom-queued'] === undefined)
        throw new Error(`the turn was answered with ${response.statusCode}`)
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
    const waited = performance.now() - asked
    const { size } = upload.file
    const patch = this.#patch(url, 0, size, size)
    const answered = once(patch, 'response') as Promise<[IncomingMessage]>
    patch.end(megabyte.subarray(0, size))
    const [response] = await answered
    response.resume()
    if (response.statusCode !== 200) throw new Error(`the file was answered with ${response.statusCode}`)
    return waited
  }

  /** Begins to send a file, and keeps the request open. Resolves when half of it is on its way. */
  async beginOverHttp(name: string): Promise<void> {
    const size = 2 * halfFile
    const url = await this.#askForUrl(await this.choose(name, size))
    const patch = this.#patch(url, 0, size, size)
    patch.on('error', () => {})
    await new Promise<void>((resolve) => patch.write(megabyte.subarray(0, halfFile), () => resolve()))
  }

  async #askForUrl({ ref, file }: Upload): Promise<string> {
    const granted = await this.#pushTo(this.#topic, this.#joinRef, 'allow_upload', { ref, entries: [file] })
    const grant = (granted['entries'] as JsonObject)[file.ref] as string | { readonly url: string }
    // The control names none: whatever lies there takes it.
    return new URL(typeof grant === 'string' ? `/sink/${Math.random()}` : grant.url, this.#url).href
  }

  #patch(url: string, offset: number, length: number, whole: number): ClientRequest {
    const headers = {
      cookie: this.#cookie,
      'content-type': 'application/partial-upload',
      'content-length': length,
      'upload-offset': String(offset),
      'upload-complete': offset + length >= whole ? '?1' : '?0',
    }
    return request(url, { method: 'PATCH', headers, agent: sending })
  }

  /** Submits the form, and sees that the page lists the file. */
  async save({ file }: Upload): Promise<void> {
    const response = await this.#event('form', 'save', { meta: {} })
    if (!JSON.stringify(response).includes(String(file.size)))
      throw new Error(`${file.name} is not listed after the save`)
  }

  #event(type: string, event: string, rest: JsonObject): Promise<JsonObject> {
    return this.#pushTo(this.#topic, this.#joinRef, 'event', { type, event, value: '', ...rest })
  }

  #pushTo(topic: string, joinRef: string, event: string, payload: JsonObject): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      this.#send(topic, joinRef, event, payload, (response, status) => {
        if (status === 'ok') resolve(response)
        else reject(new Error(`${event} was answered with ${JSON.stringify(response)}`))
      })
    })
  }

  #send(topic: string, joinRef: string, event: string, payload: JsonObject, answered: Answered): void {
    const ref = String(++this.#refs)
    this.#waiting.set(ref, answered)
    this.#ws.send(JSON.stringify([joinRef, ref, topic, event, payload]))
  }

  #chunk(topic: string, joinRef: string, length: number): Promise<JsonObject> {
    const ref = String(++this.#refs)
    const strings = joinRef + ref + topic + 'chunk'
    const frame = Buffer.allocUnsafe(5 + strings.length + length)
    frame.set([0, joinRef.length, ref.length, topic.length, 5])
    frame.write(strings, 5, 'latin1')
    megabyte.copy(frame, 5 + strings.length, 0, length)
    return new Promise((resolve, reject) => {
      this.#waiting.set(ref, (response, status) => {
        if (status === 'ok') resolve(response)
        else reject(new Error(`a chunk was answered with ${JSON.stringify(response)}`))
      })
      this.#ws.send(frame)
    })
  }

  #receive(data: Buffer): void {
    this.received += data.length
    const [, ref, , event, payload] = JSON.parse(data.toString('latin1')) as [null, string, string, string, JsonObject]
    if (event === 'phx_error') throw new Error(`the server gave up: ${data.toString()}`)
    if (event === 'diff') this.onDiff?.()
    if (event !== 'phx_reply') return
    const answered = this.#waiting.get(ref)
    this.#waiting.delete(ref)
    answered?.(payload['response'] as JsonObject, payload['status'] as string)
  }
}

/** A file that was chosen. */
export interface Upload {
  /** The input's. */
  readonly ref: string
  readonly file: { readonly ref: string; readonly name: string; readonly size: number }
}

/** A page over HTTP. */
interface Loaded {
  readonly html: string
  readonly cookie: string
}

function load(url: string): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      let html = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => (html += text))
      response.on('end', () => {
        if (response.statusCode !== 200) return reject(new Error(`${url} answered ${response.statusCode}`))
        resolve({ html, cookie: response.headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '' })
      })
    })
    request.on('error', reject)
  })
}

function attribute(html: string, name: string): string {
  const found = new RegExp(`${name}="([^"]*)"`).exec(html)
  if (found === null) throw new Error(`the page has no ${name}`)
  return found[1]!
}

/** The HTML of a tree, without its lists. */
function print(node: Json, templates: JsonObject): string {
  if (typeof node !== 'object') return String(node)
  const { s, ...slots } = node as JsonObject
  const statics = (typeof s === 'number' ? templates[s] : s) as readonly string[] | undefined
  if (statics === undefined || 'k' in slots) return ''
  return statics.map((text, at) => (at === 0 ? text : print(slots[at - 1] ?? '', templates) + text)).join('')
}

function fail(error: unknown): never {
  throw error
}
