/** Files that the browser makes ready before anybody hears of them: smaller images, and transforms of the page's own. */
import type { Page } from '@playwright/test'
import { type ChosenFile, hashes, photo, sha256, text } from './support/files.ts'
import { blue, isNear, jpegPhoto, look, moving, nothing, pngCutOut, red, type Seen } from './support/pictures.ts'
import { expect, test as base } from './support/test.ts'

interface Fixtures {
  /** What was saved under a name, as bytes. */
  readonly saved: (name: string) => Promise<Buffer>
}

const test = base.extend<Fixtures>({
  saved: async ({ app, album }, use) =>
    use(async (name) => {
      const item = album.saved.filter({ hasText: name })
      await expect(item).toHaveCount(1)
      return app.savedFile((await item.getAttribute('data-file'))!)
    }),
})

const white = [255, 255, 255, 255] as const

/** Gives the page the transform that the views here name. It is written as it runs: in the browser. */
async function transform(page: Page, own: (file: File, tools: { readonly signal: AbortSignal }) => unknown): Promise<void> {
  await page.addInitScript(`window.liveloom = { ...window.liveloom, transforms: { own: ${own.toString()} } }`)
}

/** Has each file wait to be made ready until the page is told to go on. */
async function holdTransforms(page: Page): Promise<() => Promise<void>> {
  await page.addInitScript(() => {
    const released = new Promise((resolve) => Object.assign(window, { release: resolve }))
    const own = async (file: File, { signal }: { readonly signal: AbortSignal }): Promise<File> => {
      signal.addEventListener('abort', () => (document.title = `left ${file.name}`))
      await released
      return new File([`own ${file.name}`], file.name, { lastModified: 1 })
    }
    Object.assign(window, { liveloom: { transforms: { own } } })
  })
  return () => page.evaluate(() => (window as unknown as { release(): void }).release())
}

function expectUpright(seen: Seen): void {
  expect({ width: seen.width, height: seen.height }).toEqual({ width: 113, height: 150 })
  expect(isNear(seen.first, red), `above: ${seen.first}`).toBe(true)
  expect(isNear(seen.last, blue), `below: ${seen.last}`).toBe(true)
}

for (const way of ['over HTTP', 'over the socket']) {
  test(`a photo that is too large is sent upright and within its box (${way})`, async ({ page, album, saved }) => {
    if (way === 'over the socket') await page.route('**/live/uploads/*', (route) => route.fulfill({ status: 404 }))
    test.info().annotations.push({ type: way })
    await album.open('/prepared')
    await album.choose(await jpegPhoto('turned.jpg', 800, 600, 6))
    await album.save()
    const bytes = await saved('turned.jpg')
    const seen = await look(bytes)
    expect(seen.format).toBe('jpeg')
    expectUpright(seen)
    expect(bytes.includes('Exif')).toBe(false)
  })
}
