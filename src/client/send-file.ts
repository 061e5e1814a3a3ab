/**
 * Sends one file over HTTP, part by part, and goes on from where the server stands after whatever has gone wrong: resumable uploads of the
 * IETF, draft-ietf-httpbis-resumable-upload.
 */
import { type FileProof, proofHeader, queuedHeader, turnHeader } from '../protocol/http-uploads.ts'
import { BrokenParts } from './broken-parts.ts'
import { prove } from './prove-file.ts'
import { type FileFailureCode, failureCode } from '../protocol/file-notes.ts'

/** What became of it. `failed`: the server has told the page why; `blocked`: HTTP does not get through, or does not know it. */
export type Sent =
  | { readonly what: 'done' | 'failed' | 'stopped' | 'blocked' }
  | { readonly what: 'unreadable'; readonly code: FileFailureCode }

export interface Way {
  readonly url: string
  /** The server has bytes of it that another page has sent: this proves to it that the file is the same. */
  readonly proof: FileProof | undefined
  /** Some of it may be there already. */
  readonly goesOn: boolean
  /** Stops it for good. */
  readonly stop: AbortSignal
  /** Ends the request that runs: it may be one of a line that is dead. */
  readonly renew: EventTarget
  /** Each part is sent with its digest, as far as the browser computes one. */
  readonly verify: boolean
  /** Runs a request when there is room for it. */
  inTurn<T>(run: () => Promise<T>): Promise<T>
  /** Asks whether the page itself has a connection that lives: then what does not get through is HTTP. */
  isConnected(): Promise<boolean>
}

const MiB = 1024 * 1024
/** What the server keeps until its digest has proven it. */
const largestProven = 4 * MiB
const firstPart = 8 * MiB
const largestPart = 256 * MiB
/** What passes where a proxy takes 1 MiB, as nginx does by default. */
const carefulPart = 960 * 1024
const leastPart = 16 * 1024
/** How long one part may take, in ms. */
const partTime = 30_000
/** A file up to this size is sent at once, without asking first. */
const askedFrom = MiB
const firstPause = 250
const longestPause = 30_000
/** The longest that an answer may ask for, in ms. */
const longestAsked = 10 * 60 * 1000
/** Which pause what is paused is asked after. */
const pausedTimes = 5
/** So many failures in a row without a byte between, while the page is connected: HTTP does not get through. */
const mostFailures = 6
/** What passes by itself: the server is busy, or restarted, or its disk is full. */
const waitsFor: ReadonlySet<number> = new Set([429, 503, 507])
/** So many answers of another offset, without a byte between: something is wrong with it. */
const mostConflicts = 10

export async function sendFile(file: Blob, way: Way): Promise<Sent> {
  const whole = sizeOf(file)
  let offset = way.goesOn || way.proof !== undefined || whole > askedFrom ? undefined : 0
  // Browsers compute digests for pages that came by HTTPS, or from this machine.
  const digests = way.verify && isSecureContext
  /** More is not let through. */
  let most = digests ? largestProven : largestPart
  let size = Math.min(firstPart, most)
  /** How far the server is known to be. */
  let reached = 0
  let failures = 0
  let conflicts = 0
  /** Answers in a row that it is not known: a server that was restarted learns of it as the page joins. */
  let unknown = 0
  const broken = new BrokenParts()
  /** How often requests were ended since the line may be dead. */
  let renewals = 0
  way.renew.addEventListener('renew', () => renewals++, { signal: way.stop })
  const failed = async (answer?: Response): Promise<Sent | undefined> => {
    const unreadable = await readByte(file, offset ?? 0)
    if (unreadable !== undefined) return { what: 'unreadable', code: unreadable }
    offset = undefined
    failures++
    if (failures >= 2) size = Math.min(size, carefulPart)
    const busy = answer !== undefined && waitsFor.has(answer.status)
    if (failures >= mostFailures && !busy && (await way.isConnected())) return { what: 'blocked' }
    await pause(failures, answer, way)
    return undefined
  }
  // Told before the server is asked for anything: it has failed there, too.
  const unreadable = await readByte(file, 0)
  if (unreadable !== undefined) return { what: 'unreadable', code: unreadable }
  while (!way.stop.aborted) {
    const began = performance.now()
    const part = Math.min(size, whole - (offset ?? 0))
    const at = offset
    const before = renewals
    const answer = await way.inTurn(() => request(file, at, part, { digests, ends: (at ?? 0) + part >= whole }, way))
    if (way.stop.aborted) break
    const status = answer?.status ?? 0
    const stands = readOffset(answer)
    unknown = status === 404 ? unknown + 1 : 0
    // What is cut after so long may be cut again.
    if (answer?.ok !== true && performance.now() - began > partTime) size = Math.max(size >> 1, leastPart)
    if (at !== undefined) {
      // The server itself says when to come again.
      const isBroken = answer === undefined ? renewals === before : status >= 500 && !answer.headers.has('retry-after')
      if (isBroken) broken.broke(at)
      else if (answer?.ok === true) broken.passed()
    } else if (stands !== undefined) {
      const came = broken.stands(stands)
      if (came !== undefined) most = size = came < carefulPart ? smaller(size) : Math.min(came, size)
    }
    if (answer?.headers.has(queuedHeader) === true) {
      // Others are sent first. It asks without its bytes until its turn has come.
      offset = undefined
      await pause(0, answer, way)
    } else if (answer === undefined || status === 408 || status === 429 || (status >= 500 && status !== 501)) {
      const end = await failed(answer)
      if (end !== undefined) return end
    } else if (answer.ok && stands !== undefined) {
      if (answer.headers.get('upload-complete') === '?1') return { what: 'done' }
      if (stands > reached) failures = conflicts = 0
      reached = Math.max(reached, stands)
      if (at !== undefined) size = Math.min(nextSize(size, performance.now() - began), most)
      offset = stands
    } else if ((status === 409 || (status === 400 && digests)) && stands !== undefined && ++conflicts < mostConflicts)
      // With 400: what came was not what was sent.
      offset = stands
    else if (status === 413 && size > leastPart) most = size = smaller(size)
    else if (status === 423) {
      // Paused, and the page has not heard of it: its input has left, say.
      offset = undefined
      await pause(pausedTimes, answer, way)
    } else if (status === 410) return { what: 'failed' }
    else if (unknown !== 1 && (await way.isConnected())) return { what: 'blocked' }
    else {
      // Somebody on the way has answered, while nothing gets through: the page of a hotel's network, say.
      const end = await failed(answer)
      if (end !== undefined) return end
    }
  }
  return { what: 'stopped' }
}

