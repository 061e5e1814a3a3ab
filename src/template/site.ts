/** Where the templates of a program stand in its source, so that a mistake is told where it was made and not where it was noticed. */
import { LiveError, type LiveErrorCode } from '../errors.ts'

/** V8 and JavaScriptCore have it. */
type Capture = (target: object, below: (...args: never[]) => unknown) => void

const sites = new WeakMap<readonly string[], { readonly stack?: string }>()

/** Notes who calls `tag`. Once a template, and only the one frame; it is put into words when somebody asks. */
export function rememberSite(strings: readonly string[], tag: (...args: never[]) => unknown): void {
  const machine = Error as unknown as { captureStackTrace?: Capture; stackTraceLimit?: number }
  if (machine.captureStackTrace === undefined) return
  const { stackTraceLimit } = machine
  const site = {}
  machine.stackTraceLimit = 1
  machine.captureStackTrace(site, tag)
  if (stackTraceLimit === undefined) delete machine.stackTraceLimit
  else machine.stackTraceLimit = stackTraceLimit
  sites.set(strings, site)
}

/** The frame of a stack: `at render (/app/album.ts:12:28)`. */
function frameOf(strings: readonly string[]): string | undefined {
  return /^ +at .+$/m.exec(sites.get(strings)?.stack ?? '')?.[0]
}

/** Where a template stands: `/app/album.ts:12:28`. Empty when nobody knows. */
export function siteOf(strings: readonly string[]): string {
  const where = /\(?((?:file:\/\/)?(?:\/|[a-z]:\\|[a-z]:\/)[^()]*:\d+:\d+)\)?$/i.exec(frameOf(strings) ?? '')?.[1]
  if (where === undefined) return ''
  if (!where.startsWith('file://')) return where
  try {
    return decodeURI(where).replace(/^file:\/\/(?:\/(?=[a-z]:))?/i, '')
  } catch {
    return where
  }
}

/** An error about a template, whose stack begins where that stands. */
export function templateError(code: LiveErrorCode, strings: readonly string[], message: string): LiveError {
  const error = new LiveError(code, message)
  const frame = frameOf(strings)
  const { stack } = error
  if (frame !== undefined && stack !== undefined) {
    const at = stack.search(/\n +at /)
    error.stack = at < 0 ? `${stack}\n${frame}` : `${stack.slice(0, at)}\n${frame}${stack.slice(at)}`
  }
  return error
}
