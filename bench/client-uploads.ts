/** The work that has to do with files: over a page's channel, and over HTTP as our client module sends them. */
import { Link } from './link.ts'
import { Page, type Upload } from './page.ts'
import type { Outcome, Prepared, Work } from './scenarios.ts'
import { percentile } from './table.ts'

const warmUpBytes = 4e6
const openingAtOnce = 16

type Over = 'http' | 'channel'

function send(page: Page, upload: Upload, over: Over): Promise<void> {
  return over === 'http' ? page.sendOverHttp(upload) : page.send(upload)
}

export async function prepareUpload(target: string, work: Work & { readonly kind: 'upload' }): Promise<Prepared> {
  const { clients, bytes, over = 'channel', delayMs } = work
  const link = delayMs === undefined ? undefined : await Link.open(target, { delayMs })
  const url = new URL('/upload', link?.url ?? target).href
  const pages = await openAll(url, clients, over)
  const warmUp = await Page.open(new URL('/upload', target).href, over === 'http')
  const small = await warmUp.choose('warm-up.bin', warmUpBytes)
  await send(warmUp, small, over)
  await warmUp.save(small)
  warmUp.close()
  const uploads = await Promise.all(pages.map((page, at) => page.choose(`file-${at}.bin`, bytes)))
  return {
    async run() {
      const started = performance.now()
      await Promise.all(pages.map((page, at) => send(page, uploads[at]!, over)))
      return { seconds: (performance.now() - started) / 1000, count: bytes * clients }
    },
    async finish() {
      await Promise.all(pages.map((page, at) => page.save(uploads[at]!)))
      for (const page of pages) page.close()
      link?.close()
    },
  }
}

/** How long an event waits while a file travels on the same slow line. */
export async function prepareClicks(target: string, work: Work & { readonly kind: 'clicks' }): Promise<Prepared> {
  const { over, rate, forMs } = work
  const link = await Link.open(target, { rate })
  const page = await Page.open(new URL('/upload', link.url).href, over === 'http')
  const upload = await page.choose('long.bin', rate * 60)
  return {
    async run() {
      const latencies: number[] = []
      void send(page, upload, over).catch(() => {})
      const started = performance.now()
      while (performance.now() - started < forMs) {
        const at = performance.now()
        await new Promise<void>((resolve) => {
          page.push('event', { type: 'click', event: 'inc', value: { value: '' } }, () => resolve())
        })
        latencies.push(performance.now() - at)
        // People do not click as fast as they are answered.
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      const seconds = (performance.now() - started) / 1000
      const [p50Ms, p99Ms] = [percentile(latencies, 0.5), percentile(latencies, 0.99)]
      return { seconds, count: latencies.length, p50Ms, p99Ms }
    },
    finish() {
      page.close()
      link.close()
    },
  }
}

/** All send at the same moment: how long each waits, and how many are told anything but to wait. */
export async function prepareAdmission(
  target: string,
  { clients, bytes }: Work & { readonly kind: 'admission' },
): Promise<Prepared> {
  const pages = await openAll(new URL('/upload', target).href, clients, 'http')
  const uploads = await Promise.all(pages.map((page, at) => page.choose(`file-${at}.bin`, bytes)))
  return {
    async run() {
      const waits: number[] = []
      let refused = 0
      const started = performance.now()
      const send = async (page: Page, at: number): Promise<void> => {
        try {
          waits.push(await page.sendInTurn(uploads[at]!))
        } catch {
          refused++
        }
      }
      await Promise.all(pages.map(send))
      const seconds = (performance.now() - started) / 1000
      const [p50Ms, p99Ms] = [percentile(waits, 0.5), percentile(waits, 0.99)]
      return { seconds, count: clients, p50Ms, p99Ms, refused }
    },
    finish() {
      for (const page of pages) page.close()
    },
  }
}

/** Senders that have begun, and keep their requests open. */
export async function prepareSenders(target: string, clients: number): Promise<Prepared> {
  const url = new URL('/upload', target).href
  const pages = await openAll(url, clients, 'http')
  return {
    async run() {
      const started = performance.now()
      for (let at = 0; at < pages.length; at += openingAtOnce) {
        const some = pages.slice(at, at + openingAtOnce)
        await Promise.all(some.map((page, index) => page.beginOverHttp(`file-${at + index}.bin`)))
      }
      return { seconds: (performance.now() - started) / 1000, count: clients }
    },
    finish() {
      for (const page of pages) page.close()
    },
  }
}

/** How long the browser of a page takes to send on, once the network is back. */
export async function prepareReturns(target: string, times: number): Promise<Prepared> {
  const { chromium } = await import('@playwright/test')
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  const link = await Link.open(target, { rate: 4e6 })
  const page = await browser.newPage()
  await page.goto(new URL('/upload', link.url).href)
  await page.locator('.phx-connected').waitFor({ state: 'attached' })
  // Long enough for all cuts; what is in it matters to nobody.
  await page.locator('input[type=file]').setInputFiles(process.execPath)
  const nextPatch = (): Promise<void> =>
    new Promise((resolve) => {
      link.onUp = (bytes) => {
        if (!bytes.includes('PATCH /')) return
        link.onUp = undefined
        resolve()
      }
    })
  return {
    async run(): Promise<Outcome> {
      const latencies: number[] = []
      const started = performance.now()
      const first = nextPatch()
      await page.getByRole('button', { name: 'Save' }).click()
      await first
      for (let time = 0; time < times; time++) {
        await new Promise((resolve) => setTimeout(resolve, 1000))
        link.cut()
        await page.context().setOffline(true)
        await new Promise((resolve) => setTimeout(resolve, 5000))
        link.mend()
        const at = performance.now()
        const sent = nextPatch()
        await page.context().setOffline(false)
        await sent
        latencies.push(performance.now() - at)
      }
      const seconds = (performance.now() - started) / 1000
      return { seconds, count: times, p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) }
    },
    async finish() {
      await browser.close()
      link.close()
    },
  }
}

async function openAll(url: string, count: number, over: Over): Promise<readonly Page[]> {
  const pages: Page[] = []
  let begun = 0
  const open = async (): Promise<void> => {
    while (begun < count) {
      begun++
      pages.push(await Page.open(url, over === 'http'))
    }
  }
  await Promise.all(Array.from({ length: openingAtOnce }, open))
  return pages
}
