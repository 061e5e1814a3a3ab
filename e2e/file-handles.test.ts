/**
 * Files that go on after a reload without being chosen again, where the browser keeps their handles. The headless shell lets a page read whatever
 * was dropped, for good, and shows no dialog: what the user would answer there is set by `answer` and `dialog`. Handles and files are real.
 */
import { appendFile, utimes } from 'node:fs/promises'
import { chromium, type Page } from '@playwright/test'
import { AlbumPage } from './support/album-page.ts'
import { type ChosenFile, hashes, photo } from './support/files.ts'
import { answer } from './support/permissions.ts'
import { expect, test } from './support/test.ts'

const kB = 1000
// The browser reports the request that the page has left.
test.use({ consoleErrors: true })

const waiting = (page: Page) => page.getByRole('list', { name: 'Waiting' }).getByRole('listitem')
const goOn = (page: Page) => page.getByRole('button', { name: 'Go on' })

const asked = (page: Page): Promise<number> => page.evaluate(() => (window as { asked?: number }).asked ?? 0)

/** The files whose handles the page has. */
async function handles(page: Page): Promise<readonly string[]> {
  const keys = await page.evaluate(async () => {
    const opening = indexedDB.open('liveloom')
    await new Promise((resolve) => (opening.onsuccess = resolve))
    const reading = opening.result.transaction('handles').objectStore('handles').getAllKeys()
    await new Promise((resolve) => (reading.onsuccess = resolve))
    opening.result.close()
    return reading.result as readonly string[]
  })
  return keys.map((key) => (JSON.parse(key) as readonly string[])[1]!)
}

interface Stage {
  readonly album: AlbumPage
  readonly app: { write(name: string, content: Buffer): Promise<string> }
  readonly link: { limit(rate: number): void }
}

/** Drops files, and reloads the page when the first of them is half through. */
async function dropAndReload({ album, app, link }: Stage, ...files: readonly ChosenFile[]): Promise<readonly string[]> {
  const paths = await Promise.all(files.map(({ name, buffer }) => app.write(name, buffer)))
  link.limit(1000 * kB)
  await album.drop(...paths)
  await album.moving(files[0]!.name)
  await expect.poll(() => handles(album.page)).toEqual(expect.arrayContaining(files.map(({ name }) => name)))
  await album.page.reload()
  link.limit(Infinity)
  await album.connected()
  return paths
}

async function savesAll(album: AlbumPage, ...files: readonly ChosenFile[]): Promise<void> {
  await expect(waiting(album.page)).toHaveCount(0)
  for (const { name } of files) await expect.poll(() => album.progress(name)).toBe(100)
  await album.save()
  await expect(album.saved).toHaveCount(files.length)
  expect(await album.savedHashes()).toEqual(hashes(files))
}

test('what may be read still goes on by itself, where it was, and its handle is forgotten when it is through', async ({
  album,
  app,
  link,
  page,
}) => {
  const offsets: number[] = []
  const big = photo('big.png', 12_000 * kB)
  await album.open('/kept')
  page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']))
  })
  await dropAndReload({ album, app, link }, big)
  const before = offsets.length
  await savesAll(album, big)
  expect(before).toBeGreaterThan(0)
  expect(offsets.at(-1)).toBeGreaterThan(0)
  await expect(goOn(page)).toBeHidden()
  await expect.poll(() => handles(page)).toEqual([])
})

test('one click has all of them go on that the browser asks for', async ({ album, app, link, page }) => {
  await answer(page, 'granted')
  const files = [photo('one.png', 12_000 * kB), photo('two.png', 12_000 * kB), photo('three.png', 12_000 * kB)]
  await album.open('/kept')
  await dropAndReload({ album, app, link }, ...files)
  await expect(waiting(page)).toHaveCount(3)
  await expect(goOn(page)).toBeVisible()
  // Also behind patches.
  await album.clickPing()
  await expect(goOn(page)).toBeVisible()
  expect(await asked(page)).toBe(0)
  await goOn(page).focus()
  await page.keyboard.press('Enter')
  await expect(goOn(page)).toBeHidden()
  await expect(album.photos).toBeFocused()
  await savesAll(album, ...files)
  expect(await asked(page)).toBe(3)
  await expect.poll(() => handles(page)).toEqual([])
})

test('who says no chooses again', async ({ album, app, link, page }) => {
  await answer(page, 'denied')
  const big = photo('big.png', 12_000 * kB)
  await album.open('/kept')
  const [path] = await dropAndReload({ album, app, link }, big)
  await goOn(page).click()
  await expect(goOn(page)).toBeHidden()
  await expect(waiting(page)).toHaveCount(1)
  expect(await asked(page)).toBe(1)
  await album.choose(path!)
  await savesAll(album, big)
})

