/** What a process that shares a presence is asked for, whoever keeps it. */
import { setTimeout as pause } from 'node:timers/promises'
import { now } from './clock.ts'
import { figures } from './figures.ts'

/** Keeps who is there. */
export interface Keeper {
  come(key: string): void
  go(key: string): void
  list(): readonly unknown[]
}

type Times = [key: string, at: number][]

/** When this process did it itself, and when it knew of what others did. */
export interface Seen {
  readonly own: { readonly joins: Times; readonly leaves: Times }
  readonly others: { readonly joins: Times; readonly leaves: Times }
}

const tick = 10

export class People {
  readonly #keeper: Keeper
  readonly #present = new Set<string>()
  readonly #own = new Set<string>()
  #seen: Seen = empty()
  #awaited: { readonly count: number; readonly known: (at: number) => void } | undefined

  /** `open` is given what is to be called with each who has come or gone. */
  constructor(open: (changed: (joins: readonly string[], leaves: readonly string[]) => void) => Keeper) {
    this.#keeper = open((joins, leaves) => this.#changed(joins, leaves))
  }

  answers() {
    return {
      ...figures,
      /** Resolves when so many are known: to when that was. */
      knows: (count: number): Promise<number> =>
        new Promise((known) => {
          this.#awaited = { count, known }
          this.#look()
        }),
      come: ({ from, count }: { readonly from: number; readonly count: number }): void => {
        for (let at = 0; at < count; at++) this.#come(`${from}-${at}`)
      },
      /** How long it takes to list all, in ms. */
      list: (): number => {
        const begun = now()
        this.#keeper.list()
        return now() - begun
      },
      comeAndGo: async ({ perSecond, ms }: { readonly perSecond: number; readonly ms: number }): Promise<void> => {
        this.#seen = empty()
        const waiting: string[] = []
        const begun = now()
        for (let done = 0; now() - begun < ms; await pause(tick)) {
          for (; done < ((now() - begun) / 1000) * perSecond; done++) {
            const key = `new-${process.pid}-${done}`
            this.#come(key)
            waiting.push(key)
            if (waiting.length > perSecond) this.#go(waiting.shift()!)
          }
        }
        for (const key of waiting) this.#go(key)
        await pause(1000)
      },
      seen: (): Seen => this.#seen,
    }
  }

  #come(key: string): void {
    this.#own.add(key)
    this.#seen.own.joins.push([key, now()])
    this.#keeper.come(key)
  }

  #go(key: string): void {
    this.#seen.own.leaves.push([key, now()])
    this.#keeper.go(key)
  }

  #changed(joins: readonly string[], leaves: readonly string[]): void {
    const at = now()
    for (const key of joins) {
      this.#present.add(key)
      if (!this.#own.has(key)) this.#seen.others.joins.push([key, at])
    }
    for (const key of leaves) {
      this.#present.delete(key)
      if (!this.#own.has(key)) this.#seen.others.leaves.push([key, at])
    }
    this.#look()
  }

  #look(): void {
    if (this.#awaited?.count !== this.#present.size) return
    this.#awaited.known(now())
    this.#awaited = undefined
  }
}

function empty(): Seen {
  return { own: { joins: [], leaves: [] }, others: { joins: [], leaves: [] } }
}
