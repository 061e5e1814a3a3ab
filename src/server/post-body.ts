/** Reads what a form brings, within limits. Whatever comes is the browser's, so that a refusal is a status. */
import { decodeForm, type FormLimits } from '../forms/decode.ts'
import { maxDepth } from '../protocol/codec.ts'
import { exceedsJson } from '../protocol/json-size.ts'
import type { Timer } from '../time/timer.ts'
import type { LiveRequest } from './http.ts'

export interface BodyRules extends FormLimits {
  /** Bytes of the whole. */
  readonly maxPostSize: number
  readonly json: boolean
  /** Values of JSON, which is held to what a frame of a page is held to. */
  readonly maxFrameValues: number
  /** So many more bytes are held; `false` when the process has no room for them. */
  hold(bytes: number): boolean
  startTimer(ms: number, fire: () => void): Timer
}

type Taking = Pick<BodyRules, 'maxPostSize' | 'hold' | 'startTimer'>

/** What it held, or the status of the refusal. */
export type Body =
  | { readonly ok: true; readonly values: unknown; readonly encoding: 'form' | 'json' }
  | { readonly ok: false; readonly status: number }

/** How long a whole body may take, in ms. */
export const bodyTimeout = 30_000

const refused = (status: number): Body => ({ ok: false, status })

export async function readBody(request: LiveRequest, rules: BodyRules): Promise<Body> {
  const given = request.headers.get('content-type') ?? ''
  const kind = kindOf(given, rules.json)
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  const length = Number(request.headers.get('content-length') ?? 0)
  if (length > rules.maxPostSize) return refused(413)
  // A script that posts nothing names no type.
  if (kind === undefined && !(given === '' && request.headers.get('transfer-encoding') === null && length === 0)) {
    return refused(415)
  }
  if (encoding.toLowerCase() !== 'identity') return refused(415)
  const bytes = await readBytes(request, rules)
  if (typeof bytes === 'number') return refused(bytes)
  if (kind === 'multipart') return readMultipart(bytes, given, rules)
  // Before it is parsed: nesting alone makes that take half a second for each MiB.
  if (kind === 'json' && exceedsJson(bytes, { maxValues: rules.maxFrameValues, maxDepth })) return refused(413)
  const text = toText(bytes)
  if (text === undefined) return refused(400)
  return kind === 'json' ? readJson(text) : readForm(text, rules)
}

export function kindOf(type: string, json: boolean): 'form' | 'multipart' | 'json' | undefined {
  const [name = '', ...parameters] = type.split(';').map((part) => part.trim().toLowerCase())
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) return undefined
  if (name === 'application/x-www-form-urlencoded') return 'form'
  if (name === 'multipart/form-data') return 'multipart'
  return name === 'application/json' && json ? 'json' : undefined
}

/** The text of a form without files, or the status of its refusal. */
export async function readFormText(request: LiveRequest, rules: Taking): Promise<string | number> {
  if (Number(request.headers.get('content-length') ?? 0) > rules.maxPostSize) return 413
  const bytes = await readBytes(request, rules)
  return typeof bytes === 'number' ? bytes : (toText(bytes) ?? 400)
}

/** All of it, or the status: 413 too large, 408 too slow, 503 while others hold what the process may hold. */
async function readBytes({ body }: LiveRequest, rules: Taking): Promise<Uint8Array | number> {
  if (body === null || body === undefined) return new Uint8Array()
  let timer: Timer | undefined
  const late = new Promise<number>((resolve) => {
    timer = rules.startTimer(bodyTimeout, () => resolve(408))
  })
  const reading = collect(body, rules)
  // Behind the time nobody asks what came of it.
  reading.catch(() => {})
  try {
    return await Promise.race([reading, late])
  } catch {
    // The client has gone.
    return 400
  } finally {
    timer?.cancel()
  }
}

async function collect(body: AsyncIterable<Uint8Array>, { maxPostSize, hold }: Taking): Promise<Uint8Array | number> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > maxPostSize) return 413
    if (!hold(chunk.length)) return 503
    chunks.push(chunk)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

function toText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function readForm(text: string, limits: FormLimits): Body {
  const form = decodeForm(text, limits)
  if (form.ok) return { ...form, encoding: 'form' }
  return refused(form.reason === 'bad_encoding' ? 400 : 413)
}

function readJson(text: string): Body {
  try {
    return { ok: true, values: JSON.parse(text) as unknown, encoding: 'json' }
  } catch {
    return refused(400)
  }
}

/** By the platform's own reader; its names mean what they do in any other form. An empty input of files is an empty text. */
async function readMultipart(bytes: Uint8Array, type: string, limits: FormLimits): Promise<Body> {
  const pairs: [string, string][] = []
  try {
    const form = await new Response(bytes as Uint8Array<ArrayBuffer>, { headers: { 'content-type': type } }).formData()
    for (const [name, value] of form) {
      // Files are sent over the socket: see the guide of uploads.
      if (typeof value !== 'string' && value.size > 0) return refused(415)
      pairs.push([name, typeof value === 'string' ? value : ''])
    }
  } catch {
    return refused(400)
  }
  return readForm(new URLSearchParams(pairs).toString(), limits)
}
