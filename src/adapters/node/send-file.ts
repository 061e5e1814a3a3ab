/** Sends a file of the disk by HTTP: whole, in part, or only that it has not changed. What is asked for, and by whom, is settled before. */
import { realpath, stat } from 'node:fs/promises'
import type { ReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { create as contentDisposition } from 'content-disposition'
import send from 'send'
import { limitUnsent } from './http.ts'
import type { Served } from './served-types.ts'

/** A file that is there. */
export interface Found {
  /** The root as it is, behind all links. */
  readonly root: string
  readonly path: string
}

/** The file behind a path; `undefined` for what is not there, and for what is not to be told from that. */
export async function findIn(root: string, path: string): Promise<Found | undefined> {
  if (path.includes('\0') || isHidden(root, resolve(root, path))) return undefined
  return whereThere(path, async () => {
    const real = { root: await realpath(root), path: await realpath(resolve(root, path)) }
    // Behind a link may be anything.
    return isHidden(real.root, real.path) ? undefined : real
  })
}

/** The file at an absolute path, whatever links lead to it; `undefined` for what is not there. */
export async function findAt(path: string): Promise<Found | undefined> {
  return whereThere(path, async () => {
    const real = await realpath(path)
    return { root: dirname(real), path: real }
  })
}

async function whereThere(path: string, find: () => Promise<Found | undefined>): Promise<Found | undefined> {
  try {
    const found = await find()
    if (found === undefined || !(await stat(found.path)).isFile()) return undefined
    return /[/\\]$/.test(path) ? undefined : found
  } catch (error) {
    if (absences.has((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

const absences: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EINVAL'])

/** Outside of the root, the root itself, or below something whose name begins with a dot. */
function isHidden(root: string, path: string): boolean {
  const way = relative(resolve(root), path)
  return way === '' || isAbsolute(way) || way.split(sep).some((part) => part.startsWith('.'))
}

export function setFileHeaders(response: ServerResponse, served: Served, name: string, cacheControl: string): void {
  response.setHeader('content-type', served.type)
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('content-disposition', contentDisposition(name, { type: served.disposition }))
  response.setHeader('cache-control', cacheControl)
  if (served.policy !== undefined) response.setHeader('content-security-policy', served.policy)
}

/** What is only true of the file, when something else is sent. */
const fileHeaders = [
  'content-type',
  'content-disposition',
  'content-security-policy',
  'cache-control',
  'content-length',
  'content-range',
  'accept-ranges',
  'etag',
  'last-modified',
] as const

export function clearFileHeaders(response: ServerResponse): void {
  for (const name of fileHeaders) response.removeHeader(name)
}

/** How far a file was sent. */
export interface Sent {
  readonly bytes: number
  /** Which of its bytes was the first. */
  readonly from: number
  /** Its last byte was sent, and nobody has left before. */
  readonly toItsEnd: boolean
}

/**
 * Sends what the request asks of a file. Resolves when that is through, or nobody is left to read it. Rejects when it cannot be read, behind
 * the answer. `missing` answers when it has gone meanwhile.
 */
export function transfer(
  request: IncomingMessage,
  response: ServerResponse,
  { root, path }: Found,
  missing: () => Promise<void>,
): Promise<Sent> {
  const way = relative(root, path).split(sep).map(encodeURIComponent).join('/')
  const stream = send(request, way, { root, dotfiles: 'allow', index: false, cacheControl: false })
  return new Promise((resolve, reject) => {
    let ended: Promise<void> | undefined
    let read: ReadStream | undefined
    const sent = (): Sent => ({
      bytes: read?.bytesRead ?? 0,
      ...rangeOf(response),
    })
    const lost = (): void =>
      void (ended ??= missing()).then(() => resolve({ bytes: 0, from: 0, toItsEnd: false }), reject)
    const fail = (error: NodeJS.ErrnoException & { readonly status?: number }): void => {
      const { status = 500 } = error
      if (status === 404) return lost()
      const range = response.getHeader('content-range')
      const headers = status === 416 && typeof range === 'string' ? { 'content-range': range } : {}
      // Half of it is on its way, and that the other half is missing cannot be told otherwise.
      if (response.headersSent) response.destroy()
      ended ??= refuse(request, response, status, headers)
      void ended.then(() => (status < 500 ? resolve(sent()) : reject(error)), reject)
    }
    stream.on('directory', lost).on('error', fail)
    stream.on('stream', (file: ReadStream) => {
      read = file
      // The browser would wait for the rest of a file that has been cut short meanwhile.
      file.once('end', () => {
        if (file.bytesRead < Number(response.getHeader('content-length'))) fail(new Error(`${path} was cut short`))
      })
    })
    response.once('close', () => {
      if (ended === undefined) resolve(sent())
    })
    // Nothing is wrong with one who stops to watch.
    limitUnsent(response, unsentTimeout, () => {})
    stream.pipe(response)
  })
}

/** In ms. A browser that shows a film reads on when it needs more, and asks again for the rest if it has to. */
const unsentTimeout = 60_000

/** What of the file was sent: `bytes 4-9/10` of a part of it, else all. */
function rangeOf(response: ServerResponse): { readonly from: number; readonly toItsEnd: boolean } {
  const isWhole = response.writableFinished && response.req.method !== 'HEAD'
  if (response.statusCode !== 206) return { from: 0, toItsEnd: isWhole && response.statusCode === 200 }
  const said = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(String(response.getHeader('content-range'))) ?? []
  const [, first, last, size] = said.map(Number)
  return { from: first ?? 0, toItsEnd: isWhole && last! + 1 === size }
}

const reasons: Readonly<Record<number, string>> = {
  404: 'Not found',
  405: 'Method not allowed',
  412: 'Precondition failed',
  416: 'Range not satisfiable',
  500: 'Something went wrong',
}

/** Resolves when the answer is through. */
export async function refuse(
  { method }: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  if (isOver(response) || response.headersSent) return
  clearFileHeaders(response)
  const text = `${reasons[status] ?? 'Not possible'}\n`
  const closed = new Promise<void>((resolve) => response.once('close', () => resolve()))
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  })
  response.end(method === 'HEAD' ? undefined : text)
  await closed
}

/** Nobody is left who could be answered. */
export function isOver({ closed, destroyed, socket }: ServerResponse): boolean {
  return closed || destroyed || socket?.destroyed === true
}
