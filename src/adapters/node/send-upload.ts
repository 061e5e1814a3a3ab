/** Sends a file that was uploaded to a browser: what a stranger wrote, and another one opens. */
import { realpath, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename, isAbsolute, relative, resolve, sep } from 'node:path'
import { create as contentDisposition } from 'content-disposition'
import send from 'send'
import { describe, LiveError } from '../../errors.ts'
import { limitUnsent } from './http.ts'
import { dispositions, type Served, servedAs } from './served-types.ts'

/** What `sendUpload` takes beside the file. */
export interface SendUploadOptions {
  /** The folder that the file is in, or in a folder of. Nothing outside of it is sent, by whatever path or link. */
  readonly root: string
  /**
   * What the file is called when it is saved: `entry.clientName`, say. From a browser it may be anything; what no file can be called is
   * left out. @default the last part of the path
   */
  readonly name?: string | undefined
  /** The `Content-Type`. @default by the extension of the path, else of the name, else `application/octet-stream` */
  readonly type?: string | undefined
  /**
   * Whether the browser shows the file in its window, or saves it. @default 'inline' for pictures, sound, films and plain text, in
   * which nothing runs; 'attachment' for all others
   */
  readonly disposition?: 'inline' | 'attachment' | undefined
  /** The `Cache-Control`. @default 'private, no-cache': one visitor's browser keeps it, and asks whether it may still show it */
  readonly cacheControl?: string | undefined
  /** Called when there is no such file, in place of an answer with 404: `next` of a middleware, say. */
  readonly notFound?: (() => void) | undefined
}

interface Settings extends SendUploadOptions {
  readonly cacheControl: string
}

/**
 * Sends a stored upload: whole or in part (ranges), or only that it has not changed (conditional requests), to GET and HEAD. Its type is
 * told by its name and never guessed from its bytes (`nosniff`). What a browser could run, HTML and SVG above all, is saved and not shown
 * unless you ask for it, and runs nothing then either (`Content-Security-Policy: sandbox`).
 *
 * What cannot be sent is answered: 404 for what is not there, not in `root`, not a file, or hidden (a part of the path begins with a
 * dot); 405, 412 and 416 as HTTP has it; 500 when it cannot be read. Who may see the file is yours to ask before.
 *
 * @param path Of the file in `root`. It may come from the browser, decoded.
 * @returns Resolves when the answer is through, or nobody is left to read it. Rejects with what kept the file from being read, behind the
 * answer; nobody has to catch that.
 * @throws {LiveError} `ERR_UPLOAD_OPTIONS` for a wrong option, at once.
 * @example
 * import { sendUpload, type Middleware } from 'liveloom/node'
 *
 * export const files: Middleware = (request, response, next) => {
 *   const id = /^\/files\/([\da-f-]{36})$/.exec(request.url ?? '')?.[1]
 *   return id === undefined ? next() : sendUpload(request, response, id, { root: './uploads', notFound: next })
 * }
 */
export function sendUpload(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  options: SendUploadOptions,
): Promise<void> {
  const settings = resolveOptions(path, options)
  const sent = answer(request, response, path, settings)
  // It is answered. Who does not wait for it does not want to know more.
  sent.catch(() => {})
  return sent
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  settings: Settings,
): Promise<void> {
  const { method = 'GET' } = request
  if (method !== 'GET' && method !== 'HEAD') return refuse(request, response, 405, { allow: 'GET, HEAD' })
  let file: Found | undefined
  try {
    file = await find(settings.root, path)
  } catch (error) {
    await refuse(request, response, 500)
    throw error
  }
  if (file === undefined) return missing(request, response, settings)
  if (isOver(response)) return
  const { name = '', type, disposition } = settings
  const own = fileName(name) || fileName(basename(file.path)) || 'download'
  setHeaders(response, servedAs([basename(path), name], type, disposition), own, settings.cacheControl)
  await transfer(request, response, file, settings)
}

interface Found {
  /** The root as it is, behind all links. */
  readonly root: string
  readonly path: string
}

