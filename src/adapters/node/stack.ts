/** Reads the stacks of errors: which frames are the application's, and the source that they point at. */
import { readFileSync, statSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ErrorFrame, ErrorTrace, SourceExcerpt } from '../../server/error-details.ts'

const around = 5
/** Bytes of a source that is read for an excerpt. */
const largestSource = 2 * 1024 * 1024
/** The folders of Liveloom's own code: as it runs, and as its source maps tell it. */
const homes = ['dist', 'src'].map((folder) => fileURLToPath(new URL(`../../../${folder}/`, import.meta.url)))

/** An error's stack as its head, which repeats the message, and its frames. */
export function splitStack(error: Error): { readonly head: string; readonly frames: readonly string[] } {
  const [head = '', ...frames] = (error.stack ?? `${error.name}: ${error.message}`).split(/\n(?= +at )/)
  return { head, frames }
}

/** Whether a frame is of a package, of Liveloom or of Node. */
export function isForeign(frame: string): boolean {
  if (/node:|[\\/]node_modules[\\/]|\(<anonymous>\)$/.test(frame)) return true
  const place = placeIn(frame)
  return place === undefined || (homes.some((home) => place.file.startsWith(home)) && !place.file.endsWith('.test.ts'))
}

/** Where an error came from, with the source around the first frame of the application. Source maps are the loader's: tsx has them. */
export function traceOf(error: unknown, folder: string = process.cwd()): ErrorTrace {
  if (!(error instanceof Error)) return { frames: [], excerpt: undefined }
  const stack = splitStack(error).frames
  const frames = stack.map((frame): ErrorFrame => ({ text: frame.trim(), own: !isForeign(frame) }))
  const own = stack.find((frame) => !isForeign(frame))
  return { frames, excerpt: own === undefined ? undefined : excerptAt(own, folder) }
}

function excerptAt(frame: string, folder: string): SourceExcerpt | undefined {
  const place = placeIn(frame)
  if (place === undefined) return undefined
  const { file, line } = place
  const source = readSource(file)
  if (source === undefined) return undefined
  const all = source.split(/\r?\n/)
  if (line > all.length) return undefined
  const from = Math.max(1, line - around)
  const shown = relative(folder, file)
  return { file: shown.startsWith('..') ? file : shown, line, from, lines: all.slice(from - 1, line + around) }
}

function placeIn(frame: string): { readonly file: string; readonly line: number } | undefined {
  const [, where = '', line] = /^\s*at (?:.*\()?((?:file:|\/|[a-z]:\\).*?)(?:\?[^:]*)?:(\d+):\d+\)?$/i.exec(frame) ?? []
  if (where === '') return undefined
  try {
    return { file: where.startsWith('file:') ? fileURLToPath(where) : where, line: Number(line) }
  } catch {
    return undefined
  }
}

function readSource(file: string): string | undefined {
  try {
    const { size } = statSync(file)
    return size > largestSource ? undefined : readFileSync(file, 'utf8')
  } catch {
    // It has gone, or was never a file.
    return undefined
  }
}