test('who gives no answer may click again', { tag: '@slow' }, async ({ album, app, link, page }) => {
  await answer(page, 'prompt')
  await album.open('/kept')
  await dropAndReload({ album, app, link }, photo('big.png', 12_000 * kB))
  await goOn(page).click()
  await expect.poll(() => asked(page)).toBe(1)
  await expect(goOn(page)).toBeVisible()
  await expect(waiting(page)).toHaveCount(1)
  await page.getByRole('button', { name: 'Forget big.png' }).click()
  await expect(goOn(page)).toBeHidden()
  await expect.poll(() => handles(page)).toEqual([])
})

test('they go on in the component that they were dropped on', { tag: '@slow' }, async ({ app, link, page }) => {
  await answer(page, 'granted')
  const album = Object.assign(new AlbumPage(app, page), { dropZone: page.locator('#two p') })
  await album.open('/kept-parts')
  await dropAndReload({ album, app, link }, photo('big.png', 12_000 * kB))
  await expect(page.locator('#two').getByRole('button', { name: 'Go on' })).toBeVisible()
  await expect(goOn(page)).toHaveCount(1)
  await goOn(page).click()
  await expect.poll(() => album.progress('big.png')).toBe(100)
  await expect(page.locator('#two li[data-name]')).toHaveCount(1)
  await expect(page.locator('button[data-liveloom-resume]:not([hidden])')).toHaveCount(0)
  await album.remove('big.png')
})

for (const [what, change] of [
  ['longer', (path: string) => appendFile(path, 'more')],
  ['written again', (path: string) => utimes(path, 1, 1)],
] as const) {
  test(
    `a file that is ${what} since is not given`,
    { tag: what === 'longer' ? [] : '@slow' },
    async ({ album, app, link, page }) => {
      await answer(page, 'granted')
      await album.open('/kept')
      const [path] = await dropAndReload({ album, app, link }, photo('big.png', 12_000 * kB))
      await change(path!)
      await goOn(page).click()
      await expect(goOn(page)).toBeHidden()
      await expect.poll(() => handles(page)).toEqual([])
      await expect(waiting(page)).toHaveCount(1)
      await expect(album.entries).toHaveCount(0)
      await page.getByRole('button', { name: 'Forget big.png' }).click()
      await expect(waiting(page)).toHaveCount(0)
    },
  )
}

test('no more are given than there is room for', { tag: '@slow' }, async ({ album, app, link, page }) => {
  await answer(page, 'granted')
  const files = [photo('one.png', 12_000 * kB), photo('two.png', 12_000 * kB)]
  const others = [photo('three.png'), photo('four.png')]
  await album.open('/kept')
  await dropAndReload({ album, app, link }, ...files)
  await album.choose(...others)
  await goOn(page).click()
  await expect(waiting(page)).toHaveCount(1)
  await expect(album.entries).toHaveCount(3)
  await expect(goOn(page)).toBeHidden()
  await album.save()
  await expect(album.saved).toHaveCount(3)
  await goOn(page).click()
  await expect(waiting(page)).toHaveCount(0)
  await expect(album.entries).toHaveCount(1)
  await album.save()
  await expect(album.saved).toHaveCount(4)
  expect(await album.savedHashes()).toEqual(hashes([...files, ...others]))
})

for (const [where, without] of [
  ['IndexedDB', () => Object.defineProperty(window, 'indexedDB', { get: () => undefined })],
  [
    'a database that opens',
    () =>
      Object.assign(IDBFactory.prototype, {
        open: () => {
          throw new DOMException('broken', 'UnknownError')
        },
      }),
  ],
  [
    'the API',
    () => {
      Reflect.deleteProperty(window, 'showOpenFilePicker')
      Reflect.deleteProperty(DataTransferItem.prototype, 'getAsFileSystemHandle')
      Reflect.deleteProperty(window, 'FileSystemFileHandle')
    },
  ],
] as const) {
  test(
    `without ${where} files wait to be chosen again`,
    { tag: where === 'the API' ? [] : '@slow' },
    async ({ album, app, link, page }) => {
      const faults: Error[] = []
      page.on('pageerror', (error) => faults.push(error))
      await page.addInitScript(without)
      const big = photo('big.png', 12_000 * kB)
      const path = await app.write('big.png', big.buffer)
      await album.open('/kept')
      link.limit(1000 * kB)
      await album.drop(path)
      await album.moving('big.png')
      await page.reload()
      link.limit(Infinity)
      await album.connected()
      await expect(waiting(page)).toHaveCount(1)
      const choosing = page.waitForEvent('filechooser')
      await album.photos.click()
      await (await choosing).setFiles(path)
      await savesAll(album, big)
      await expect(goOn(page)).toBeHidden()
      expect(faults).toEqual([])
    },
  )
}

