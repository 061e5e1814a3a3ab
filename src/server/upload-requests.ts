/**
 * The resources of uploads over HTTP, in two dialects: resumable uploads of the IETF (draft-ietf-httpbis-resumable-upload, the editor's
 * copy of 1 July 2026), and tus 1.0. An entry's URL is handed out by its preflight, so that nothing is created here. Whoever is not the
 * visitor of its page finds nothing.
 */
import { proofHeader, queuedHeader, turnHeader } from '../protocol/http-uploads.ts'
import { uploadError } from '../upload/errors.ts'
import { largestProven, type PartProof } from '../upload/proven-part.ts'
import type { Appended, ResourcePlace, ResourceShelf, UploadResource } from '../upload/resource.ts'
import type { Timer } from '../time/timer.ts'
import type { LiveRequest, LiveResponse } from './http.ts'
import type { ProcessBudget } from './process-budget.ts'
import { type AppendRequest, type Dialect, dialectOf, draft, tus } from './upload-dialects.ts'
import type { SaidDigest } from './upload-digests.ts'

/** What they need of the server. */
export interface UploadRequestsHost {
  visitorId(request: LiveRequest): string
  isOwnOrigin(origin: string | null, url: URL): boolean
  /** What they keep of the browser's counts with what sockets hold. */
  readonly budget: Pick<ProcessBudget, 'add' | 'isOver'>
  /** They hold what they may. */
  full(): void
  /** A page whose browser computes no digests uploads what is to be verified. */
  unverified(url: URL): void
  startTimer(ms: number, fire: () => void): Timer
  wallClock(): number
  /** The path below the socket's, as the browser has it. */
  path(id: string): string
}

interface Shelved {
  readonly resource: UploadResource
  readonly visitorId: string
}

/** How long one that has left is still known, in ms: the answer to its last part may have been lost. */
const knownFor = 30_000
/** What a request is told whose bytes are not taken, since the upload is paused. */
const pausedStatus = 423
/** How long a request waits for its page to hear that the entry was cancelled or paused, or has failed, in ms: it then ends by itself, and is no error. */
const patience = 2_000
/** What a client is asked to wait, in seconds: until a restarted server is there, and until a disk may have room. */
const restartAfter = 1
const roomAfter = 10
/** The same of one that waits for its turn: it may come at any moment. */
const queuedAfter = 1

export class UploadRequests implements ResourceShelf {
  readonly #host: UploadRequestsHost
  readonly #resources = new Map<string, Shelved>()
  #closed = false

  constructor(host: UploadRequestsHost) {
    this.#host = host
  }

  add(first: UploadResource, visitorId: string, id: string): ResourcePlace {
    const put = (resource: UploadResource): void => void this.#resources.set(id, { resource, visitorId })
    put(first)
    const remove = (): void => {
      const left = this.#resources.get(id)
      this.#host.startTimer(knownFor, () => {
        // It may have another one by now, and the view after the next may have put it there again.
        if (this.#resources.get(id) === left) this.#resources.delete(id)
      })
    }
    return { url: this.#host.path(id), put, remove }
  }

  async answer(request: LiveRequest, url: URL, id: string): Promise<LiveResponse> {
    const dialect = dialectOf(request)
    if (this.#closed) return later(dialect)
    const found = this.#resources.get(id)
    const mine =
      found !== undefined &&
      this.#host.isOwnOrigin(request.headers.get('origin'), url) &&
      this.#host.visitorId(request) === found.visitorId
    if (!mine) return dialect.refuse(404, 'there is no such upload')
    const { resource } = found
    const before = resource.state
    const response = await this.#answer(request, url, resource, dialect)
    // Whatever became of it here, the next one knows better.
    if (this.#closed && response.status >= 400) return later(dialect)
    if (resource.state === 'open' && response.status < 500) {
      const expires = dialect.expires(resource, this.#host.wallClock())
      return { ...response, headers: { ...response.headers, ...expires } }
    }
    const isLost = response.status === 404 || response.status === 410
    const isNews = isLost && (resource.state === 'gone' || before === 'open')
    if (isNews || response.status === pausedStatus) await this.#untilHeard(request)
    return response
  }

  /** The server stops: what runs ends where it is, and goes on at the next one. */
  close(): void {
    this.#closed = true
    for (const { resource } of this.#resources.values()) resource.stop()
  }

  #untilHeard({ signal }: LiveRequest): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#host.startTimer(patience, resolve)
      const over = (): void => {
        timer.cancel()
        resolve()
      }
      signal?.addEventListener('abort', over, { once: true })
    })
  }

  async #answer(request: LiveRequest, url: URL, resource: UploadResource, dialect: Dialect): Promise<LiveResponse> {
    const method = methodOf(request, dialect)
    if (method !== 'OPTIONS' && !dialect.speaks(request)) return dialect.refuse(412)
    const claim = request.headers.get(proofHeader) ?? undefined
    switch (method) {
      case 'OPTIONS':
        return dialect.options(resource)
      case 'HEAD':
      case 'GET':
        return resource.inTurn(async () => {
          await resource.prove(claim)
          // For tus what has no byte is complete from the start, and nothing is sent of it.
          if (dialect === tus && resource.length === 0 && resource.state === 'open') {
            await resource.append(nothing(), true)
          }
          const gone = goneAnswer(resource, dialect)
          if (gone !== undefined) return gone
          const asksTurn = request.headers.get(turnHeader) !== null && resource.state === 'open'
          const waits = asksTurn ? await resource.comesUp(request.signal) : undefined
          return waits === 'queued' ? queued(dialect) : (goneAnswer(resource, dialect) ?? dialect.looked(resource))
        })
      case 'PATCH':
        return this.#append({ request, url, resource, dialect })
      case 'POST':
        // The draft's creation: the resource is there already, and is what it would have created.
        return dialect === draft
          ? this.#append({ request, url, resource, dialect, created: url.pathname })
          : dialect.refuse(405)
      case 'DELETE':
        return resource.inTurn(async () => {
          const gone = goneAnswer(resource, dialect)
          if (gone !== undefined) return gone
          // It may be in the middle of being consumed.
          if (resource.state === 'done') return dialect.refuse(409, 'the upload is complete')
          resource.fail(uploadError('upload_failed', { reason: 'the browser cancelled the upload' }))
          return dialect.answer(204, resource)
        })
      default:
        return dialect.refuse(405)
    }
  }

