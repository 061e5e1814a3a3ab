/** Work beside a view: what loads while the page is shown already. */
import { describe, LiveError } from '../errors.ts'
import { isPromise } from './mailbox.ts'

/** Work that runs beside a view. `signal` aborts when it is cancelled, replaced, or its view ends. */
export type AsyncFunction<T> = (signal: AbortSignal) => Promise<T> | T

/** What became of it. */
export type AsyncOutcome<T = unknown> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown }

/**
 * A value that loads. `value` stays while it loads again, and when that fails.
 *
 * The four states: `loading` the first time; loaded (`ok`); failed (`error`); and loading again, with a value or an error of before.
 */
export interface AsyncResult<T = unknown> {
  /** True once it has loaded. */
  readonly ok: boolean
  readonly loading: boolean
  readonly value: T | undefined
  /** Why the last attempt failed. */
  readonly error: unknown
}

/** The values that `assignAsync` loads for the named keys. */
export type AsyncValues<Context, Name extends keyof Context> = {
  readonly [Key in Name]: Context[Key] extends AsyncResult<infer T> ? T : unknown
}

/** The keys of a context that hold values that load. An untyped context may name any. */
export type AsyncNames<Context> = {
  [Name in keyof Context & string]-?: unknown extends Context[Name]
    ? Name
    : NonNullable<Context[Name]> extends AsyncResult<infer _>
      ? Name
      : never
}[keyof Context & string]

export interface AsyncOptions {
  /** Forget the value of before while it loads again. @default false */
  readonly reset?: boolean | undefined
}

/** What a key that loads holds at first. */
export function loading<T>(before?: AsyncResult<T>): AsyncResult<T> {
  return { ok: before?.ok ?? false, loading: true, value: before?.value, error: before?.error }
}

export function isAsyncResult(value: unknown): value is AsyncResult {
  return typeof value === 'object' && value !== null && 'loading' in value && 'ok' in value && 'error' in value
}

export function toAsyncResult<T>(outcome: AsyncOutcome<T>, before: AsyncResult<T> | undefined): AsyncResult<T> {
  if (outcome.ok) return { ok: true, loading: false, value: outcome.value, error: undefined }
  return { ok: before?.ok ?? false, loading: false, value: before?.value, error: outcome.error }
}

/**
 * Renders a value that loads: what it says while it loads the first time, when it failed, and the value. While it loads again, the
 * value of before is shown.
 *
 * @example
 * import { async_result, type AsyncResult, html } from 'liveloom'
 *
 * export const price = (result: AsyncResult<number>) =>
 *   async_result(result, {
 *     loading: () => html`<p>Loading…</p>`,
 *     failed: () => html`<p>No price today.</p>`,
 *     ok: (value) => html`<p>${value} €</p>`,
 *   })
 */
export function async_result<T>(
  result: AsyncResult<T> | undefined,
  render: {
    readonly ok: (value: T, result: AsyncResult<T>) => unknown
    readonly loading?: (() => unknown) | undefined
    readonly failed?: ((error: unknown, result: AsyncResult<T>) => unknown) | undefined
  },
): unknown {
  if (result === undefined || !isAsyncResult(result)) {
    throw new LiveError('ERR_ASYNC', `async_result: expected a value of assignAsync, got ${describe(result)}`)
  }
  if (result.ok) return render.ok(result.value as T, result)
  return result.loading ? render.loading?.() : render.failed?.(result.error, result)
}

/** What takes a result in: names that tell it apart, and what becomes of it. */
export interface AsyncTarget {
  /** A second start with the same one replaces the first. */
  readonly name: string
  /** What `cancelAsync` may call it. */
  readonly handles: readonly string[]
  readonly settled: (outcome: AsyncOutcome, cancelled: boolean) => void | Promise<void>
}

interface Task {
  readonly abort: AbortController
  readonly handles: readonly string[]
  readonly settle: (outcome: AsyncOutcome, cancelled: boolean) => void
}

/** What runs beside one view or component, by name. */
export class AsyncTasks {
  /** Until its result is taken in, not only until it is there: one that waits for its turn may still be replaced. */
  readonly #running = new Map<string, Task>()
  /** Runs something when it is the view's turn. */
  readonly #inTurn: (run: () => void | Promise<void>) => void
  #ended = false

  constructor(inTurn: (run: () => void | Promise<void>) => void) {
    this.#inTurn = inTurn
  }

  /** Starts `work`; its outcome is dropped when it is replaced or the view has ended meanwhile. */
  start({ name, handles, settled }: AsyncTarget, work: AsyncFunction<unknown>): void {
    if (this.#ended) return
    this.#running.get(name)?.abort.abort()
    const abort = new AbortController()
    let outcome: AsyncOutcome | undefined
    const task: Task = {
      abort,
      handles,
      settle: (came, cancelled) => {
        if (outcome !== undefined) return
        outcome = came
        this.#inTurn(() => {
          if (this.#running.get(name) !== task) return
          this.#running.delete(name)
          return settled(came, cancelled)
        })
      },
    }
    this.#running.set(name, task)
    run(work, abort.signal, (came) => task.settle(came, false))
  }

  cancel(handle: string, reason: unknown): void {
    for (const { abort, handles, settle } of [...this.#running.values()]) {
      if (!handles.includes(handle)) continue
      // The order counts: what listens to the signal may settle it at once.
      settle({ ok: false, error: reason }, true)
      abort.abort(reason)
    }
  }

  end(): void {
    this.#ended = true
    for (const { abort } of this.#running.values()) abort.abort()
    this.#running.clear()
  }
}

function run(work: AsyncFunction<unknown>, signal: AbortSignal, settle: (outcome: AsyncOutcome) => void): void {
  try {
    const result = work(signal)
    if (!isPromise(result)) return settle({ ok: true, value: result })
    Promise.resolve(result as unknown).then(
      (value) => settle({ ok: true, value }),
      (error: unknown) => settle({ ok: false, error }),
    )
  } catch (error) {
    settle({ ok: false, error })
  }
}
