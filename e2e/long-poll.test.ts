import type { Page } from '@playwright/test'
import { hashes, photo } from './support/files.ts'
import { expect, test } from './support/test.ts'

const kB = 1000

/** What a network may do to WebSockets. */
type Blockade = 'refuses' | 'never opens' | 'swallows frames of'

/** Puts a WebSocket into the page that comes through no more than one behind a bad proxy. */
async function blockWebSockets(page: Page, blockade: Blockade): Promise<void> {
  await page.addInitScript((blockade) => {
    class BlockedWebSocket {
      static made = 0
      readyState = 0
      onopen = (): void => {}
      onerror = (): void => {}
      onclose = (_event: unknown): void => {}

      constructor() {
        BlockedWebSocket.made++
        setTimeout(() => {
          if (this.readyState !== 0 || blockade === 'never opens') return
          if (blockade === 'refuses') this.#end()
          else {
            this.readyState = 1
            this.onopen()
          }
        })
      }

      addEventListener(): void {}

      send(): void {}

      close(): void {
        if (this.readyState < 2) this.#end()
      }

      #end(): void {
        this.readyState = 3
        this.onerror()
        this.onclose({ code: 1006, reason: '', wasClean: false })
      }
    }
    Object.assign(window, { WebSocket: BlockedWebSocket })
  }, blockade)
}

/** The long-poll requests that a page made, by method. */
function watchPolls(page: Page): string[] {
  const methods: string[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/live/longpoll') methods.push(request.method())
  })
  return methods
}

for (const blockade of ['refuses', 'never opens', 'swallows frames of'] as const) {
  const tag = blockade === 'refuses' ? [] : ['@slow']
  test(
    `a network that ${blockade} WebSockets: the page polls, and all goes on as ever`,
    { tag },
    async ({ album, page }) => {
      await blockWebSockets(page, blockade)
      const polls = watchPolls(page)
      const big = photo('big.png', 5000 * kB)
      await album.open('/big')
      await album.clickPing()
      await album.clickPing()
      await album.name.fill('Holiday')
      await album.savesOnly(big)
      expect(polls).toContain('GET')
      expect(polls).toContain('POST')
    },
  )
}

test('by long polling, several files and another page of the same visitor', async ({ album, context, page }) => {
  await blockWebSockets(page, 'refuses')
  const photos = [photo('a.png', 700 * kB), photo('b.png'), photo('c.png', 300 * kB)]
  await album.open()
  const second = await context.newPage()
  await second.goto('/')
  await expect(second.locator('[data-phx-main].phx-connected')).toBeAttached()
  await album.savesOnly(...photos)
  // The other one has a WebSocket, and learns of it all the same.
  await expect(second.getByRole('list', { name: 'Saved' }).getByRole('listitem')).toHaveText([
    'a.png',
    'b.png',
    'c.png',
  ])
})

test.describe('a server that is started again', () => {
  // The browser reports each connection that is refused meanwhile.
  test.use({ consoleErrors: true })

  test(
    'while a page polls and uploads: the page comes back by itself, and the file goes on',
    { tag: '@slow' },
    async ({ album, app, link, page }) => {
      const big = photo('big.png', 4000 * kB)
      await blockWebSockets(page, 'refuses')
      await album.open('/big')
      const before = await album.documentId()
      await album.name.fill('Holiday')
      await album.choose(big)
      link.limit(800 * kB)
      await album.save()
      await album.moving('big.png')
      expect(await app.end('SIGTERM')).toBe(0)
      await expect(album.offline).toBeVisible()

      link.limit(Infinity)
      await app.start()
      await expect(album.offline).toBeHidden()
      await album.connected()
      await expect(album.saved).toHaveText(['big.png'])
      expect(await album.savedHashes()).toEqual(hashes([big]))
      await album.clickPing()
      expect(await album.documentId()).toBe(before)
    },
  )

  test('and a page that had a WebSocket: it has one again, and does not poll', async ({ album, app, page }) => {
    const polls = watchPolls(page)
    const opened: string[] = []
    page.on('websocket', (socket) => socket.on('framereceived', () => opened.push(socket.url())))
    await album.open()
    expect(await app.end('SIGTERM')).toBe(0)
    await expect(album.offline).toBeVisible()
    const before = opened.length
    await app.start()
    await expect(album.offline).toBeHidden()
    await album.clickPing()
    expect(opened.length).toBeGreaterThan(before)
    expect(polls).toEqual([])
  })
})

test.describe('a network that goes and comes back', () => {
  // The browser reports each request that is refused meanwhile.
  test.use({ consoleErrors: true })

  test('while a page polls: its view goes on, with its files', { tag: '@slow' }, async ({ album, link, page }) => {
    await blockWebSockets(page, 'refuses')
    await album.open('/big')
    const before = await album.documentId()
    await album.clickPing()
    await album.name.fill('Holiday')
    await album.choose(photo('cat.png'))
    for (let times = 0; times < 2; times++) {
      link.cut()
      await expect(album.offline).toBeVisible()
      link.mend()
      await expect(album.offline).toBeHidden()
      await album.connected()
    }
    await expect(album.ping).toHaveText('Pinged 1')
    await expect(album.name).toHaveValue('Holiday')
    await album.clickPing()
    await album.save()
    await expect(album.saved).toHaveText(['cat.png'])
    expect(await album.documentId()).toBe(before)
  })
})

test('a page that may not fall back tries WebSockets again and again', async ({ page }) => {
  await page.addInitScript(() => {
    Object.assign(window, { liveloom: { longPollFallbackMs: false } })
  })
  await blockWebSockets(page, 'refuses')
  const polls = watchPolls(page)
  await page.goto('/')
  await page.waitForFunction(() => (window.WebSocket as unknown as { made: number }).made > 4)
  expect(polls).toEqual([])
})

for (const locks of [true, false]) {
  test(`files are sent over HTTP one at a time (${locks ? 'with' : 'without'} locks)`, async ({ album, page }) => {
    await blockWebSockets(page, 'refuses')
    await page.addInitScript((locks) => {
      if (!locks) Object.defineProperty(navigator, 'locks', { value: undefined })
      const plain = fetch
      const seen = { now: 0, most: 0 }
      Object.assign(window, {
        sendsSeen: seen,
        fetch: async (...args: Parameters<typeof fetch>) => {
          if (args[1]?.method !== 'PATCH') return plain(...args)
          seen.most = Math.max(seen.most, ++seen.now)
          return plain(...args).finally(() => seen.now--)
        },
      })
    }, locks)
    const photos = ['a.png', 'b.png', 'c.png', 'd.png'].map((name) => photo(name))
    await album.open('/many')
    await album.choose(...photos)
    await album.save()
    await expect(album.saved).toHaveText(photos.map(({ name }) => name))
    expect(await album.savedHashes()).toEqual(hashes(photos))
    const most = await page.evaluate(() => (window as unknown as { sendsSeen: { most: number } }).sendsSeen.most)
    expect(most).toBe(1)
  })
}
