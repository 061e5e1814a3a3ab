/** Work beside a view: what loads while the page is shown already. */
import { describe, LiveError } from '../errors.ts'
import { isPromise } from './steps.ts'

/** Work that runs beside a view. `signal` aborts when it is cancelled, replaced, or its view ends. */
export type AsyncFunction<T> = (signal: AbortSignal) => Promise<T> | T

/** What became of it. */
export type AsyncOutcome<T = unknown> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown }

/**
 * A value that loads, as `assignAsync` keeps it, or you with `AsyncResult.loading()`, `.ok(value)` and `.failed(error)`. `value` stays while it loads again, and when that fails.
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

/**
 * Makes the states of a value that loads, for one that you keep by hand: beside `startAsync`, or in a test. `before` is what the key
 * held so far; its value stays.
 *
 * @example
 * import { AsyncResult, createLiveView, html } from 'liveloom'
 *
 * declare function sumUp(signal: AbortSignal): Promise<number>
 *
 * export const sum = createLiveView<{ sum: AsyncResult<number> }>({
 *   mount: (socket) => {
 *     socket.assign({ sum: AsyncResult.loading() })
 *     socket.startAsync('sum', sumUp)
 *   },
 *   handleAsync: (socket, _name, outcome) => {
 *     const sum = outcome.ok
 *       ? AsyncResult.ok(Number(outcome.value))
 *       : AsyncResult.failed(outcome.error, socket.context.sum)
 *     socket.assign({ sum })
 *   },
 *   render: ({ sum }) => html`<p>${sum.value}</p>`,
 * })
 */
export const AsyncResult: {
  loading<T>(before?: AsyncResult<T>): AsyncResult<T>
  ok<T>(value: T): AsyncResult<T>
  failed<T>(error: unknown, before?: AsyncResult<T>): AsyncResult<T>
} = {
  loading: (before) => ({ ok: before?.ok ?? false, loading: true, value: before?.value, error: before?.error }),
  ok: (value) => ({ ok: true, loading: false, value, error: undefined }),
  failed: (error, before) => ({ ok: before?.ok ?? false, loading: false, value: before?.value, error }),
}

/** The values that `assignAsync` loads for the named keys. */
export type AsyncValues<Context, Name extends keyof Context> = {
  readonly [Key in Name]-?: NonNullable<Context[Key]> extends AsyncResult<infer T> ? T : unknown
}

/** The keys of a context that hold values that load. An untyped context may name any. */
export type AsyncNames<Context> = {
  [Name in keyof Context & string]-?: unknown extends Context[Name]
    ? Name
    : NonNullable<Context[Name]> extends AsyncResult<infer _>
      ? Name
      : never
}[keyof Context & string]

export interface AsyncOptions<Name extends string = string> {
  /** Forget the value of before while it loads again: of all the keys, or of those listed. @default false */
  readonly reset?: boolean | readonly Name[] | undefined
}

export function isAsyncResult(value: unknown): value is AsyncResult {
  return typeof value === 'object' && value !== null && 'loading' in value && 'ok' in value && 'error' in value
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

/** What takes a result in: what it is for, and what becomes of it. */
export interface AsyncTarget {
  /** The call that started it. Names of two calls have nothing to do with one another, but for `cancelAsync`. */
  readonly call: 'assignAsync' | 'startAsync' | 'streamAsync'
  /** What it is work for. Each name belongs to the newest work for it. */
  readonly names: readonly string[]
  /** `names`: those that still belong to it, one at least. */
  readonly settled: (outcome: AsyncOutcome, names: readonly string[], cancelled: boolean) => void | Promise<void>
}

interface Task {
  readonly abort: AbortController
  readonly call: AsyncTarget['call']
  /** Those that no newer work has taken. */
  readonly names: Set<string>
  readonly settle: (outcome: AsyncOutcome, cancelled: boolean) => void
}

/** What runs beside one view or component. */
export class AsyncTasks {
  /** Until its result is taken in, not only until it is there: one that waits for its turn may still be replaced. */
  readonly #running = new Set<Task>()
  /** Runs something when it is the view's turn. */
  readonly #inTurn: (run: () => void | Promise<void>) => void
  #ended = false

  constructor(inTurn: (run: () => void | Promise<void>) => void) {
    this.#inTurn = inTurn
  }

  /**
   * Starts `work`; its outcome is dropped when it is replaced or the view has ended meanwhile. `when` begins it, at once or later: by then it
   * may have been replaced or cancelled, and never begins.
   */
  start({ call, names, settled }: AsyncTarget, work: AsyncFunction<unknown>, when: (begin: () => void) => void): void {
    if (this.#ended) return
    this.#replace(call, names)
    const abort = new AbortController()
    let outcome: AsyncOutcome | undefined
    const task: Task = {
      abort,
      call,
      names: new Set(names),
      settle: (came, cancelled) => {
        if (outcome !== undefined) return
        outcome = came
        this.#inTurn(() => (this.#running.delete(task) ? settled(came, [...task.names], cancelled) : undefined))
      },
    }
    this.#running.add(task)
    when(() => {
      if (!abort.signal.aborted) run(work, abort.signal, (came) => task.settle(came, false))
    })
  }

  /** Takes the names from the work that has them. Work that has none left is for nothing. */
  #replace(call: AsyncTarget['call'], names: readonly string[]): void {
    for (const task of [...this.#running]) {
      if (task.call !== call) continue
      for (const name of names) task.names.delete(name)
      if (task.names.size > 0) continue
      this.#running.delete(task)
      task.abort.abort()
    }
  }

  cancel(name: string, reason: unknown): void {
    for (const { abort, names, settle } of [...this.#running]) {
      if (!names.has(name)) continue
      // The order counts: what listens to the signal may settle it at once.
      settle({ ok: false, error: reason }, true)
      abort.abort(reason)
    }
  }

  end(): void {
    this.#ended = true
    for (const { abort } of this.#running) abort.abort()
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