test.describe('the dialog that gives handles', () => {
  /** What the dialog is asked for. */
  const dialogs = (page: Page): Promise<readonly unknown[]> =>
    page.evaluate(() => (window as { dialogs?: readonly unknown[] }).dialogs ?? [])
  const events = (page: Page): Promise<readonly string[]> =>
    page.evaluate(() => (window as { events?: readonly string[] }).events ?? [])

  /** The dialog gives this: a file of the browser's own disk, by its name and size; or it fails. */
  async function dialog(page: Page, given: { readonly size: number } | { readonly fails: string }): Promise<void> {
    await page.addInitScript((given) => {
      const seen: unknown[] = []
      const events: string[] = []
      Object.assign(window, { dialogs: seen, events })
      for (const type of ['input', 'change', 'cancel'])
        addEventListener(type, ({ target }) => target instanceof HTMLInputElement && events.push(type))
      Object.assign(window, {
        showOpenFilePicker: async (options: unknown) => {
          seen.push(options)
          if ('fails' in given) throw new DOMException('', given.fails)
          const disk = await navigator.storage.getDirectory()
          const handle = await disk.getFileHandle('chosen.png', { create: true })
          const writing = await handle.createWritable()
          await writing.write(new Uint8Array(given.size).fill(7))
          await writing.close()
          return [handle]
        },
      })
    }, given)
  }

  for (const [path, multiple] of [
    ['/kept', true],
    ['/kept-one', false],
  ] as const) {
    test(
      `is what a click, a label and a key open, and what it chose goes on (${path})`,
      { tag: multiple ? [] : '@slow' },
      async ({ album, link, page }) => {
        const size = 12_000 * kB
        await dialog(page, { size })
        await album.open(path)
        link.limit(1000 * kB)
        await page.getByText('Photos', { exact: true }).click()
        await album.moving('chosen.png')
        expect(await dialogs(page)).toEqual([
          { multiple, types: [{ accept: { 'image/*': [], 'application/x-liveloom': ['.png'] } }] },
        ])
        expect(await events(page)).toEqual(['input', 'change'])
        await expect.poll(() => handles(page)).toEqual(['chosen.png'])
        await page.reload()
        link.limit(Infinity)
        await album.connected()
        await savesAll(album, { name: 'chosen.png', mimeType: 'image/png', buffer: Buffer.alloc(size, 7) })
        await album.photos.focus()
        await page.keyboard.press('Enter')
        await expect(album.entries).toHaveCount(1)
        expect(await dialogs(page)).toHaveLength(1)
        await expect(album.photos).toBeFocused()
        await album.remove('chosen.png')
      },
    )
  }

  test('when it is closed nothing happens', async ({ album, page }) => {
    await dialog(page, { fails: 'AbortError' })
    let others = 0
    page.on('filechooser', () => others++)
    await album.open('/kept')
    await album.photos.click()
    await expect.poll(() => events(page)).toEqual(['cancel'])
    await album.photos.click()
    await expect.poll(() => events(page)).toEqual(['cancel', 'cancel'])
    expect(others).toBe(0)
    await expect(album.entries).toHaveCount(0)
  })

  for (const fails of ['SecurityError', 'TypeError']) {
    test(
      `when it cannot be shown (${fails}), the browser's own is`,
      { tag: fails === 'TypeError' ? '@slow' : [] },
      async ({ album, page }) => {
        await dialog(page, { fails })
        await album.open('/kept')
        for (const name of ['a.png', 'b.png']) {
          const choosing = page.waitForEvent('filechooser')
          await album.photos.click()
          await (await choosing).setFiles(photo(name))
          await expect.poll(() => album.progress(name)).toBe(100)
        }
        expect(await dialogs(page)).toHaveLength(2)
        await album.save()
        await expect(album.saved).toHaveCount(2)
      },
    )
  }

  for (const [path, why] of [
    ['/big', 'where files are of their page'],
    ['/kept-folder', 'for folders'],
  ] as const) {
    test(`is not shown ${why}`, { tag: path === '/big' ? [] : '@slow' }, async ({ album, page }) => {
      await dialog(page, { fails: 'AbortError' })
      await album.open(path)
      const choosing = page.waitForEvent('filechooser')
      await album.photos.click()
      await choosing
      expect(await dialogs(page)).toEqual([])
    })
  }
})

test(
  'Chromium as it is asks when its last page was closed, and the button is there',
  { tag: '@slow' },
  async ({ app, link, baseURL }) => {
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
    try {
      const context = await browser.newContext({ baseURL: baseURL! })
      const album = new AlbumPage(app, await context.newPage())
      const big = photo('big.png', 12_000 * kB)
      const path = await app.write('big.png', big.buffer)
      await album.open('/kept')
      link.limit(1000 * kB)
      await album.drop(path)
      await album.moving('big.png')
      await album.page.close()
      link.limit(Infinity)
      const next = new AlbumPage(app, await context.newPage())
      await next.open('/kept')
      await expect(waiting(next.page)).toHaveCount(1)
      await expect(goOn(next.page)).toBeVisible()
      await next.choose(path)
      await expect(goOn(next.page)).toBeHidden()
      await savesAll(next, big)
      await next.page.close()
    } finally {
      await browser.close()
    }
  },
)
