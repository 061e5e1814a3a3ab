import { describe, expect, it } from 'vitest'
import { ManualTime, turn } from '../../test/support/manual-time.ts'
import { drain, type DrainHost, type Leaver, resolveDrain } from './drain.ts'

class Page implements Leaver {
  busy = false
  sendingFiles = 0
  gone = false
  toldAt: number | undefined
  readonly #time: ManualTime

  constructor(time: ManualTime) {
    this.#time = time
  }

  goAway(): void {
    this.toldAt = this.#time.now
    this.gone = true
  }
}

function world(count: number): {
  time: ManualTime
  pages: Page[]
  host: DrainHost
  rest: { unfinished: number; closed: boolean; refusedAt: number | undefined }
} {
  const time = new ManualTime()
  time.now = 0
  const pages = Array.from({ length: count }, () => new Page(time))
  const rest = { unfinished: 0, closed: false, refusedAt: undefined as number | undefined }
  const host = {
    now: () => time.now,
    startTimer: time.startTimer,
    connections: () => pages,
    refuse: () => void (rest.refusedAt = time.now),
    unfinished: () => rest.unfinished,
    closed: () => rest.closed,
  }
  return { time, pages, host, rest }
}

/** Whether the promise has settled by now. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false
  void promise.then(() => (done = true))
  await turn()
  return done
}

describe('drain', () => {
  it('tells the oldest first, each in its own share of the time', async () => {
    const { time, pages, host } = world(10)
    const done = drain({ notice: 0, over: 10_000, grace: 0 }, host)
    time.advance(10_050)
    const told = pages.map(({ toldAt }) => toldAt!)
    expect(told).toEqual(told.toSorted((a, b) => a - b))
    for (const [at, when] of told.entries()) {
      expect(when).toBeGreaterThanOrEqual(at * 1000)
      expect(when).toBeLessThanOrEqual((at + 1) * 1000 + 50)
    }
    expect(await isDone(done)).toBe(true)
  })

  it('is through when every page has gone by itself', async () => {
    const { time, pages, host } = world(3)
    const done = drain({ notice: 0, over: 600_000, grace: 600_000 }, host)
    for (const page of pages) page.gone = true
    time.advance(50)
    expect(await isDone(done)).toBe(true)
    expect(pages.every(({ toldAt }) => toldAt === undefined)).toBe(true)
    expect(time.running).toBe(0)
  })

  it('refuses new pages only after the notice', async () => {
    const { time, host, rest } = world(0)
    const done = drain({ notice: 5000, over: 0, grace: 0 }, host)
    time.advance(4999)
    await turn()
    expect(rest.refusedAt).toBeUndefined()
    time.advance(1)
    await done
    expect(rest.refusedAt).toBe(5000)
  })

  it('waits for a view that handles something, and no longer than the grace', () => {
    const { time, pages, host } = world(2)
    const [short, endless] = pages as [Page, Page]
    short.busy = endless.busy = true
    void drain({ notice: 0, over: 0, grace: 3000 }, host)
    time.advance(1000)
    expect(short.toldAt).toBeUndefined()
    short.busy = false
    time.advance(50)
    expect(short.toldAt).toBe(1050)
    time.advance(5000)
    expect(endless.toldAt).toBe(3000)
  })

  it('leaves a page whose files are through the time to send their form', () => {
    const { time, pages, host } = world(1)
    const [page] = pages as [Page]
    page.sendingFiles = 1
    void drain({ notice: 0, over: 0, grace: 60_000 }, host)
    time.advance(10_000)
    page.sendingFiles = 0
    time.advance(500)
    page.busy = true
    time.advance(3000)
    expect(page.toldAt).toBeUndefined()
    page.busy = false
    time.advance(50)
    expect(page.toldAt).toBe(13_550)
  })

  it('waits for what is no connection, requests and saves, as long as the grace is', async () => {
    const { time, host, rest } = world(1)
    rest.unfinished = 1
    const done = drain({ notice: 0, over: 0, grace: 3000 }, host)
    time.advance(2950)
    expect(await isDone(done)).toBe(false)
    time.advance(50)
    expect(await isDone(done)).toBe(true)
  })

  it('is through at once when the server is closed', async () => {
    const { time, pages, host, rest } = world(1)
    pages[0]!.busy = true
    const done = drain({ notice: 0, over: 60_000, grace: 60_000 }, host)
    rest.closed = true
    time.advance(50)
    expect(await isDone(done)).toBe(true)
  })
})

describe('resolveDrain', () => {
  it.each([
    [{ over: -1 }, 'drain: over must be a number of ms from 0, got -1'],
    [{ grace: Infinity }, 'drain: grace must be a number of ms from 0, got Infinity'],
    [{ notice: '5' }, `drain: notice must be a number of ms from 0, got '5'`],
    [{ after: 5 }, `drain: unknown option 'after'; known are notice, over, grace`],
    [7, 'drain: expected an object with notice, over, grace, got 7'],
  ])('refuses %j', (options, message) => {
    expect(() => resolveDrain('drain', options, false)).toThrow(
      expect.objectContaining({ code: 'ERR_SERVER_OPTIONS', message }),
    )
  })

  it('hurries in development', () => {
    expect(resolveDrain('drain', {}, true)).toEqual({ notice: 0, over: 0, grace: 2000 })
    expect(resolveDrain('drain', { grace: undefined }, false)).toEqual({ notice: 0, over: 10_000, grace: 30_000 })
  })
})
