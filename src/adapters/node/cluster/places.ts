/**
 * Which worker a visitor is on. By their id, so that whoever asks knows it at once; but for those whose worker was away when they came:
 * they stay on the one that took them for as long as it lives, since their views are there.
 */

/** Visitors who are elsewhere and are kept in mind; of more the one who came longest ago is forgotten. */
const mostMoved = 100_000

/** The worker that an id belongs to. */
export function homeOf(visitor: string, count: number): number {
  // FNV-1a.
  let hash = 0x811c9dc5
  for (let at = 0; at < visitor.length; at++) hash = Math.imul(hash ^ visitor.charCodeAt(at), 0x01000193)
  return (hash >>> 0) % count
}

/** What the primary knows. */
export class Places {
  readonly #count: number
  readonly #up = new Set<number>()
  readonly #moved = new Map<string, number>()
  /** Workers that others have visitors of, and how many. */
  readonly #left = new Map<number, number>()

  constructor(count: number) {
    this.#count = count
  }

  /** Those whose visitors nobody has to be asked for. */
  get steady(): readonly number[] {
    return [...this.#up].filter((slot) => !this.#left.has(slot))
  }

  get up(): readonly number[] {
    return [...this.#up].sort((one, other) => one - other)
  }

  started(slot: number): void {
    this.#up.add(slot)
  }

  ended(slot: number): void {
    this.#up.delete(slot)
    for (const [visitor, to] of this.#moved) if (to === slot) this.#forget(visitor)
  }

  /** `undefined` when there is none. */
  of(visitor: string): number | undefined {
    const home = homeOf(visitor, this.#count)
    const moved = this.#moved.get(visitor)
    if (moved === undefined && this.#up.has(home)) return home
    const { up } = this
    const slot = moved ?? up[homeOf(`${visitor} elsewhere`, up.length)]
    if (slot === undefined) return undefined
    if (moved === undefined) this.#left.set(home, (this.#left.get(home) ?? 0) + 1)
    else this.#moved.delete(visitor)
    this.#moved.set(visitor, slot)
    if (this.#moved.size > mostMoved) this.#forget(this.#moved.keys().next().value!)
    return slot
  }

  #forget(visitor: string): void {
    this.#moved.delete(visitor)
    const home = homeOf(visitor, this.#count)
    const left = this.#left.get(home)! - 1
    if (left > 0) this.#left.set(home, left)
    else this.#left.delete(home)
  }
}
