/** Hands a probe the ranges that it asks for, out of the bytes of a file as they come: of whatever size. No more is kept of them than it asks for. */
import type { Probe, Range } from './image-header.ts'

export class Probing<T> {
  readonly #probe: Probe<T>
  #wanted: Range | undefined
  /** What has come from the start of the wanted range on. */
  #kept = new Uint8Array(0)
  #answer: T | undefined

  constructor(probe: Probe<T>) {
    this.#probe = probe
    this.#go(probe.next())
  }

  /** It has seen enough, or the file has ended. */
  get isOver(): boolean {
    return this.#wanted === undefined
  }

  /** What it came to, once it is over. */
  get answer(): T | undefined {
    return this.#answer
  }

  /** The bytes of the file from `at` on, which follow those before. */
  feed(bytes: Uint8Array, at: number): void {
    for (let wanted = this.#wanted; wanted !== undefined; wanted = this.#wanted) {
      const missing = wanted.length - this.#kept.length
      const from = wanted.at + this.#kept.length - at
      if (missing > 0) {
        if (from < 0 || from >= bytes.length) return
        this.#kept = joined(this.#kept, bytes.subarray(from, from + missing))
        if (this.#kept.length < wanted.length) return
      }
      this.#go(this.#probe.next(this.#kept.subarray(0, wanted.length)))
    }
  }

  /** No more comes. */
  end(): void {
    for (let wanted = this.#wanted; wanted !== undefined; wanted = this.#wanted) {
      this.#go(this.#probe.next(this.#kept.subarray(0, wanted.length)))
    }
  }

  #go(next: IteratorResult<Range, T>): void {
    const before = this.#wanted?.at ?? 0
    if (next.done === true) {
      this.#wanted = undefined
      this.#kept = new Uint8Array(0)
      this.#answer = next.value
    } else {
      this.#wanted = next.value
      // What it has had may be part of what it wants now.
      this.#kept = this.#kept.slice(next.value.at - before)
    }
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length)
  both.set(one)
  both.set(other, one.length)
  return both
}
