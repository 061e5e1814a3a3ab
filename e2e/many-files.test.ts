/** Hundreds and thousands of small files in one choice: neither the socket nor the page is flooded. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { App } from './support/app.ts'
import { photo, sha256 } from './support/files.ts'
import { expect, test } from './support/test.ts'

const kB = 1000

/** Files on the disk, as a folder of a user, with their hashes by name. */
async function writePhotos(app: App, count: number): Promise<{ paths: string[]; hashes: Map<string, string> }> {
  const folder = join(app.home, 'chosen')
  await mkdir(folder, { recursive: true })
  const photos = Array.from({ length: count }, (_, at) => photo(`${String(at).padStart(5, '0')}.png`, kB))
  const paths = photos.map(({ name }) => join(folder, name))
  for (const [at, { buffer }] of photos.entries()) await writeFile(paths[at]!, buffer)
  return { paths, hashes: new Map(photos.map(({ name, buffer }) => [name, sha256(buffer)])) }
}

/** Counts what travels over the socket, both ways. */
function watchFrames(page: Page): { frames: number; bytes: number } {
  const seen = { frames: 0, bytes: 0 }
  const count = ({ payload }: { payload: string | Buffer }): void => {
    seen.frames++
    seen.bytes += payload.length
  }
  page.on('websocket', (socket) => socket.on('framesent', count).on('framereceived', count))
  return seen
}

const choices = [
  { count: 200, tag: ['@slow'] },
  { count: 1000, tag: ['@slow'] },
]

for (const { count, tag } of choices) {
  test(`${count} files are saved, byte for byte, and told in a few words`, { tag }, async ({ album, app, page }) => {
    test.setTimeout(400_000)
    const { paths, hashes } = await writePhotos(app, count)
    const frames = watchFrames(page)
    await album.open('/thousands')
    await album.choose(...paths)
    const before = { ...frames }
    const began = performance.now()
    await album.save()
    await expect(album.saved).toHaveCount(count, { timeout: 300_000 })
    const seconds = (performance.now() - began) / 1000
    const sent = frames.frames - before.frames
    // Of each file at least a report and its answer were four frames. What is told goes with the time that it takes, and not with the files.
    expect(sent).toBeLessThan(count)
    expect(sent / seconds).toBeLessThan(25)
    const files = await album.saved.evaluateAll((items) =>
      items.map((item) => [item.textContent, item.getAttribute('data-file')!] as const),
    )
    const saved = await Promise.all(
      files.map(async ([name, file]) => [name, sha256(await app.savedFile(file))] as const),
    )
    expect(new Map(saved)).toEqual(hashes)
  })
}

test('a page that sends 5,000 files answers clicks', { tag: '@slow' }, async ({ album, app, page }) => {
  test.setTimeout(600_000)
  const { paths } = await writePhotos(app, 5000)
  await album.open('/thousands-counted')
  await album.photos.setInputFiles(paths)
  await expect(page.locator('#count')).toHaveText('0 of 5000', { timeout: 120_000 })
  await album.save()
  await expect(page.locator('#count')).toHaveText(/^[1-9]\d* of 5000$/, { timeout: 120_000 })
  for (let times = 0; times < 5; times++) {
    const began = performance.now()
    await album.clickPing()
    expect(performance.now() - began).toBeLessThan(5000)
  }
  // A page that is closed while it is busy may not come to say so.
  await page.goto('about:blank')
  await expect.poll(() => app.unfinished(), { timeout: 60_000 }).toEqual([])
})
