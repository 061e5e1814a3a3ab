/** What loads for one part beside its callbacks: values of its context, items of its streams, and work of its own. */
import { describe, LiveError } from '../errors.ts'
import { measuredCall } from '../telemetry/measure.ts'
import type { OfPart } from '../telemetry/events.ts'
import {
  type AsyncFunction,
  type AsyncOptions,
  type AsyncOutcome,
  AsyncResult,
  type AsyncTarget,
  AsyncTasks,
  isAsyncResult,
} from './async.ts'
import type { PartOwner, PartPlace } from './part-owner.ts'
import { runSteps, type Steps } from './steps.ts'
import type { StreamOptions } from './streams.ts'

/** The part that something loads for. */
export interface LoadingPart extends PartPlace {
  readonly owner: PartOwner
  readonly place: OfPart
  readonly context: Readonly<object>
  readonly ended: boolean
  assign(changes: object): void
  stream(name: string, items: Iterable<unknown>, options?: StreamOptions<never>): void
  /** Takes in what `startAsync` came to. */
  settleAsync(name: string, outcome: AsyncOutcome): Steps<void>
}

export class Loading {
  readonly #part: LoadingPart
  readonly #tasks: AsyncTasks

  constructor(part: LoadingPart) {
    this.#part = part
    this.#tasks = new AsyncTasks((run) => part.owner.call('async', run, part))
  }

  assign(
    names: string | readonly string[],
    load: AsyncFunction<Readonly<Record<string, unknown>>>,
    { reset = false }: AsyncOptions = {},
  ): void {
    const keys = typeof names === 'string' ? [names] : names
    if (!Array.isArray(keys) || keys.length === 0) {
      throw new LiveError('ERR_ASYNC', `assignAsync: expected a key of the context, or several, got ${describe(names)}`)
    }
    assertAsync(`assignAsync('${keys.join("', '")}')`, load)
    const forgets = resets(reset, keys)
    const change = (of: readonly string[], make: (key: string) => AsyncResult): void => {
      this.#part.assign(Object.fromEntries(of.map((key) => [key, make(key)])))
    }
    change(keys, (key) => AsyncResult.loading(forgets(key) ? undefined : this.#asyncOf(key)))
    this.#load(
      { call: 'assignAsync', names: keys },
      load,
      (values, left) => {
        for (const key of left) {
          if (typeof values === 'object' && values !== null && key in values) continue
          const got = describe(values)
          throw new LiveError('ERR_ASYNC', `assignAsync('${key}'): its function must give { ${key}: … }, got ${got}`)
        }
        change(left, (key) => AsyncResult.ok(values[key]))
      },
      (error, left) => change(left, (key) => AsyncResult.failed(error, this.#asyncOf(key))),
    )
  }

  stream(
    name: string,
    load: AsyncFunction<Iterable<unknown>>,
    { status, ...options }: StreamOptions<never> & { readonly status?: string | undefined } = {},
  ): void {
    assertAsync(`streamAsync('${name}')`, load)
    // There is something to render from the start. What the page has of it stays until there is something new to show.
    this.#part.stream(name, [], { ...options, reset: false })
    const show = (make: (before: AsyncResult | undefined) => AsyncResult): void => {
      if (status !== undefined) this.#part.assign({ [status]: make(this.#asyncOf(status)) })
    }
    show((before) => AsyncResult.loading(options.reset === true ? undefined : before))
    this.#load(
      { call: 'streamAsync', names: [name] },
      load,
      (items) => {
        this.#part.stream(name, items, options)
        show(() => AsyncResult.ok(true))
      },
      (error) => show((before) => AsyncResult.failed(error, before)),
    )
  }

  start(name: string, work: AsyncFunction<unknown>): void {
    assertAsync(`startAsync(${describe(name)})`, work)
    const settled = (outcome: AsyncOutcome): void | Promise<void> =>
      runSteps(this.#part.settleAsync(name, outcome), () => this.#part.ended)
    this.#start({ call: 'startAsync', names: [name], settled }, work)
  }

  cancel(name: string, reason: unknown): void {
    this.#tasks.cancel(name, reason)
  }

  end(): void {
    this.#tasks.end()
  }

  /** Loads something whose failure becomes state, and is reported unless it was cancelled. */
  #load<T>(
    target: Omit<AsyncTarget, 'settled'>,
    load: AsyncFunction<T>,
    ready: (value: T, names: readonly string[]) => void,
    failed: (error: unknown, names: readonly string[]) => void,
  ): void {
    const settled = (outcome: AsyncOutcome, names: readonly string[], cancelled: boolean): void => {
      const fail = (error: unknown): void => {
        if (!cancelled) this.#part.owner.report(error, 'async', this.#part)
        failed(error, names)
      }
      if (!outcome.ok) return fail(outcome.error)
      try {
        ready(outcome.value as T, names)
      } catch (error) {
        // It is not what was to be loaded.
        fail(error)
      }
    }
    this.#start({ ...target, settled }, load)
  }

  #start(target: AsyncTarget, work: AsyncFunction<unknown>): void {
    const { owner, ended } = this.#part
    const when = owner.connected ? atOnce : owner.later
    if (ended || when === undefined) return
    const name = target.names.join(' ')
    const measuredWork: AsyncFunction<unknown> = (signal) =>
      measuredCall(
        'async',
        () => ({ ...this.#part.place, name }),
        () => work(signal),
      )
    this.#tasks.start(target, measuredWork, when)
  }

  #asyncOf(key: string): AsyncResult | undefined {
    const value = (this.#part.context as Readonly<Record<string, unknown>>)[key]
    return isAsyncResult(value) ? value : undefined
  }
}

function atOnce(begin: () => void): void {
  begin()
}

/** Which of the keys forget their value while they load again. */
function resets(reset: boolean | readonly string[], keys: readonly string[]): (key: string) => boolean {
  if (typeof reset === 'boolean') return () => reset
  if (Array.isArray(reset) && reset.every((key) => keys.includes(key))) return (key) => reset.includes(key)
  const got = Array.isArray(reset) ? reset.map(describe).join(', ') : describe(reset)
  throw new LiveError(
    'ERR_ASYNC',
    `assignAsync('${keys.join("', '")}'): reset must be true, false, or a list of these keys, got ${got}`,
  )
}

function assertAsync(where: string, work: unknown): void {
  if (typeof work === 'function') return
  throw new LiveError('ERR_ASYNC', `${where}: expected a function, got ${describe(work)}`)
}
