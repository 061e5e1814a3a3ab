/** Many small files, and one that is larger than any memory, to a bucket: through the server, and straight from the browser. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { S3Server } from '../test/support/s3-server.ts'
import { withStore } from './support/bucket-store.ts'
import type { App } from './support/app.ts'
import { sha256 } from './support/files.ts'
import { expect, test as base } from './support/test.ts'

const MiB = 1024 * 1024

const test = base.extend<{ store: S3Server }>({
  store: async ({ browserName }, use) => {
    expect(browserName).toBe('chromium')
    await withStore(use)
  },
  env: async ({ store: { endpoint, bucket, region, credentials } }, use) =>
    use({ S3: JSON.stringify({ endpoint, bucket, region, credentials }) }),
})

async function send(page: Page, path: string, files: readonly string[]): Promise<void> {
  await page.goto(path)
  await page.waitForSelector('.phx-connected')
  await page.locator('input[type=file]').setInputFiles([...files])
  await expect(page.locator('#chosen')).toHaveText(String(files.length))
  await page.getByRole('button', { name: 'Save' }).click()
}

for (const way of ['through', 'straight'] as const) {
  test(`200 files of 1 kB go ${way}, byte for byte`, { tag: '@slow' }, async ({ app, page, store }) => {
    const folder = join(app.home, 'chosen')
    await mkdir(folder, { recursive: true })
    const bodies = Array.from({ length: 200 }, () => randomBytes(1000))
    const paths = bodies.map((_, at) => join(folder, `${at}.bin`))
    await Promise.all(paths.map((path, at) => writeFile(path, bodies[at]!)))
    await send(page, `/bucket-${way}`, paths)
    await expect(page.locator('#saved')).toHaveText('200 files, 200000 bytes', { timeout: 60_000 })
    const stored = [...store.objects.values()].map(({ body }) => sha256(body))
    expect(stored.toSorted()).toEqual(bodies.map(sha256).toSorted())
  })

  test(`a file of 6 GB goes ${way}, whole, and takes no memory`, { tag: '@slow' }, async ({ app, page, store }) => {
    test.setTimeout(900_000)
    store.mostKept = MiB
    const { path, etag } = await writeLarge(app, 6e9)
    await app.forgetPeak()
    const before = await app.memory()
    await send(page, `/bucket-${way}`, [path])
    await expect(page.locator('#saved')).toHaveText('1 files, 6000000000 bytes', { timeout: 850_000 })
    expect([...store.objects.values()].map(({ size, etag }) => [size, etag])).toEqual([[6e9, etag]])
    const after = await app.memory()
    // Three parts of 8 MiB on their way, and what a process takes that is busy; nothing of what goes past it.
    expect(after.peak - before.now).toBeLessThan((way === 'through' ? 200 : 50) * MiB)
  })
}

/** On the disk it has a few blocks: zeros, but for some bytes by which parts can be told apart. And the ETag that it will have, in parts of 8 MiB. */
async function writeLarge(app: App, size: number): Promise<{ path: string; etag: string }> {
  const partSize = 8 * MiB
  const path = await app.writeZeros('large.bin', size)
  const marks = new Map([0, 1, 357, 714].map((part) => [part, randomBytes(100)]))
  const file = await open(path, 'r+')
  for (const [part, mark] of marks) await file.write(mark, 0, mark.length, part * partSize)
  await file.close()
  const hash = (part: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length)
    marks.get(part)?.copy(bytes)
    return createHash('md5').update(bytes).digest()
  }
  const parts = Math.ceil(size / partSize)
  const zeros = hash(-1, partSize)
  const hashes = Array.from({ length: parts }, (_, part) =>
    part === parts - 1 ? hash(part, size - part * partSize) : marks.has(part) ? hash(part, partSize) : zeros,
  )
  return { path, etag: `"${createHash('md5').update(Buffer.concat(hashes)).digest('hex')}-${parts}"` }
}
