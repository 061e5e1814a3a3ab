/** Sends a file that was uploaded to a browser: what a stranger wrote, and another one opens. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename } from 'node:path'
import { isMediaType } from '../../upload/file-types.ts'
import { describe, LiveError } from '../../errors.ts'
import { fileName } from './file-name.ts'
import { clearFileHeaders, type Found, findIn, isOver, refuse, setFileHeaders, transfer } from './send-file.ts'
import { dispositions, servedAs } from './served-types.ts'

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
    file = await findIn(settings.root, path)
  } catch (error) {
    await refuse(request, response, 500)
    throw error
  }
  if (file === undefined) return missing(request, response, settings)
  if (isOver(response)) return
  const { name = '', type, disposition } = settings
  const own = fileName(name) || fileName(basename(file.path)) || 'download'
  setFileHeaders(response, servedAs([basename(path), name], type, disposition), own, settings.cacheControl)
  await transfer(request, response, file, () => missing(request, response, settings))
}

async function missing(request: IncomingMessage, response: ServerResponse, { notFound }: Settings): Promise<void> {
  if (notFound === undefined || response.headersSent) return refuse(request, response, 404)
  clearFileHeaders(response)
  notFound()
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
  if (type !== undefined && (typeof type !== 'string' || !isMediaType(type))) {
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
