/** Files that were chosen, sent or on their way when the network went: what the page does with them when its view goes on. */
import type { Page } from '@playwright/test'
import type { AlbumPage } from './support/album-page.ts'
import { hashes, photo } from './support/files.ts'
import type { Link } from './support/link.ts'
import { expect, test } from './support/test.ts'

// The browser reports each connection that is refused meanwhile.
test.use({ consoleErrors: true })

const kB = 1000

/** `rate`: of the line when it is back, in bytes a second. */
async function loseLine(album: AlbumPage, link: Link, meanwhile?: () => Promise<void>, rate = Infinity): Promise<void> {
  link.cut()
  await expect(album.offline).toBeVisible()
  await meanwhile?.()
  link.limit(rate)
  link.down.resume()
  link.mend()
  await expect(album.offline).toBeHidden()
  await album.connected()
}

/** The names of the files that the client holds for an input. */
function held(page: Page, input = 'input[type=file]'): Promise<string[]> {
  return page.locator(input).evaluate((element) => {
    const { phxPrivate } = element as Element & { readonly phxPrivate?: { readonly files?: readonly File[] } }
    return (phxPrivate?.files ?? []).map(({ name }) => name)
  })
}

test('a page that comes back does not flicker: no element and no text is made anew', async ({ album, link, page }) => {
  await album.open()
  await album.clickPing()
  await album.choose(photo('cat.png'), photo('dog.png'))
  await album.name.fill('Holiday')
  await expect(page.locator('#album')).not.toHaveClass(/phx-change-loading/)
  await page.evaluate(() => {
    const changes: string[] = []
    new MutationObserver((records) => {
      for (const { type, target, addedNodes, removedNodes } of records) {
        const nodes = [...addedNodes, ...removedNodes].map(({ nodeName, textContent }) => `${nodeName} ${textContent}`)
        changes.push(`${type} of ${target.nodeName}: ${nodes.join()}`)
      }
    }).observe(document.querySelector('[data-phx-main]')!, { childList: true, characterData: true, subtree: true })
    Object.assign(window, { changes })
  })
  await loseLine(album, link)
  expect(await page.evaluate(() => (window as unknown as { changes: string[] }).changes)).toEqual([])
  await expect(album.name).toBeFocused()
  await album.save()
  await expect(album.saved).toHaveText(['cat.png', 'dog.png'])
})

for (const path of ['/one', '/chooser-one']) {
  const tag = path === '/one' ? [] : '@slow'
  test(`${path}: the one file of an input is saved`, { tag }, async ({ album, link, page }) => {
    const cat = photo('cat.png')
    await album.open(path)
    await album.choose(cat)
    await loseLine(album, link)
    expect(await held(page)).toEqual(['cat.png'])
    await loseLine(album, link)
    await album.save()
    await expect(album.saved).toHaveText(['cat.png'])
    expect(await album.savedHashes()).toEqual(hashes([cat]))
    // What was saved is not chosen any more.
    await loseLine(album, link)
    await expect(album.entries).toHaveCount(0)
  })

  test(`${path}: another one that was chosen meanwhile takes its place`, { tag }, async ({ album, link, page }) => {
    await album.open(path)
    await album.choose(photo('cat.png'))
    await loseLine(album, link, async () => {
      await page.setInputFiles('input[type=file]', photo('dog.png'))
      // The client tries, in vain.
      await page.waitForEvent('websocket')
      await page.waitForEvent('websocket')
    })
    await expect(album.entry('dog.png')).toBeVisible()
    await expect(album.entries).toHaveCount(1)
    await album.save()
    await expect(album.saved).toHaveText(['dog.png'])
  })
}

test('what starts by itself and was chosen meanwhile starts when the network is back', async ({
  album,
  link,
  page,
}) => {
  await album.open('/auto')
  await album.choose(photo('cat.png'))
  await expect.poll(() => album.progress('cat.png')).toBe(100)
  await loseLine(album, link, () => page.setInputFiles('input[type=file]', photo('dog.png')))
  await expect.poll(() => album.progress('dog.png')).toBe(100)
  await album.save()
  await expect(album.saved).toHaveText(['cat.png', 'dog.png'])
})