/** Asks where the server stands, or sends the part that follows `offset`. `undefined`: no answer came. */
async function request(
  file: Blob,
  offset: number | undefined,
  size: number,
  { digests, ends }: { readonly digests: boolean; readonly ends: boolean },
  { url, proof, stop, renew }: Way,
): Promise<Response | undefined> {
  // Its turn may have come late.
  if (stop.aborted) return undefined
  const abort = new AbortController()
  const end = (): void => abort.abort()
  stop.addEventListener('abort', end)
  renew.addEventListener('renew', end)
  const common = { credentials: 'same-origin', cache: 'no-store', signal: abort.signal } as const
  try {
    if (offset === undefined) {
      const claim = proof === undefined ? undefined : await prove(file, proof)
      return await fetch(url, {
        ...common,
        method: 'HEAD',
        headers: { [turnHeader]: '?1', ...(claim !== undefined && { [proofHeader]: claim }) },
      })
    }
    const part = file.slice(offset, offset + size)
    // The very bytes that were looked at.
    const body = digests ? await part.arrayBuffer() : part
    const headers = {
      'content-type': 'application/partial-upload',
      'upload-offset': String(offset),
      'upload-complete': ends ? '?1' : '?0',
      ...(body instanceof ArrayBuffer && { 'content-digest': `sha-256=:${await sha256(body)}:` }),
    }
    return await fetch(url, { ...common, method: 'PATCH', headers, body })
  } catch {
    return undefined
  } finally {
    stop.removeEventListener('abort', end)
    renew.removeEventListener('renew', end)
  }
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))))
}

function readOffset(answer: Response | undefined): number | undefined {
  const text = answer?.headers.get('upload-offset')
  return text != null && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function smaller(size: number): number {
  return size > carefulPart ? carefulPart : Math.max(size >> 1, leastPart)
}

function nextSize(size: number, took: number): number {
  if (took * 2 < partTime) return Math.min(size * 2, largestPart)
  return took > partTime ? Math.max(size >> 1, leastPart) : size
}

/** Longer each time; over at once when the network is back. */
export function pause(
  failures: number,
  answer: Response | undefined,
  { stop, renew }: Pick<Way, 'stop' | 'renew'>,
): Promise<void> {
  if (stop.aborted) return Promise.resolve()
  // It may be a date: then the usual pause has to do.
  const seconds = Number(answer?.headers.get('retry-after') ?? 0) || 0
  const asked = Math.min(seconds * 1000, longestAsked)
  const longest = Math.min(firstPause * 2 ** failures, longestPause)
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer)
      stop.removeEventListener('abort', over)
      renew.removeEventListener('renew', over)
      removeEventListener('online', over)
      resolve()
    }
    const timer = setTimeout(over, Math.max(asked, longest * (0.5 + Math.random() / 2)))
    stop.addEventListener('abort', over)
    renew.addEventListener('renew', over)
    addEventListener('online', over)
  })
}

/** How many bytes it has: `note-files.ts` gives one without any a `size` of its own, for the official client to take it. */
export function sizeOf(file: Blob): number {
  return file.slice().size
}

/** Why the byte at `offset` cannot be read; `undefined` when it can. A file that has gone looks like a network that has. */
export async function readByte(file: Blob, offset: number): Promise<FileFailureCode | undefined> {
  try {
    const { byteLength } = await file.slice(offset, offset + 1).arrayBuffer()
    return byteLength === 1 || offset >= sizeOf(file) ? undefined : 'file_changed'
  } catch (error) {
    return failureCode((error as { readonly name?: string }).name ?? '')
  }
}