  async #append({ request, url, resource, dialect, created }: Appending): Promise<LiveResponse> {
    const asked = dialect.readAppend(request, created !== undefined)
    if (asked === 'inconsistent') return dialect.inconsistent()
    if (typeof asked === 'number') return dialect.refuse(asked)
    const said = dialect.readDigest(request)
    if (typeof said === 'string') return dialect.badDigest(said)
    if (said === undefined && resource.verifies) {
      if (isSecureContext(url)) return dialect.badDigest(undefined)
      this.#host.unverified(url)
    }
    if (said !== undefined && Number(request.headers.get('content-length') ?? 0) > largestProven)
      return tooLarge(dialect)
    const { budget } = this.#host
    let held = 0
    const hold = (bytes: number): boolean => {
      held += bytes
      budget.add(bytes)
      if (!budget.isOver(held)) return true
      this.#host.full()
      return false
    }
    try {
      return await resource.inTurn(() =>
        appendNow(request, resource, dialect, { ...asked, said: said && { ...said, hold } }, created),
      )
    } finally {
      budget.add(-held)
    }
  }
}

/** A request to append. `created`: the path of its resource, where it was to create it. */
interface Appending {
  readonly request: LiveRequest
  readonly url: URL
  readonly resource: UploadResource
  readonly dialect: Dialect
  readonly created?: string | undefined
}

/** Whether a page of that address is in what browsers call a secure context: in no other they compute digests. */
function isSecureContext({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)
}

function tooLarge(dialect: Dialect): LiveResponse {
  return dialect.refuse(413, `a part with a digest has ${largestProven} bytes at most`)
}

/** Where a proxy lets no other method through, tus says by a header which it is; a form of another site cannot send one. */
function methodOf({ method, headers }: LiveRequest, dialect: Dialect): string {
  const override = dialect === tus && method === 'POST' ? headers.get('x-http-method-override') : null
  return (override ?? method).toUpperCase()
}

async function appendNow(
  request: LiveRequest,
  resource: UploadResource,
  dialect: Dialect,
  { offset, complete, length, said }: AppendRequest & { readonly said: (SaidDigest & PartProof) | undefined },
  created: string | undefined,
): Promise<LiveResponse> {
  await resource.prove(request.headers.get(proofHeader) ?? undefined)
  const gone = goneAnswer(resource, dialect)
  if (gone !== undefined) return gone
  if (offset !== resource.offset) return dialect.mismatch(resource, offset)
  // The answer to its last part was lost.
  if (resource.state === 'done') return dialect.completed(resource, length === resource.length)
  if (length !== undefined && (complete ? length !== resource.length : length > resource.length)) {
    resource.fail(uploadError('size_exceeded', { clientSize: resource.length }))
    return dialect.inconsistent()
  }
  const outcome = await resource.append(request.body ?? nothing(), complete ?? true, said, request.signal)
  if (outcome === 'mismatch') return dialect.mismatchedDigest(resource, said!)
  return appended(outcome, resource, dialect, { complete, created })
}

function appended(
  outcome: Exclude<Appended, 'mismatch'>,
  resource: UploadResource,
  dialect: Dialect,
  { complete, created }: { readonly complete: boolean | undefined; readonly created: string | undefined },
): LiveResponse {
  switch (outcome) {
    case 'done':
      return dialect.appended(resource, created)
    case 'written':
      if (complete !== true) return dialect.appended(resource, created)
      // It said that all would come.
      resource.fail(uploadError('upload_failed', { reason: 'the browser sent less than it had declared' }))
      return dialect.inconsistent()
    case 'too_long':
      return dialect.inconsistent()
    case 'broken':
      return dialect.refuse(408)
    case 'full':
      return withRetry(dialect.refuse(507, 'there is no room for it now'), roomAfter)
    case 'queued':
      return queued(dialect)
    case 'paused':
      return dialect.refuse(pausedStatus, 'the upload is paused')
    case 'too_large':
      return tooLarge(dialect)
    case 'no_room':
      return withRetry(dialect.refuse(503), restartAfter)
    case 'ended':
      return goneAnswer(resource, dialect) ?? dialect.refuse(404)
  }
}

function goneAnswer({ state }: UploadResource, dialect: Dialect): LiveResponse | undefined {
  if (state === 'gone') return dialect.refuse(404, 'there is no such upload')
  return state === 'failed' ? dialect.refuse(410, 'the upload has failed') : undefined
}

/** It has waited for some seconds, and waits on when it comes again. */
function queued(dialect: Dialect): LiveResponse {
  const response = withRetry(dialect.refuse(503, 'others are sent first: come again'), queuedAfter)
  return { ...response, headers: { ...response.headers, [queuedHeader]: '?1' } }
}

function later(dialect: Dialect): LiveResponse {
  return withRetry(dialect.refuse(503, 'the server is being restarted'), restartAfter)
}

function withRetry(response: LiveResponse, seconds: number): LiveResponse {
  return { ...response, headers: { ...response.headers, 'retry-after': String(seconds) } }
}

async function* nothing(): AsyncIterable<Uint8Array> {}
