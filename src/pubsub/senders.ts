/** Senders of a topic that are remembered. Each process that begins is a new one. */
const most = 1000

/** What of a topic has come from whom: an engine may bring again what was sent again. */
export class Senders {
  /** By sender, the number of what came last; who was heard last is the last. */
  readonly #last = new Map<string, number>()

  /** Whether this has not come yet. Numbers of a sender only grow. */
  isNew(sender: string, number: number): boolean {
    const last = this.#last.get(sender)
    if (last !== undefined && number <= last) return false
    if (this.#last.size > 1) this.#last.delete(sender)
    this.#last.set(sender, number)
    if (this.#last.size > most) this.#last.delete(this.#last.keys().next().value!)
    return true
  }
}
