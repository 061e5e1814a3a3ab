/** What one item of a stream needs to reach the page. */
export interface StreamInsert<Item> {
  readonly domId: string
  readonly item: Item
  /** -1 behind all others, 0 before them, n at that place. */
  readonly at: number
  /** How many the page keeps: n of the first, -n of the last. */
  readonly limit: number | null
  readonly updateOnly: boolean
}

declare const itemOf: unique symbol

/**
 * A list that lives on the page alone: the server sends what comes and goes, and keeps nothing of it. Made by `socket.stream`, and
 * rendered with `each(stream, (item, domId) => …)`.
 */
export interface Stream<Item = unknown> {
  /** What it is called in the context. */
  readonly name: string
  /** Never there at run time: it only carries the type of the items. */
  readonly [itemOf]: Item
}

/** What a {@link Stream} is: what of it waits to be sent. */
export class WaitingStream<Item = unknown> {
  readonly name: string
  /** Tells it from the other streams of its view, on the wire. */
  readonly ref: string
  readonly #inserts = new Map<string, StreamInsert<Item>>()
  readonly #deletes = new Set<string>()
  #reset = false

  constructor(name: string, ref: string) {
    this.name = name
    this.ref = ref
  }

  /** What waits to be sent. The last word on an item counts. */
  get inserts(): Iterable<StreamInsert<Item>> {
    return this.#inserts.values()
  }

  get deletes(): Iterable<string> {
    return this.#deletes
  }

  get isReset(): boolean {
    return this.#reset
  }

  get isTouched(): boolean {
    return this.#reset || this.#inserts.size > 0 || this.#deletes.size > 0
  }

  insert(insert: StreamInsert<Item>): void {
    // Taken out first, so that it stands behind those inserted since.
    this.#inserts.delete(insert.domId)
    this.#inserts.set(insert.domId, insert)
  }

  delete(domId: string): void {
    this.#inserts.delete(domId)
    this.#deletes.add(domId)
  }

  reset(): void {
    this.forget()
    this.#reset = true
  }

  /** It was rendered: the page has it now. */
  forget(): void {
    this.#inserts.clear()
    this.#deletes.clear()
    this.#reset = false
  }
}
