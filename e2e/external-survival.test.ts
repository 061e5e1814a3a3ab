/** Files that go straight to a bucket: after a reload and a restart of the server they go on behind the parts that are there. */
import { createHash, randomBytes } from 'node:crypto'
import { utimes } from 'node:fs/promises'
import type { Locator, Page } from '@playwright/test'
import type { S3Server } from '../test/support/s3-server.ts'
import { withStore } from './support/bucket-store.ts'
import { AlbumPage } from './support/album-page.ts'
import { type App } from './support/app.ts'
import { expect, test as base } from './support/test.ts'

const MiB = 1024 * 1024
const partSize = 5 * MiB

const test = base.extend<{ store: S3Server; bucket: Bucket }>({
  // The browser reports what the store refuses, and each connection that is refused.
  consoleErrors: true,
  store: async ({ browserName }, use) => {
    expect(browserName).toBe('chromium')
    await withStore(use)
  },
  env: async ({ store }, use) => {
    const { endpoint, bucket, region, credentials } = store
    await use({ S3: JSON.stringify({ endpoint, bucket, region, credentials, method: 'multipart', partSize }) })
  },
  bucket: async ({ app, page, store }, use) => use(new Bucket(app, page, store)),
})

/** The page, and what the store has of it. */
class Bucket {
  readonly page: Page
  readonly saved: Locator
  readonly waiting: Locator
  readonly album: AlbumPage
  readonly #app: App
  readonly #store: S3Server

  constructor(app: App, page: Page, store: S3Server) {
    this.#app = app
    this.#store = store
    this.page = page
    this.album = new AlbumPage(app, page)
    this.saved = page.getByRole('list', { name: 'Saved' }).getByRole('listitem')
    this.waiting = page.getByRole('list', { name: 'Waiting' }).getByRole('listitem')
  }

  /** Chooses a file of so many bytes, of which the store takes `parts` parts before it says that it is busy. */
  async choose(size: number, parts: number): Promise<{ readonly path: string; readonly bytes: Buffer }> {
    const bytes = randomBytes(size)
    this.busyBehind(parts)
    return { path: await this.give(bytes), bytes }
  }

  /** Chooses a file that is as old as any other. */
  async give(bytes: Buffer): Promise<string> {
    const path = await this.#app.write('big.bin', bytes)
    await utimes(path, 1e9, 1e9)
    await this.page.locator('input[type=file]').setInputFiles(path)
    return path
  }

  busyBehind(parts: number): void {
    let taken = 0
    this.#store.fault = ({ method, url }) =>
      method === 'PUT' && url.searchParams.has('partNumber') && ++taken > parts
        ? { status: 503, code: 'SlowDown' }
        : undefined
  }

  /** The store takes all again. */
  free(): void {
    this.#store.requests.length = 0
    this.#store.fault = () => undefined
  }

  /** Parts that came since it is free. */
  get sent(): number {
    return this.#store.requests.filter((request) => /^PUT .*partNumber/.test(request)).length
  }