for (const path of ['/auto', '/one-auto', '/big']) {
  const tag = path === '/big' ? [] : '@slow'
  test(`${path}: a file that the page had not yet leave to send is sent`, { tag }, async ({ album, link, page }) => {
    await album.open(path)
    link.down.stall()
    await page.setInputFiles('input[type=file]', photo('cat.png'))
    // The server has heard of it, and its answer has not come.
    await expect(page.locator('#album')).toHaveClass(/phx-change-loading/)
    await loseLine(album, link)
    await expect(album.entry('cat.png')).toBeVisible()
    if (path !== '/big') await expect.poll(() => album.progress('cat.png')).toBe(100)
    await album.save()
    await expect(album.saved).toHaveText(['cat.png'])
  })
}

test('a save that was on its way: the form waits for nobody, and the next click saves', async ({ album, link }) => {
  await album.open('/big')
  await album.name.fill('Holiday')
  await album.choose(photo('cat.png'), photo('dog.png'))
  link.down.stall()
  await album.save()
  await expect(album.saveButton).toBeDisabled()
  await loseLine(album, link)
  await album.unlocked()
  await expect(album.name).toHaveValue('Holiday')
  await album.save()
  await expect(album.saved).toHaveText(['cat.png', 'dog.png'])
})

test('one that had arrived stays, one that was on its way goes on, and the save that waits for both is done', async ({
  album,
  link,
}) => {
  const [cat, big] = [photo('cat.png'), photo('big.png', 4000 * kB)]
  await album.open('/big')
  await album.choose(cat, big)
  link.limit(400 * kB)
  await album.save()
  await expect.poll(() => album.progress('cat.png')).toBe(100)
  await album.moving('big.png')
  await loseLine(album, link)
  await expect(album.entry('big.png').locator('[data-code]')).toHaveCount(0)
  await expect(album.saved).toHaveText(['cat.png', 'big.png'])
  expect(await album.savedHashes()).toEqual(hashes([cat, big]))
  await album.unlocked()
})

test(
  'another click on save while one waits for its files changes nothing',
  { tag: '@slow' },
  async ({ album, link }) => {
    const [waits, big] = [photo('waits.png'), photo('big.png', 3000 * kB)]
    await album.open('/big')
    await album.choose(waits, big)
    link.limit(300 * kB)
    await album.save()
    await album.moving('big.png')
    await loseLine(album, link, undefined, 600 * kB)
    // The official client has unlocked the form, though its save still waits.
    await album.saveButton.click({ force: true })
    await expect(album.saved).toHaveText(['waits.png', 'big.png'])
    expect(await album.savedHashes()).toEqual(hashes([waits, big]))
  },
)

test('one that was on its way can be cancelled, and the save that waits is done without it', async ({
  album,
  link,
}) => {
  const [cat, big] = [photo('cat.png'), photo('big.png', 4000 * kB)]
  await album.open('/big')
  await album.choose(cat, big)
  link.limit(200 * kB)
  await album.save()
  await album.moving('big.png')
  await loseLine(album, link, undefined, 200 * kB)
  await album.remove('big.png')
  await expect(album.saved).toHaveText(['cat.png'])
  expect(await album.savedHashes()).toEqual(hashes([cat]))
})

test('a reset after it empties the form, for the server too', async ({ album, link, page }) => {
  await album.open('/chooser')
  await album.choose(photo('cat.png'))
  await loseLine(album, link)
  await page.locator('button[type=reset]').click()
  await expect(album.entries).toHaveCount(0)
  await album.savesOnly(photo('dog.png'))
})

test('a photo is still shown, and can be removed', async ({ album, link }) => {
  await album.open()
  await album.choose(photo('cat.png'), photo('dog.png'))
  await loseLine(album, link)
  const preview = album.entry('dog.png').getByRole('img')
  await expect.poll(() => preview.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1)
  await album.remove('cat.png')
  await album.save()
  await expect(album.saved).toHaveText(['dog.png'])
})

test('inputs of components and of a view inside the view have theirs again', async ({ album, link, page }) => {
  await album.open('/parts')
  await expect(page.locator('#inner.phx-connected')).toBeAttached()
  const places = [
    ['#one', 'cat.png'],
    ['#two', 'dog.png'],
    ['#nested', 'fox.png'],
  ] as const
  for (const [where, name] of places) {
    await page.locator(`${where} input[type=file]`).setInputFiles(photo(name))
    await expect(page.locator(`${where} li`)).toHaveText([name])
  }
  for (let times = 0; times < 2; times++) {
    await loseLine(album, link)
    await expect(page.locator('#inner.phx-connected')).toBeAttached()
    for (const [where, name] of places) {
      await expect(page.locator(`${where} li`)).toHaveText([name])
      await expect.poll(() => held(page, `${where} input[type=file]`)).toEqual([name])
    }
  }
})
