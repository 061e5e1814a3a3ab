/** Files over HTTP, on networks with opinions of their own. */
import type { Page } from '@playwright/test'
import { hashes, photo } from './support/files.ts'
import { type Habits, HttpProxy } from './support/http-proxy.ts'
import { Link } from './support/link.ts'
import type { AlbumPage } from './support/album-page.ts'
import type { App } from './support/app.ts'
import { expect, test } from './support/test.ts'

const kB = 1000
const MiB = 1024 * 1024
const resources = '**/live/uploads/*'

/** The sizes of the parts that the page sends. */
function watchParts(page: Page): readonly number[] {
  const sizes: number[] = []
  page.on('request', (request) => {
    if (request.method() === 'PATCH') sizes.push(request.postDataBuffer()?.length ?? 0)
  })
  return sizes
}

/** How many requests of the page ran at once at most, as the page itself has seen it. */
async function watchRequests(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const plain = fetch
    const seen = { now: 0, most: 0 }
    Object.assign(window, {
      requestsSeen: seen,
      fetch: async (...args: Parameters<typeof fetch>) => {
        seen.most = Math.max(seen.most, ++seen.now)
        try {
          return await plain(...args)
        } finally {
          seen.now--
        }
      },
    })
  })
  return () => page.evaluate(() => (window as unknown as { requestsSeen: { most: number } }).requestsSeen.most)
}

test('a file goes at once where nothing is in its way, and no byte of it over the socket', async ({ album, page }) => {
  const sent: number[] = []
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => void sent.push(payload.length)))
  const parts = watchParts(page)
  const big = photo('big.png', 3000 * kB)
  await album.open('/big')
  await album.choose(big)
  await album.save()
  await expect(album.saved).toHaveText(['big.png'])
  expect(await album.savedHashes()).toEqual(hashes([big]))
  expect(parts).toHaveLength(1)
  expect(Math.max(...sent)).toBeLessThan(10_000)
})

test('eight files are sent three at once, in order', async ({ album, page, link }) => {
  const most = await watchRequests(page)
  const photos = Array.from({ length: 8 }, (_, at) => photo(`${at}.png`, 200 * kB))
  await album.open('/many')
  await album.choose(...photos)
  link.limit(800 * kB)
  await album.save()
  await expect(album.saved).toHaveText(photos.map(({ name }) => name))
  expect(await album.savedHashes()).toEqual(hashes(photos))
  expect(await most()).toBe(3)
})

test('a click that leaves the page ends what is being sent, so that the next page has its connection', async ({
  album,
  page,
  link,
}) => {
  let ended = 0
  page.on('requestfailed', (request) => {
    if (request.method() === 'PATCH') ended++
  })
  await album.open('/big-auto')
  link.limit(300 * kB)
  await album.choose(...['a.png', 'b.png', 'c.png'].map((name) => photo(name, 1000 * kB)))
  await album.moving('c.png')
  await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<a id="away" href="/one">Away</a>'))
  // A browser ends the requests of a page when the next one is there: this one waits.
  let letGo = (): void => {}
  const held = new Promise<void>((resolve) => (letGo = resolve))
  await page.route('**/one', async (route) => {
    await held
    await route.continue()
  })
  // And the server, which ends what it is sent for a page that has gone, hears nothing meanwhile.
  link.up.stall()
  await page.locator('#away').click({ noWaitAfter: true })
  await expect.poll(() => ended).toBeGreaterThanOrEqual(3)
  link.limit(Infinity)
  link.up.resume()
  letGo()
  await page.waitForURL('**/one')
})

