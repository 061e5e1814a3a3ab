import { LiveError } from '../errors.ts'
import type { UploadEntry } from './entry.ts'
import type { FileStore, TempFileMeta } from './writer.ts'

/** What `consumeUploadedEntries` hands to its function beside the entry. */
export interface ConsumeUploadedEntriesMeta extends TempFileMeta {
  /** The file's bytes; the path is ours, and gone once the entry is consumed. */
  readonly path: string
  readonly fileSystem: UploadFileSystem
}

export interface UploadFileSystem {
  /**
   * Appends the file `src` to `dest`, which is made when it is missing, with its folders. Need not be awaited: what was started
   * is complete before the entry counts as consumed, and its failure fails the consume. For one entry and `dest` it takes effect
   * once, however often the consume is tried; a write that fails half way is cut back. A new file is whole when
   * it appears; `fsync` of `serve` has it written through to the disk.
   *
   * @param dest Yours to choose: never made of a name that the browser gave without checking it.
   * @param src A path like `meta.path`.
   * @throws {LiveError} `ERR_UPLOAD_FILE` when called after the consume's function settled.
   */
  createOrAppendFile(dest: string, src: string): Promise<void>
}

const postponed: unique symbol = Symbol('postponed')

/** The answer of a consume's function that keeps its entry. */
export interface Postponed<T> {
  readonly [postponed]: true
  readonly value: T
}

/** Returned from a consume's function: the entry stays consumable; `value` is the result. */
export function postpone<T>(value: T): Postponed<T> {
  return { [postponed]: true, value }
}

/** What a consume's function is given for work that takes a while. */
export interface ConsumeTools {
  /**
   * Says how far the work is: the page shows it as `entry.processed`.
   *
   * @param percent From 0 to 100; what is behind the point is left out.
   * @throws {LiveError} `ERR_UPLOAD_ENTRY` for anything else.
   */
  progress(percent: number): void
  /** Aborts when the entry is cancelled meanwhile. The file stays until the function has settled, also when the view ends. */
  readonly signal: AbortSignal
}

/**
 * What a consume calls with each entry. Its answer is the result; wrapped by {@link postpone}, the entry stays. Where the upload has a `writer`,
 * `Meta` is what that hands over: annotate the parameter, as with `MetaOf<typeof writer>`. A plain object has `fileSystem` as well.
 */
export type ConsumeFunction<T, Meta = ConsumeUploadedEntriesMeta> = (
  meta: Meta,
  entry: UploadEntry,
  tools: ConsumeTools,
) => T | Postponed<T> | Promise<T | Postponed<T>>

export function isPostponed(result: unknown): result is Postponed<unknown> {
  return typeof result === 'object' && result !== null && postponed in result
}

/** What was saved of one entry: it outlives a consume that failed, so that the next one does not append again. */
export class SavedFiles {
  readonly #store: FileStore
  readonly #saved = new Map<string, Promise<void>>()

  constructor(store: FileStore) {
    this.#store = store
  }

  save(dest: string, src: string): Promise<void> {
    const key = this.#store.resolve(dest)
    let saving = this.#saved.get(key)
    if (saving === undefined) {
      saving = this.#store.append(dest, src)
      this.#saved.set(key, saving)
      saving.catch(() => this.#saved.delete(key))
    }
    return saving
  }
}

/** Runs a consume's function and waits for all that it started. */
export async function runConsume<T>(
  given: unknown,
  saved: SavedFiles,
  fn: (meta: unknown) => T | Promise<T>,
): Promise<T> {
  const started: Promise<void>[] = []
  let settled = false
  const createOrAppendFile = (dest: string, src: string): Promise<void> => {
    if (settled) {
      throw new LiveError('ERR_UPLOAD_FILE', `createOrAppendFile('${dest}'): the consume has settled; call it before`)
    }
    const saving = saved.save(dest, src)
    // Who does not await it learns of its failure from the consume.
    saving.catch(() => {})
    started.push(saving)
    return saving
  }
  const meta = isPlain(given) ? { ...given, fileSystem: { createOrAppendFile } } : given
  const [own] = await Promise.allSettled([(async () => fn(meta))()])
  settled = true
  const saves = await Promise.allSettled(started)
  // What the function itself threw comes first.
  const failure = [own, ...saves].find((outcome) => outcome.status === 'rejected')
  if (failure !== undefined) throw failure.reason
  return (own as PromiseFulfilledResult<Awaited<T>>).value
}

/** Whether a copy is as good. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
