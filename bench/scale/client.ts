/** Thousands of visitors in one process. What they measure they give as it is, in ms: the runner puts together what several such processes say. */
import { setTimeout as pause } from 'node:timers/promises'
import { answerAsks } from './asks.ts'
import { now } from './clock.ts'
import { ComeBacks } from './come-backs.ts'
import { figures } from './figures.ts'
import { Visitor } from './visitor.ts'

const openingAtOnce = 16
/** As often as the official client says that it is there. */
const heartbeat = 30_000
const tick = 20

let visitors: Visitor[] = []
/** What came of each message, by the moment at which it was published: after how many ms each visitor had it. */
const heard = new Map<string, number[]>()
let waiting: { readonly stamp: string; readonly all: () => void } | undefined

function hear(text: string): void {
  const stamp = text.slice(0, text.indexOf(' '))
  const times = heard.get(stamp) ?? []
  heard.set(stamp, times)
  times.push(now() - Number(stamp))
  if (waiting?.stamp === stamp && times.length === visitors.length) waiting.all()
}

/** Calls `due` for each of `count` once in each `period`, one after another. Gives what ends it. */
function inTurns(count: number, period: number, due: (at: number) => void): () => void {
  const begun = now()
  let done = 0
  const timer = setInterval(() => {
    const until = ((now() - begun) / period) * count
    for (; done < until; done++) due(done % count)
  }, tick)
  return () => clearInterval(timer)
}

let endBeats = (): void => {}
let comeBacks: ComeBacks | undefined

const answers = {
  ...figures,
  /** Opens so many pages, spread over the servers. Gives how long that took, in ms. */
  async open({ urls, count }: { readonly urls: readonly string[]; readonly count: number }): Promise<number> {
    const begun = now()
    let opened = 0
    const open = async (): Promise<void> => {
      while (opened < count) {
        const visitor = await Visitor.load(urls[opened++ % urls.length]!)
        visitor.onDiff = hear
        await visitor.join()
        visitor.onLost = () => {
          throw new Error('a page has lost its line')
        }
        visitors.push(visitor)
      }
    }
    endBeats = inTurns(count, heartbeat, (at) => visitors[at]?.beat())
    await Promise.all(Array.from({ length: openingAtOnce }, open))
    return now() - begun
  },
  /** So many of them click once a second each, for so long. Gives how long each answer took. */
  async click({ active, ms }: { readonly active: number; readonly ms: number }): Promise<readonly number[]> {
    const latencies: number[] = []
    let sent = 0
    const end = inTurns(active, 1000, (at) => {
      const begun = now()
      sent++
      visitors[at]!.click('inc', () => latencies.push(now() - begun))
    })
    await pause(ms)
    end()
    while (latencies.length < sent) await pause(tick)
    return latencies
  },
  /** Resolves when all have what was published at `stamp`: with the time that it took for each. */
  async heard(stamp: string): Promise<readonly number[]> {
    if (heard.get(stamp)?.length !== visitors.length)
      await new Promise<void>((all) => {
        waiting = { stamp, all }
      })
    const times = heard.get(stamp)!
    heard.delete(stamp)
    return times
  },
  /** From now on each comes back when its line is lost. `to`: where the balancer sends it then. */
  comeBackTo(to: string): void {
    comeBacks = new ComeBacks(visitors, to)
  },
  /** Resolves when all are back. */
  back: () => comeBacks!.all(),
  close(): void {
    endBeats()
    comeBacks?.end()
    for (const visitor of visitors) visitor.leave()
    visitors = []
  },
}
export type Answers = typeof answers
answerAsks(answers)
