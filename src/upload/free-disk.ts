/** Whether the disk has room for more files: what is free, without what is still to come of those that were granted. */

/** How long what was found counts, in ms. */
const knownFor = 1000

export interface FreeDiskHost {
  /** Bytes that are free; `undefined` where nobody knows. */
  free(): Promise<number | undefined>
  now(): number
}

export class FreeDisk {
  readonly #host: FreeDiskHost
  readonly #least: number
  #looked: { readonly at: number; readonly free: Promise<number | undefined> } | undefined
  /** Bytes that were granted, and have not come. */
  #due = 0

  /** `least`: bytes that stay free. */
  constructor(host: FreeDiskHost, least: number) {
    this.#host = host
    this.#least = least
  }

  get due(): number {
    return this.#due
  }

  /** `bytes` more are to come; less when it is negative. */
  expect(bytes: number): void {
    this.#due += bytes
  }

  /** How many bytes more there is room for; without end where nobody knows. Never rejects. */
  async room(): Promise<number> {
    const now = this.#host.now()
    if (this.#looked === undefined || now - this.#looked.at >= knownFor) {
      this.#looked = { at: now, free: this.#host.free().catch(() => undefined) }
    }
    const free = await this.#looked.free
    return free === undefined ? Infinity : free - this.#least - this.#due
  }
}
