/** Pages, or what else is kept for visitors: each visitor has so many at most, all together so many, and who has most gives way first. */

/** Pages of one visitor that are kept, however much room there is. */
const mostPages = 20

export class Shares<Page> {
  readonly #most: number
  readonly #mostOfVisitor: number
  /** By visitor, the oldest first. */
  readonly #pages = new Map<string, Set<Page>>()
  /** The visitors that have so many pages, by that number; who has had them longest is first. */
  readonly #byCount: Set<string>[]
  #count = 0

  constructor(most: number, mostOfVisitor: number = mostPages) {
    this.#most = most
    this.#mostOfVisitor = mostOfVisitor
    this.#byCount = Array.from({ length: mostOfVisitor + 2 }, () => new Set<string>())
  }

  get size(): number {
    return this.#count
  }

  /** Enters a page. Gives back the one that has to go for it, if there is one, and whether that is for want of room. */
  enter(visitorId: string, page: Page): { readonly page: Page; readonly full: boolean } | undefined {
    const pages = this.#pages.get(visitorId) ?? new Set<Page>()
    this.#pages.set(visitorId, pages)
    this.#rank(visitorId, pages.size, pages.size + 1)
    pages.add(page)
    this.#count++
    if (pages.size > this.#mostOfVisitor) return { page: this.#oldestOf(visitorId), full: false }
    if (this.#count <= this.#most) return undefined
    const [most] = this.#byCount.findLast((visitors) => visitors.size > 0)!
    return { page: this.#oldestOf(most!), full: true }
  }

  leave(visitorId: string, page: Page): void {
    const pages = this.#pages.get(visitorId)
    if (pages?.delete(page) !== true) return
    this.#count--
    this.#rank(visitorId, pages.size + 1, pages.size)
    if (pages.size === 0) this.#pages.delete(visitorId)
  }

  *all(): IterableIterator<Page> {
    for (const pages of [...this.#pages.values()]) yield* [...pages]
  }

  #oldestOf(visitorId: string): Page {
    const [oldest] = this.#pages.get(visitorId)!
    return oldest!
  }

  #rank(visitorId: string, before: number, now: number): void {
    this.#byCount[before]!.delete(visitorId)
    if (now > 0) this.#byCount[now]!.add(visitorId)
  }
}