test.describe('a proxy', () => {
  // The browser reports what is refused.
  test.use({ consoleErrors: true })

  test('that takes 1 MiB at most is sent smaller parts', async ({ album, page }) => {
    const parts = watchParts(page)
    await page.route(resources, async (route) => {
      const tooLarge = (route.request().postDataBuffer()?.length ?? 0) > MiB
      if (tooLarge) await route.fulfill({ status: 413, body: 'too large' })
      else await route.continue()
    })
    const big = photo('big.png', 3000 * kB)
    await album.open('/big')
    await album.choose(big)
    await album.save()
    await expect(album.saved).toHaveText(['big.png'])
    expect(await album.savedHashes()).toEqual(hashes([big]))
    expect(parts.slice(0, 2)).toEqual([3000 * kB, 960 * 1024])
  })

  /** Opens the album through a proxy, and a link before it that may be slow or cut. */
  async function openThrough(
    { app, album }: { readonly app: App; readonly album: AlbumPage },
    habits: Habits,
    run: (proxy: HttpProxy, line: Link) => Promise<void>,
  ): Promise<void> {
    const proxy = await HttpProxy.open(() => app.port, habits)
    const line = await Link.open(() => proxy.port)
    await album.open(`${line.url}/big`)
    try {
      await run(proxy, line)
    } finally {
      await album.page.goto('about:blank')
      await line.close()
      await proxy.close()
    }
  }

  test(
    'that passes a part on when it is whole has the file come in parts',
    { tag: '@slow' },
    async ({ app, album }) => {
      await openThrough({ app, album }, { buffers: true }, async ({ passed }) => {
        const big = photo('big.png', 9000 * kB)
        await album.savesOnly(big)
        expect(passed).toEqual([8 * MiB, 9000 * kB - 8 * MiB])
      })
    },
  )

  test('that does so on a line that is cut costs the file nothing', { tag: '@slow' }, async ({ app, album }) => {
    await openThrough({ app, album }, { buffers: true }, async (_, line) => {
      const big = photo('big.png', 9000 * kB)
      await album.choose(big)
      line.limit(4000 * kB)
      await album.save()
      await album.moving('big.png')
      line.cut()
      await expect(album.offline).toBeVisible()
      line.mend()
      await album.connected()
      await expect(album.saved).toHaveText(['big.png'], { timeout: 60_000 })
      expect(await album.savedHashes()).toEqual(hashes([big]))
    })
  })

  test(
    'that breaks a body off at 1 MiB, without saying why, is sent smaller parts',
    { tag: '@slow' },
    async ({ app, album }) => {
      await openThrough({ app, album }, { breaksAt: MiB }, async ({ broken }) => {
        const big = photo('big.png', 9000 * kB)
        await album.choose(big)
        await album.save()
        await expect(album.saved).toHaveText(['big.png'], { timeout: 60_000 })
        expect(await album.savedHashes()).toEqual(hashes([big]))
        // Two that are broken off may be chance. When the answer is lost with the connection, Chromium sends each once more by itself.
        expect(broken.length).toBeGreaterThanOrEqual(2)
        // Who learns nothing has nine broken off.
        expect(broken.length).toBeLessThan(7)
      })
    },
  )

  for (const status of [403, 404, 405, 501]) {
    const tag = status === 405 ? [] : ['@slow']
    test(
      `that lets no PATCH through, by ${status}, has the file go over the socket`,
      { tag },
      async ({ album, page }) => {
        await page.route(resources, (route) => route.fulfill({ status, body: 'not here' }))
        const [big, small] = [photo('big.png', 3000 * kB), photo('small.png')]
        await album.open('/big')
        await album.choose(big, small)
        await album.save()
        await expect(album.saved).toHaveText(['big.png', 'small.png'])
        expect(await album.savedHashes()).toEqual(hashes([big, small]))
      },
    )
  }

  test('that is busy is asked again', async ({ album, page }) => {
    const answers = [503, 429, 408]
    await page.route(resources, async (route) => {
      const status = answers.shift()
      if (status === undefined) await route.continue()
      else await route.fulfill({ status })
    })
    const cat = photo('cat.png')
    await album.open('/big')
    await album.choose(cat)
    await album.save()
    await expect(album.saved).toHaveText(['cat.png'])
    expect(answers).toEqual([])
  })

  test('that breaks HTTP altogether has the file go over the socket', { tag: '@slow' }, async ({ album, page }) => {
    await page.route(resources, (route) => route.abort('connectionreset'))
    const cat = photo('cat.png')
    await album.open('/big')
    await album.choose(cat)
    await album.save()
    await expect(album.saved).toHaveText(['cat.png'], { timeout: 60_000 })
    expect(await album.savedHashes()).toEqual(hashes([cat]))
  })

  test('that loses an answer behind the last byte loses nothing', async ({ album, page }) => {
    let lost = 0
    await page.route(resources, async (route) => {
      if (route.request().method() !== 'PATCH' || lost++ > 0) return route.continue()
      await route.fetch()
      await route.abort('connectionreset')
    })
    const big = photo('big.png', 3000 * kB)
    await album.open('/big')
    await album.choose(big)
    await album.save()
    await expect(album.saved).toHaveText(['big.png'])
    expect(await album.savedHashes()).toEqual(hashes([big]))
  })
})

test.describe('a network that is gone for 20 s', () => {
  test.use({ consoleErrors: true })

  test('costs three photos nothing', { tag: '@slow' }, async ({ album, link }) => {
    const photos = ['a.png', 'b.png', 'c.png'].map((name) => photo(name, 3000 * kB))
    await album.open('/big')
    await album.choose(...photos)
    link.limit(900 * kB)
    await album.save()
    await album.moving('a.png')
    link.cut()
    await expect(album.offline).toBeVisible()
    await new Promise((resolve) => setTimeout(resolve, 20_000))
    link.mend()
    await album.connected()
    await expect(album.saved).toHaveText(['a.png', 'b.png', 'c.png'], { timeout: 60_000 })
    expect(await album.savedHashes()).toEqual(hashes(photos))
  })
})
