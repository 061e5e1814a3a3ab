/**
 * The fallback for networks without WebSockets: the same connection over plain requests. A GET waits for frames, a POST brings
 * some, and a signed token in the address says of which session. The answer's status is in its body; HTTP's own is always 200,
 * as the official client expects.
 */
import { decodeBase64 } from '../protocol/base64.ts'
import { LineSplitter } from '../protocol/lines.ts'
import { randomText } from '../token/random.ts'
import type { Signer } from '../token/signer.ts'
import type { Timer } from '../time/timer.ts'
import type { Admission, Connection, Peer } from './connection.ts'
import type { LiveRequest, LiveResponse } from './http.ts'
import { LongPollPeer, type PollAnswer } from './long-poll-peer.ts'
import { tokenMaxAge } from './visitor.ts'

/** Behind the path of the socket. */
export const pollPath = '/longpoll'

/** What long polling needs of its server. */
export interface LongPollServer {
  readonly signer: Signer
  /** Which browser a request comes from. */
  visitorId(request: LiveRequest): string
  readonly maxMessageSize: number
  readonly maxLongPolls: number
  startTimer(ms: number, fire: () => void): Timer
  isOwnOrigin(origin: string | null, url: URL): boolean
  /** `undefined` when deciding failed; that was reported. */
  admit(request: LiveRequest): Promise<{ ok: true; admission: Admission } | { ok: false; status: number } | undefined>
  connect(peer: Peer, admission: Admission): Connection
  disconnect(connection: Connection): void
  /** `fixed`: how much it is, where no option sets it. */
  limitReached(limit: 'maxLongPolls' | 'maxLongPollPosts' | 'longPollPostTimeout', fixed?: number): void
}

interface Session {
  readonly id: string
  readonly admission: Admission
  readonly peer: LongPollPeer
  readonly connection: Connection
  /** Answers the POSTs whose bodies still come, when the session ends. */
  readonly posts: Set<() => void>
}

/** What a POST brings. */
interface Frames {
  readonly bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  readonly type: string | null
}

/** The official client's own words; it knows no others. */
const status = { ok: 200, nothing: 204, forbidden: 403, gone: 410, failed: 500 } as const
/** Refusals after which the client tries again. */
const comesBack: ReadonlySet<number> = new Set([429, 503])
const lineType = 'application/x-ndjson'
const tokenHeader = 'x-phoenix-longpoll-token'
const openBracket = 0x5b
/** POSTs of one session at a time: the client sends one after the other, and a second one when it has given up the first. */
const mostPosts = 4
/** How long a body may take, in ms. */
const postTimeout = 60_000
/** What is no base64 becomes an empty frame, which is none. */
const malformed = new Uint8Array()

export class LongPolls {
  readonly #server: LongPollServer
  readonly #sessions = new Map<string, Session>()
  #closed = false
  #refusing = false

  constructor(server: LongPollServer) {
    this.#server = server
  }

