import type { ChildChange } from '../live/definitions.ts'

/** What a view has to be told of those nested in it, until it has been: in order, and never more than two of one child. */
export class ChildNews {
  readonly #waiting: ChildChange[] = []
  /** A message that hands on the first of them is on its way. */
  #posted = false
  readonly #post: () => void

  /** `post`: has `next` asked for in the order of the view's messages. */
  constructor(post: () => void) {
    this.#post = post
  }

  told(change: ChildChange): void {
    const waiting = this.#waiting
    const at = waiting.findLastIndex(({ id }) => id === change.id)
    const before = waiting[at]
    // A page may have a child come and go as long as the view is busy: of what came and went meanwhile the view need not hear.
    if (before?.type === 'mounted' && change.type === 'ended') {
      waiting.splice(at, 1)
      if (!change.failed || waiting.some(({ id }) => id === change.id)) return
    } else if (before?.type === change.type) return
    waiting.push(change)
    this.#goOn()
  }

  /** What is next; the message was handled. */
  next(): ChildChange | undefined {
    this.#posted = false
    const first = this.#waiting.shift()
    this.#goOn()
    return first
  }

  #goOn(): void {
    if (this.#posted || this.#waiting.length === 0) return
    this.#posted = true
    this.#post()
  }
}