  async partsAre(parts: number): Promise<void> {
    await expect
      .poll(() => [...this.#store.uploads.values()].reduce((sum, upload) => sum + upload.parts.size, 0))
      .toBe(parts)
  }

  /** What the store has is this file. */
  has(bytes: Buffer): void {
    const hash = (what: Buffer): string => createHash('sha256').update(what).digest('hex')
    expect([...this.#store.objects.values()].map(({ body }) => hash(body))).toEqual([hash(bytes)])
    expect(this.#store.uploads.size).toBe(0)
  }
}

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test.describe(`after ${signal}`, { tag: signal === 'SIGTERM' ? [] : ['@slow'] }, () => {
    test('a save that waits for a file is done behind the parts that are there', async ({ app, bucket }) => {
      await bucket.album.open('/bucket')
      const { bytes } = await bucket.choose(6 * partSize + 5, 3)
      await bucket.album.save()
      await bucket.partsAre(3)
      const before = await bucket.album.documentId()
      await app.end(signal)
      bucket.free()
      await app.start()
      await expect(bucket.saved).toHaveText([/^big\.bin /])
      bucket.has(bytes)
      expect(bucket.sent).toBe(4)
      expect(await bucket.album.documentId()).toBe(before)
    })

    test('what was there is there, and is saved', async ({ app, bucket }) => {
      await bucket.album.open('/bucket-kept')
      const { bytes } = await bucket.choose(2 * partSize, 9)
      await expect(bucket.album.entry('big.bin')).toHaveAttribute('data-state', 'done')
      await app.end(signal)
      await app.start()
      await bucket.album.connected()
      await expect(bucket.album.entry('big.bin')).toHaveAttribute('data-state', 'done')
      bucket.free()
      await bucket.album.save()
      await expect(bucket.saved).toHaveText([/^big\.bin /])
      expect(bucket.sent).toBe(0)
      bucket.has(bytes)
    })
  })
}

test.describe('after a reload', () => {
  test('a file waits to be chosen again, says how far it is, and goes on there', async ({ bucket }) => {
    await bucket.album.open('/bucket-kept')
    const { path, bytes } = await bucket.choose(5 * partSize, 2)
    await bucket.partsAre(2)
    await bucket.page.reload()
    await bucket.album.connected()
    await expect(bucket.waiting.locator('output')).toHaveText('40')
    bucket.free()
    await bucket.page.locator('input[type=file]').setInputFiles(path)
    await expect(bucket.waiting).toHaveCount(0)
    await expect(bucket.album.entry('big.bin')).toHaveAttribute('data-state', 'done')
    expect(bucket.sent).toBe(3)
    await bucket.album.save()
    await expect(bucket.saved).toHaveText([/^big\.bin /])
    bucket.has(bytes)
  })

  test('another file of the same name, size and date begins anew', async ({ bucket }) => {
    await bucket.album.open('/bucket-kept')
    await bucket.choose(3 * partSize, 1)
    await bucket.partsAre(1)
    await bucket.page.reload()
    await bucket.album.connected()
    await expect(bucket.waiting).toHaveCount(1)
    bucket.free()
    const other = randomBytes(3 * partSize)
    await bucket.give(other)
    await expect(bucket.waiting).toHaveCount(0)
    await expect(bucket.album.entry('big.bin')).toHaveAttribute('data-state', 'done')
    expect(bucket.sent).toBe(3)
    await bucket.album.save()
    await expect(bucket.saved).toHaveText([/^big\.bin /])
    bucket.has(other)
  })

  test('what was done is there, and what is forgotten leaves nothing in the store', async ({ bucket, store }) => {
    await bucket.album.open('/bucket-kept')
    await bucket.choose(3 * partSize, 1)
    await bucket.partsAre(1)
    await bucket.page.reload()
    await bucket.album.connected()
    await bucket.waiting.getByRole('button', { name: 'Forget' }).click()
    await expect(bucket.waiting).toHaveCount(0)
    await expect.poll(() => store.uploads.size).toBe(0)
    const { bytes } = await bucket.choose(partSize, 9)
    await expect(bucket.album.entry('big.bin')).toHaveAttribute('data-state', 'done')
    await bucket.page.reload()
    await bucket.album.connected()
    await expect(bucket.album.entry('big.bin')).toHaveAttribute('data-state', 'done')
    await bucket.album.save()
    await expect(bucket.saved).toHaveText([/^big\.bin /])
    bucket.has(bytes)
  })
})

test('a file that has failed is sent again when the user asks for it, and saved', async ({ bucket, store }) => {
  await bucket.album.open('/bucket')
  const { bytes } = await bucket.choose(2 * partSize, 9)
  store.fault = ({ method, url }) =>
    method === 'PUT' && url.searchParams.has('partNumber') ? { status: 404, code: 'NoSuchUpload' } : undefined
  await bucket.album.save()
  await expect(bucket.album.error('big.bin')).toHaveAttribute('data-code', 'external_client_failure')
  bucket.free()
  await bucket.page.getByRole('button', { name: 'Retry big.bin' }).click()
  await expect(bucket.album.entry('big.bin')).toHaveAttribute('data-state', 'done')
  await bucket.album.save()
  await expect(bucket.saved).toHaveText([/^big\.bin /])
  bucket.has(bytes)
})