/** The file behind a path; `undefined` for what is not there, and for what is not to be told from that. */
async function find(root: string, path: string): Promise<Found | undefined> {
  if (path.includes('\0') || isHidden(root, resolve(root, path))) return undefined
  try {
    const real = { root: await realpath(root), path: await realpath(resolve(root, path)) }
    // Behind a link may be anything.
    if (isHidden(real.root, real.path) || !(await stat(real.path)).isFile()) return undefined
    return /[/\\]$/.test(path) ? undefined : real
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

function setHeaders(response: ServerResponse, served: Served, name: string, cacheControl: string): void {
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

function transfer(
  request: IncomingMessage,
  response: ServerResponse,
  { root, path }: Found,
  settings: Settings,
): Promise<void> {
  const way = relative(root, path).split(sep).map(encodeURIComponent).join('/')
  const stream = send(request, way, { root, dotfiles: 'allow', index: false, cacheControl: false })
  return new Promise((resolve, reject) => {
    let ended: Promise<void> | undefined
    const lost = (): void => void (ended ??= missing(request, response, settings)).then(resolve, reject)
    const fail = (error: NodeJS.ErrnoException & { readonly status?: number }): void => {
      const { status = 500 } = error
      if (status === 404) return lost()
      const range = response.getHeader('content-range')
      const headers = status === 416 && typeof range === 'string' ? { 'content-range': range } : {}
      // Half of it is on its way, and that the other half is missing cannot be told otherwise.
      if (response.headersSent) response.destroy()
      ended ??= refuse(request, response, status, headers)
      void ended.then(() => (status < 500 ? resolve() : reject(error)), reject)
    }
    stream.on('directory', lost).on('error', fail)
    response.once('close', () => {
      if (ended === undefined) resolve()
    })
    // Nothing is wrong with one who stops to watch.
    limitUnsent(response, unsentTimeout, () => {})
    stream.pipe(response)
  })
}

/** In ms. A browser that shows a film reads on when it needs more, and asks again for the rest if it has to. */
const unsentTimeout = 60_000

async function missing(request: IncomingMessage, response: ServerResponse, { notFound }: Settings): Promise<void> {
  if (notFound === undefined || response.headersSent) return refuse(request, response, 404)
  for (const name of fileHeaders) response.removeHeader(name)
  notFound()
}

const reasons: Readonly<Record<number, string>> = {
  404: 'Not found',
  405: 'Method not allowed',
  412: 'Precondition failed',
  416: 'Range not satisfiable',
  500: 'Something went wrong',
}

/** Resolves when the answer is through. */
async function refuse(
  { method }: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  if (isOver(response) || response.headersSent) return
  for (const name of fileHeaders) response.removeHeader(name)
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
function isOver({ closed, destroyed, socket }: ServerResponse): boolean {
  return closed || destroyed || socket?.destroyed === true
}

/** What a header has room for on its way through proxies, when each character takes nine. */
const longestName = 200

/** A name that a file may have, of one that a browser gave: no folders, and nothing that a screen or a system reads as a command. */
function fileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1)!
  const extension = /\.\w{1,20}$/.exec(last)?.[0] ?? ''
  const cut = last.length > longestName ? last.slice(0, longestName - extension.length) + extension : last
  return cut.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '').trim()
}

function resolveOptions(path: unknown, options: SendUploadOptions): Settings {
  const fail = (message: string): never => {
    throw new LiveError('ERR_UPLOAD_OPTIONS', `sendUpload: ${message}`)
  }
  if (typeof path !== 'string') fail(`the path must be text, got ${describe(path)}`)
  if (typeof options !== 'object' || options === null) fail(`the options must be an object, got ${describe(options)}`)
  for (const option of Object.keys(options)) {
    if (!known.includes(option)) fail(`unknown option ${describe(option)}; known are ${known.join(', ')}`)
  }
  const { root, name, type, disposition, cacheControl = 'private, no-cache', notFound } = options
  if (typeof root !== 'string' || root === '') fail(`root must be the path of a folder, got ${describe(root)}`)
  if (name !== undefined && typeof name !== 'string') fail(`name must be text, got ${describe(name)}`)
  if (type !== undefined && (typeof type !== 'string' || !/^[\w.+-]+\/[\w.+-]+(?:\s*;[\x20-\x7e]*)?$/.test(type))) {
    fail(`type must be like 'image/png', got ${describe(type)}`)
  }
  if (disposition !== undefined && !dispositions.includes(disposition)) {
    fail(`disposition must be ${dispositions.map(describe).join(' or ')}, got ${describe(disposition)}`)
  }
  if (typeof cacheControl !== 'string' || !/^[\x20-\x7e]+$/.test(cacheControl)) {
    fail(`cacheControl must be the text of a header, got ${describe(cacheControl)}`)
  }
  if (notFound !== undefined && typeof notFound !== 'function') {
    fail(`notFound must be a function, got ${describe(notFound)}`)
  }
  return { ...options, cacheControl }
}

const known = ['root', 'name', 'type', 'disposition', 'cacheControl', 'notFound']
