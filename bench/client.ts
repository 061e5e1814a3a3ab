/**
 * The client of one run, in a process of its own, the same for whatever server answers. The runner hands it a job; it prepares,
 * says `ready`, waits for `go`, does the work, says `done`, waits for `stop`, and ends.
 */
import { prepareAdmission, prepareClicks, prepareReturns, prepareSenders, prepareUpload } from './client-uploads.ts'
import { Page } from './page.ts'
import type { ClientMessage, Job, Outcome, Prepared, Work } from './scenarios.ts'

const warmUpEvents = 2000
const warmUpPages = 200
const warmUpFanOuts = 30
/** How many pages are opened at once where their opening is not what is measured. */
const openingAtOnce = 16

function prepare({ url, work, ms }: Job): Promise<Prepared> {
  switch (work.kind) {
    case 'events':
      return prepareEvents(new URL(work.path, url).href, work, ms)
    case 'fan-out':
      return prepareFanOut(new URL(work.path, url).href, work.event, work.clients, ms)
    case 'upload':
      return prepareUpload(url, work)
    case 'clicks':
      return prepareClicks(url, work)
    case 'admission':
      return prepareAdmission(url, work)
    case 'senders':
      return prepareSenders(url, work.clients)
    case 'returns':
      return prepareReturns(url, work.times)
    case 'pages':
      return preparePages(new URL(work.path, url).href, work.clients, ms)
    case 'visits':
      return prepareVisits(new URL(work.path, url).href, work.visits)
    case 'rejoin':
      return prepareRejoin(new URL(work.path, url).href, work.clients)
    case 'parked':
      return prepareParked(new URL(work.path, url).href, work.clients)
    case 'idle':
      return prepareIdle(new URL(work.path, url).href, work.clients)
  }
}

async function prepareEvents(url: string, work: Work & { kind: 'events' }, ms: number): Promise<Prepared> {
  const { event, clients, targets = 1000, toComponents = false } = work
  const pages = await openAll(url, clients)
  let pushed = 0
  const latencies: number[] = []
  /** Pushes on one page, one event after another, as long as `goesOn`. */
  const loop = (page: Page, goesOn: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const next = (): void => {
        if (!goesOn()) return resolve()
        const i = pushed++ % targets
        const value = { i: String(i), value: '' }
        const at = performance.now()
        page.push('event', { type: 'click', event, value, ...(toComponents && { cid: i + 1 }) }, () => {
          latencies.push(performance.now() - at)
          next()
        })
      }
      next()
    })
  await Promise.all(pages.map((page) => loop(page, () => pushed < warmUpEvents)))
  return {
    async run() {
      return measureEvents(pages, latencies, (started) =>
        Promise.all(pages.map((page) => loop(page, () => performance.now() - started < ms))),
      )
    },
    finish: () => closeAll(pages),
  }
}

async function prepareFanOut(url: string, event: string, clients: number, ms: number): Promise<Prepared> {
  const pages = await openAll(url, clients)
  const latencies: number[] = []
  let waiting = 0
  let told = (): void => {}
  for (const page of pages) {
    page.onDiff = () => {
      if (--waiting === 0) told()
    }
  }
  const publish = async (): Promise<void> => {
    waiting = clients
    const at = performance.now()
    await new Promise<void>((resolve) => {
      told = resolve
      pages[0]!.push('event', { type: 'click', event, value: { value: '' } }, () => {})
    })
    latencies.push(performance.now() - at)
  }
  for (let times = 0; times < warmUpFanOuts; times++) await publish()
  return {
    async run() {
      return measureEvents(pages, latencies, async (started) => {
        while (performance.now() - started < ms) await publish()
      })
    },
    finish: () => closeAll(pages),
  }
}

/** What comes of `work`, which notes in `latencies` how long each event took, in ms. */
async function measureEvents(
  pages: readonly Page[],
  latencies: number[],
  work: (started: number) => Promise<unknown>,
): Promise<Outcome> {
  latencies.length = 0
  for (const page of pages) page.received = 0
  const started = performance.now()
  await work(started)
  const seconds = (performance.now() - started) / 1000
  const received = pages.reduce((sum, page) => sum + page.received, 0)
  const count = latencies.length
  latencies.sort((a, b) => a - b)
  return { seconds, count, p99Ms: latencies[Math.floor(count * 0.99)]!, bytesPerEvent: received / count }
}

async function preparePages(url: string, clients: number, ms: number): Promise<Prepared> {
  let opened = 0
  const loop = async (goesOn: () => boolean): Promise<void> => {
    while (goesOn()) {
      const page = await Page.open(url)
      opened++
      page.close()
    }
  }
  const loops = (goesOn: () => boolean) => Promise.all(Array.from({ length: clients }, () => loop(goesOn)))
  await loops(() => opened < warmUpPages)
  return {
    async run() {
      opened = 0
      const started = performance.now()
      await loops(() => performance.now() - started < ms)
      return { seconds: (performance.now() - started) / 1000, count: opened }
    },
    finish() {},
  }
}

async function prepareVisits(url: string, count: number): Promise<Prepared> {
  const visit = async (goesOn: () => boolean): Promise<void> => {
    while (goesOn()) await Page.visit(url)
  }
  const visits = async (most: number): Promise<void> => {
    let begun = 0
    await Promise.all(Array.from({ length: openingAtOnce }, () => visit(() => begun++ < most)))
  }
  await visits(warmUpPages)
  return {
    async run() {
      const started = performance.now()
      await visits(count)
      return { seconds: (performance.now() - started) / 1000, count }
    },
    finish() {},
  }
}

async function prepareIdle(url: string, clients: number): Promise<Prepared> {
  closeAll(await openAll(url, warmUpPages))
  let pages: readonly Page[] = []
  return {
    async run() {
      const started = performance.now()
      pages = await openAll(url, clients)
      return { seconds: (performance.now() - started) / 1000, count: clients }
    },
    finish: () => closeAll(pages),
  }
}

async function prepareRejoin(url: string, clients: number): Promise<Prepared> {
  const pages = await openAll(url, clients)
  const all = (): Promise<unknown> => {
    for (const page of pages) page.cut()
    return Promise.all(pages.map((page) => page.comeBack()))
  }
  await all()
  return {
    async run() {
      const started = performance.now()
      await all()
      return { seconds: (performance.now() - started) / 1000, count: clients }
    },
    finish: () => closeAll(pages),
  }
}

async function prepareParked(url: string, clients: number): Promise<Prepared> {
  closeAll(await openAll(url, warmUpPages))
  return {
    async run() {
      const started = performance.now()
      for (const page of await openAll(url, clients)) page.cut()
      // By then the server has noticed.
      closeAll(await openAll(url, 1))
      return { seconds: (performance.now() - started) / 1000, count: clients }
    },
    finish() {},
  }
}

async function openAll(url: string, count: number): Promise<readonly Page[]> {
  const pages: Page[] = []
  let begun = 0
  const open = async (): Promise<void> => {
    while (begun < count) {
      begun++
      pages.push(await Page.open(url))
    }
  }
  await Promise.all(Array.from({ length: openingAtOnce }, open))
  return pages
}

function closeAll(pages: readonly Page[]): void {
  for (const page of pages) page.close()
}

function say(message: ClientMessage): void {
  process.send!(message)
}

function heard(): Promise<unknown> {
  return new Promise((resolve) => process.once('message', resolve))
}

const prepared = await prepare((await heard()) as Job)
say({ kind: 'ready' })
await heard()
say({ kind: 'done', ...(await prepared.run()) })
await heard()
await prepared.finish()
process.exit(0)
