/** What the mount of a first page begins or hears, and what can only go on when that page connects. */
export class Deferred {
  readonly #most: number
  readonly #begins: (() => void)[] = []
  readonly #infos: unknown[] = []
  #hear: ((info: unknown) => void) | undefined
  #full = false

  /** `most`: infos that may wait. */
  constructor(most: number) {
    this.#most = most
  }

  /** More infos came than may wait: one is missed already. */
  get full(): boolean {
    return this.#full
  }

  later(begin: () => void): void {
    if (this.#hear === undefined) this.#begins.push(begin)
    else begin()
  }

  hear(info: unknown): void {
    if (this.#hear !== undefined) this.#hear(info)
    else if (this.#infos.length < this.#most) this.#infos.push(info)
    else this.#full = true
  }

  /** There is a connection: all of it goes on, and what comes from now on goes straight to `hear`. */
  handOver(hear: (info: unknown) => void): void {
    this.#hear = hear
    for (const begin of this.#begins.splice(0)) begin()
    for (const info of this.#infos.splice(0)) hear(info)
  }
}
