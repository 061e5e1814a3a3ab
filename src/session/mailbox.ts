import { Line } from '../live/line.ts'
import { isPromise } from '../live/steps.ts'
import type { Turns } from '../live/turns.ts'

/** While others wait for their turn, a mailbox handles so many messages before it gets in line again. */
const mostAtATime = 16

export interface MailboxOptions<Message> {
  readonly turns: Turns
  readonly handle: (message: Message) => void | Promise<void>
  /** Gets what a handler threw, before the next message is handled. */
  readonly onThrow: (error: unknown, message: Message) => void
  /** A message concerns nobody any more: it is handled, and what it awaited has settled; or it was dropped. Called once for each. */
  readonly onGone?: ((message: Message) => void) | undefined
  /** Messages wait for a turn of the process, not for a handler. */
  readonly onRest?: (() => void) | undefined
}

/** What waits for a view: handled strictly one after another, also when a handler is async. */
export class Mailbox<Message> {
  readonly #options: MailboxOptions<Message>
  #running: Message | undefined
  /** Made with the first that waits: most views never have one. */
  #waiting: Line<Message> | undefined
  /** It waits for its turn, not for a handler. */
  #resting = false
  #closed = false
  #held = false

  constructor(options: MailboxOptions<Message>) {
    this.#options = options
  }

  get running(): Message | undefined {
    return this.#running
  }

  /** What runs and what waits. */
  *all(): Iterable<Message> {
    if (this.#running !== undefined) yield this.#running
    yield* this.waiting
  }

  get waiting(): Iterable<Message> {
    return this.#waiting ?? nobody
  }

  /** How many wait. What runs is not one of them. */
  get length(): number {
    return this.#waiting?.length ?? 0
  }

  /** Nothing runs, and nothing waits. */
  get idle(): boolean {
    return this.#running === undefined && !this.#waits
  }

  post(message: Message): void {
    const { turns, onGone } = this.#options
    if (this.#closed) return onGone?.(message)
    const free = this.#running === undefined && !this.#held
    if (free && !this.#resting && !turns.spent) return this.#goOn(message)
    this.#waiting ??= new Line()
    this.#waiting.push(message)
    if (free) this.#rest()
  }

  /** Begins with nothing more until {@link free}. What runs goes on. */
  hold(): void {
    this.#held = true
  }

  free(): void {
    this.#held = false
    if (this.#running === undefined && this.#waits) this.#rest()
  }

  /** Takes a waiting message out. */
  remove(message: Message): void {
    if (this.#waiting?.remove(message) === true) this.#options.onGone?.(message)
  }

  /** Drops what waits, and whatever is posted from now on. */
  close(): void {
    this.#closed = true
    const dropped = this.waiting
    this.#waiting = undefined
    for (const message of dropped) this.#options.onGone?.(message)
  }

  get #waits(): boolean {
    return this.#waiting !== undefined && this.#waiting.length > 0
  }

  #goOn(first: Message): void {
    const { turns } = this.#options
    let next: Message | undefined = first
    for (let handled = 1; next !== undefined && !this.#run(next); handled++) {
      if (!this.#waits || this.#held) return
      if ((handled >= mostAtATime && turns.crowded) || turns.spent) return this.#rest()
      next = this.#waiting?.shift()
    }
  }

  #rest(): void {
    if (this.#resting) return
    this.#resting = true
    this.#options.onRest?.()
    this.#options.turns.wait(() => {
      this.#resting = false
      if (this.#held) return
      const next = this.#waiting?.shift()
      if (next !== undefined) this.#goOn(next)
    })
  }

  /** True when the handler goes on asynchronously. */
  #run(message: Message): boolean {
    const { turns, handle, onThrow, onGone } = this.#options
    this.#running = message
    let work: void | Promise<void> = undefined
    try {
      work = handle(message)
    } catch (error) {
      onThrow(error, message)
    }
    if (!isPromise(work)) {
      this.#running = undefined
      onGone?.(message)
      return false
    }
    void Promise.resolve(work)
      .catch((error: unknown) => onThrow(error, message))
      .then(() => {
        this.#running = undefined
        onGone?.(message)
        if (!this.#waits || this.#resting || this.#held) return
        if (turns.spent) this.#rest()
        else this.#goOn(this.#waiting!.shift()!)
      })
    return true
  }
}

const nobody: readonly never[] = []