  async answer(request: LiveRequest, url: URL): Promise<LiveResponse> {
    const origin = request.headers.get('origin')
    const allowed = this.#server.isOwnOrigin(origin, url)
    const headers = allowed && origin !== null ? { 'access-control-allow-origin': origin } : {}
    if (request.method === 'OPTIONS') return preflight(request, allowed, headers)
    if (request.method !== 'GET' && request.method !== 'POST') return { status: 400, headers: {}, body: '' }
    if (!allowed) return respond({ status: status.forbidden }, headers)
    const found = this.#find(request, url)
    if (request.method === 'POST') {
      const posted = found === undefined ? status.gone : await this.#receive(found.session, request)
      // What is left of a body that nobody wants is not waited for.
      return respond({ status: posted }, posted === status.ok ? headers : { ...headers, connection: 'close' })
    }
    if (found === undefined) {
      if (this.#refusing)
        return { ...respond({ status: status.failed }, { ...headers, connection: 'close' }), status: 503 }
      return respond(await this.#open(request), headers)
    }
    const { session, number } = found
    const answer = await poll(session, number, request)
    return respond(this.#pollBody(session, answer), headers)
  }

  /** Takes no more, and goes on with those that are there. For whoever stands before, a proxy, it is said in HTTP's own words too. */
  refuse(): void {
    this.#refusing = true
  }

  get size(): number {
    return this.#sessions.size
  }

  /** Sessions that have ended, whose clients have not been told so yet. */
  get leaving(): number {
    let count = 0
    for (const { peer } of this.#sessions.values()) if (peer.ended) count++
    return count
  }

  /** Answers whoever waits, and takes no more. */
  close(): void {
    this.#closed = true
    for (const { peer } of this.#sessions.values()) peer.terminate()
  }

  async #open(request: LiveRequest): Promise<object> {
    if (!this.#hasRoom()) {
      if (!this.#closed) this.#server.limitReached('maxLongPolls')
      return { status: status.failed }
    }
    const decision = await this.#server.admit(request)
    if (decision === undefined || !this.#hasRoom()) return { status: status.failed }
    if (!decision.ok) return { status: comesBack.has(decision.status) ? status.failed : status.forbidden }
    return { status: status.gone, token: this.#tokenOf(this.#create(decision.admission).id, 0), messages: [] }
  }

  #hasRoom(): boolean {
    return !this.#closed && this.#sessions.size < this.#server.maxLongPolls
  }

  #create(admission: Admission): Session {
    const server = this.#server
    const id = randomText(18)
    const posts = new Set<() => void>()
    const peer = new LongPollPeer({
      startTimer: (ms, fire) => server.startTimer(ms, fire),
      closed() {
        server.disconnect(connection)
        for (const end of posts) end()
      },
      forgotten: () => this.#sessions.delete(id),
    })
    const connection = server.connect(peer, admission)
    const session = { id, admission, peer, connection, posts }
    this.#sessions.set(id, session)
    return session
  }

  /** The session of a request, and the number of the answer that its client got last. */
  #find(request: LiveRequest, url: URL): { readonly session: Session; readonly number: number } | undefined {
    const { signer } = this.#server
    // The client appends its own; the application may have a parameter of the same name.
    const token = request.headers.get(tokenHeader) ?? url.searchParams.getAll('token').at(-1)
    const data = token === undefined ? undefined : signer.verify('longpoll', token, tokenMaxAge)
    if (data === undefined) return undefined
    const [id, number] = data as [string, number]
    const session = this.#sessions.get(id)
    if (session === undefined) return undefined
    const { admission } = session
    // Addresses are written to logs: a token that was read there is of no use without the visitor's cookie. Of that the id alone
    // counts: a login in another tab changes the rest, and must not end what runs here.
    if (admission.session !== undefined && this.#server.visitorId(request) !== admission.visitorId) return undefined
    return { session, number }
  }

  #pollBody(session: Session, answer: PollAnswer): object {
    if (answer.kind === 'gone') return { status: status.gone, token: null, messages: [] }
    const token = this.#tokenOf(session.id, answer.number)
    if (answer.kind === 'nothing') return { status: status.nothing, token, messages: [] }
    return { status: status.ok, token, messages: answer.frames }
  }

  #tokenOf(id: string, number: number): string {
    return this.#server.signer.sign('longpoll', [id, number])
  }

  /** Takes in the frames of a POST as they come. The status that answers it. */
  #receive(session: Session, request: LiveRequest): Promise<number> {
    const { peer, posts } = session
    if (peer.ended) return Promise.resolve(status.gone)
    if (posts.size >= mostPosts) {
      this.#server.limitReached('maxLongPollPosts', mostPosts)
      return Promise.resolve(status.failed)
    }
    // Whether that may be read at all shows here.
    const frames = { bytes: request.body ?? [], type: request.headers.get('content-type') }
    return new Promise((resolve) => {
      const kept = new Kept(session.connection)
      const end = (): void => {
        posts.delete(end)
        timer.cancel()
        // Node tells nobody that the rest of a body which was answered already will never come.
        kept.end()
        resolve(peer.ended ? status.gone : status.ok)
      }
      posts.add(end)
      const timer: Timer = this.#server.startTimer(postTimeout, () => {
        this.#server.limitReached('longPollPostTimeout', postTimeout)
        peer.close()
      })
      // Of a body that breaks off nobody waits for the answer.
      readFrames(session, frames, kept, this.#server.maxMessageSize).then(end, end)
    })
  }
}

function poll({ peer, connection }: Session, number: number, { signal }: LiveRequest): Promise<PollAnswer> {
  connection.alive()
  return new Promise((resolve) => {
    peer.poll(number, resolve)
    signal?.addEventListener('abort', () => peer.abandon(resolve))
  })
}

/** Until the body ends, or the session: it does when a frame is too large, or none. */
async function readFrames(session: Session, { bytes, type }: Frames, kept: Kept, maxSize: number): Promise<void> {
  const { peer, connection } = session
  const inLines = type?.split(';', 1)[0]!.trim() === lineType
  const splitter = new LineSplitter(inLines ? Math.ceil(maxSize / 3) * 4 : maxSize)
  const take = (line: Uint8Array): void => {
    // An empty one is what follows the last line's end.
    if (line.length === 0 || peer.ended) return
    if (!inLines || line[0] === openBracket) {
      if (line.length > maxSize) tooLarge(session)
      else connection.text(line)
    } else connection.binary(decodeBase64(line) ?? malformed)
  }
  for await (const piece of bytes) {
    const lines = inLines ? splitter.push(piece) : splitter.keep(piece) ? [] : undefined
    if (lines === undefined) return tooLarge(session)
    // Lines that wait for room to be made are kept as well.
    kept.is(splitter.held + lines.reduce((sum, line) => sum + line.length, 0))
    for (const line of lines) {
      take(line)
      if (peer.room !== undefined) await peer.room
    }
    kept.is(splitter.held)
    if (peer.room !== undefined) await peer.room
    if (peer.ended) return
  }
  take(splitter.end())
}

function tooLarge({ peer, connection }: Session): void {
  connection.tooLarge()
  peer.close()
}

/** What is kept of a body that still comes, as its connection is charged for it. */
class Kept {
  readonly #connection: Connection
  #bytes = 0
  #ended = false

  constructor(connection: Connection) {
    this.#connection = connection
  }

  is(bytes: number): void {
    const kept = this.#ended ? 0 : bytes
    if (kept !== this.#bytes) this.#connection.begun(kept - this.#bytes)
    this.#bytes = kept
  }

  /** Whoever still reads keeps it for nobody. */
  end(): void {
    this.#ended = true
    this.is(0)
  }
}

function preflight(request: LiveRequest, allowed: boolean, origin: LiveResponse['headers']): LiveResponse {
  if (!allowed) return { status: 403, headers: { vary: 'origin' }, body: '' }
  const headers = {
    ...origin,
    vary: 'origin',
    'access-control-allow-headers': request.headers.get('access-control-request-headers') ?? '',
    'access-control-allow-methods': 'get, post, options',
    'access-control-max-age': '3600',
  }
  return { status: 200, headers, body: '' }
}

function respond(body: object, headers: LiveResponse['headers']): LiveResponse {
  return {
    status: 200,
    headers: {
      ...headers,
      vary: 'origin',
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
    body: JSON.stringify(body),
  }
}
