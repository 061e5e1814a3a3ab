/** Files that the browser sends straight to a bucket on another origin, with a server that signs for it. */
import { createHash, randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { createLiveView, type ExternalFactory, html, live_file_input, type UploadConfigOptions } from 'liveloom'
import { s3External, type S3ExternalOptions } from 'liveloom/uploads-s3'
import { forBrowsers } from '../test/support/s3-cors.ts'
import type { S3Server } from '../test/support/s3-server.ts'
import { withStore } from './support/bucket-store.ts'
import { Link } from './support/link.ts'
import { withOfficialClient } from './support/official-client.ts'
import { type Stage, expect, test as base } from './support/own-server.ts'

const MiB = 1024 * 1024

interface Album {
  readonly page: Page
  readonly stage: Stage
  /** Between the page and its server, and not to the bucket. */
  readonly link: Link
  /** Chooses files and submits the form. */
  send(...files: readonly ReturnType<typeof file>[]): Promise<void>
}

const test = base.extend<{
  store: S3Server
  open: (options: Partial<S3ExternalOptions> | ExternalFactory, upload?: UploadConfigOptions) => Promise<Album>
}>({
  store: async ({ browserName }, use) => {
    expect(browserName).toBe('chromium')
    await withStore(use)
  },
  open: async ({ store, start, page }, use, testInfo) => {
    let link: Link | undefined
    await use(async (options, upload = {}) => {
      const { endpoint, bucket, region, credentials } = store
      const place = { endpoint, bucket, region, credentials, key: (_: unknown, entry: { uuid: string }) => entry.uuid }
      const external = typeof options === 'function' ? options : s3External({ ...place, ...options })
      const album = createLiveView<{ saved: readonly string[] }, { type: string; ref: string }, 'files'>({
        mount: (socket) => {
          socket.assign({ saved: [] })
          void socket.allowUpload('files', { maxEntries: 3, maxFileSize: 100 * MiB, ...upload, external })
        },
        handleEvent: async (socket, { type, ref }) => {
          if (type === 'cancel') return void socket.cancelUpload('files', ref)
          if (type !== 'save') return
          const saved = await socket.consumeUploadedEntries('files', (_, { clientName }) => clientName)
          socket.assign({ saved: [...socket.context.saved, ...saved] })
        },
        render: ({ saved }, { uploads: { files } }) => html`
          <form id="album" phx-change="validate" phx-submit="save">${live_file_input(files)}<button>Save</button></form>
          ${files.entries.map(
            (entry) => html`<p data-entry="${entry.clientName}" data-state="${entry.state}">
              <output>${entry.progress}</output>
              ${entry.errors.map((error) => html`<i>${error} (${'reason' in error.data ? error.data.reason : ''})</i>`)}
              <button type="button" phx-click="cancel" phx-value-ref="${entry.ref}">Cancel</button>
            </p>`,
          )}
          <b id="saved">${saved.join(' ')}</b>
        `,
      })
      const stage = await start({ routes: { '/': album } })
      await link?.close()
      link = await Link.open(() => Number(new URL(stage.url).port))
      await page.goto(link.url)
      await page.waitForSelector('.phx-connected')
      const send: Album['send'] = async (...files) => {
        // On the disk: large ones would travel to the browser as text.
        const paths = files.map(({ name }) => testInfo.outputPath(name))
        await Promise.all(files.map(({ buffer }, at) => writeFile(paths[at]!, buffer)))
        await page.locator('input[type=file]').setInputFiles(paths)
        await expect(page.locator('[data-entry]')).toHaveCount(files.length)
        await page.getByRole('button', { name: 'Save' }).click()
      }
      return { page, stage, send, link }
    })
    await page.close()
    await link?.close()
  },
})

function file(name: string, size: number): { readonly name: string; readonly buffer: Buffer } {
  return { name, buffer: randomBytes(size) }
}

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
const stored = (store: S3Server): readonly string[] =>
  [...store.objects.values()].map(({ body }) => hashOf(body)).sort()
const hashesOf = (...files: readonly ReturnType<typeof file>[]): readonly string[] =>
  files.map(({ buffer }) => hashOf(buffer)).sort()

const saved = (page: Page) => page.locator('#saved')
const inParts = { method: 'multipart', partSize: 5 * MiB } as const
/** The requests that brought parts. */
const partsOf = ({ requests }: S3Server): readonly string[] =>
  requests.filter((request) => /^PUT .*partNumber/.test(request))
const isPart = (url: URL): boolean => url.searchParams.has('partNumber')

test('a few files go as forms, as they are', async ({ open, store }) => {
  const { page, send } = await open({ method: 'post' })
  const files = [file('a.bin', 1000), file('ä b.bin', 3 * MiB), file('c.bin', 7)]
  await send(...files)
  await expect(saved(page)).toHaveText('a.bin ä b.bin c.bin')
  expect(stored(store)).toEqual(hashesOf(...files))
  expect(store.requests.filter((request) => request.startsWith('POST'))).toHaveLength(3)
})

test('a file goes by one request', async ({ open, store }) => {
  const { page, send } = await open({ method: 'put' })
  const one = file('one.bin', 3 * MiB)
  await send(one)
  await expect(saved(page)).toHaveText('one.bin')
  expect(stored(store)).toEqual(hashesOf(one))
})

test('a large file goes in parts, some at once, and a part that is refused for a while is sent again', async ({
  open,
  store,
}) => {
  let failed = 0
  store.fault = ({ method, url }) => {
    if (method !== 'PUT' || url.searchParams.get('partNumber') !== '3' || failed === 2) return undefined
    failed++
    return { status: 503, code: 'SlowDown' }
  }
  const { page, send } = await open(inParts)
  const big = file('big.bin', 30 * MiB + 17)
  await send(big)
  await expect(saved(page)).toHaveText('big.bin')
  expect(stored(store)).toEqual(hashesOf(big))
  expect(failed).toBe(2)
  expect(store.load.most).toBeGreaterThan(1)
  expect(partsOf(store)).toHaveLength(7 + 2)
})

test('an address that is too old is had anew', async ({ open, store }) => {
  const refused = new Set<string>()
  store.fault = ({ method, url }) => {
    const key = `${url.pathname} ${url.searchParams.get('partNumber')}`
    if ((method !== 'PUT' && method !== 'POST') || (method === 'POST' && url.search !== '') || refused.has(key))
      return undefined
    refused.add(key)
    return { status: 403, code: 'AccessDenied' }
  }
  for (const options of [inParts, { method: 'put' }, { method: 'post' }] as const) {
    const { page, send } = await open(options)
    const one = file('one.bin', 6 * MiB)
    await send(one)
    await expect(saved(page)).toHaveText('one.bin')
    expect(stored(store)).toContain(hashOf(one.buffer))
  }
  expect(refused.size).toBeGreaterThan(3)
})

test('a wrong signature is told, and the form stays', async ({ open, store }) => {
  const { endpoint, bucket, region } = store
  const wrong = { accessKeyId: 'TESTKEY', secretAccessKey: 'another secret, which is wrong' }
  const { page, send } = await open({ endpoint, bucket, region, credentials: wrong, method: 'put' })
  await send(file('one.bin', 1000))
  await expect(page.locator('[data-state=failed] i')).toHaveText('The upload failed (the store answered 403)')
  await expect(saved(page)).toHaveText('')
  // And again without it.
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.locator('[data-entry]')).toHaveCount(0)
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.locator('form.phx-submit-loading')).toHaveCount(0)
})

test('what is not there in the end is told, and the form is not submitted without it', async ({ open, store }) => {
  store.fault = ({ method }) => (method === 'PUT' ? 'lost' : undefined)
  const { page, send } = await open({ method: 'put' })
  await send(file('one.bin', 1000))
  await expect(page.locator('[data-state=failed] i')).toContainText('The upload failed')
  await expect(saved(page)).toHaveText('')
  await expect(page.locator('form.phx-submit-loading')).toHaveCount(0)
})

test('a cancel ends the requests, and nothing stays', async ({ open, store }) => {
  store.fault = ({ method, url }) => (method === 'PUT' && isPart(url) ? 'hang' : undefined)
  const { page, send } = await open(inParts)
  const ended = page.waitForEvent('requestfailed')
  await send(file('big.bin', 12 * MiB))
  await expect.poll(() => partsOf(store).length).toBeGreaterThan(1)
  expect(store.uploads.size).toBe(1)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await ended
  await expect.poll(() => store.uploads.size).toBe(0)
  await expect(page.locator('[data-entry]')).toHaveCount(0)
})

/** Holds the parts of a file on their way, from the second on. */
function hold(store: S3Server): () => void {
  let isHeld = true
  store.fault = ({ method, url }) => {
    if (!isHeld || method !== 'PUT' || url.searchParams.get('partNumber') === '1') return undefined
    return { status: 503, code: 'SlowDown' }
  }
  return () => (isHeld = false)
}

const progressOf = async (page: Page): Promise<number> => Number(await page.locator('output').textContent())

test('a connection that is lost meanwhile does not stop a file', async ({ open, store }) => {
  const letGo = hold(store)
  const { page, send, link } = await open(inParts)
  const big = file('big.bin', 20 * MiB)
  await send(big)
  await expect.poll(() => progressOf(page)).toBeGreaterThan(20)
  link.cut()
  letGo()
  // All is there but the word of it.
  await expect.poll(() => [...store.uploads.values()][0]?.parts.size).toBe(4)
  link.mend()
  await expect(saved(page)).toHaveText('big.bin')
  expect(stored(store)).toEqual(hashesOf(big))
  expect(store.requests.filter((request) => /^POST .*\?uploads/.test(request))).toHaveLength(1)
})

test('a network that is gone for a while does not stop a file', { tag: '@slow' }, async ({ open, store }) => {
  const letGo = hold(store)
  const { page, send, link } = await open(inParts)
  const big = file('big.bin', 20 * MiB)
  await send(big)
  await expect.poll(() => progressOf(page)).toBeGreaterThan(20)
  link.cut()
  const failed = page.waitForEvent('requestfailed', (request) => request.url().includes('partNumber'))
  await page.context().setOffline(true)
  letGo()
  await failed
  await page.context().setOffline(false)
  link.mend()
  await expect(saved(page)).toHaveText('big.bin')
  expect(stored(store)).toEqual(hashesOf(big))
})

test('a file that is gone meanwhile is told', async ({ open, store }, testInfo) => {
  hold(store)
  const { page, send } = await open(inParts)
  await send(file('big.bin', 20 * MiB))
  await expect.poll(() => progressOf(page)).toBeGreaterThan(20)
  await rm(testInfo.outputPath('big.bin'))
  await expect(page.locator('[data-state=failed] i')).toContainText(
    /^The file (?:is not where it was chosen|was changed)/,
  )
  await expect.poll(() => store.uploads.size).toBe(0)
  await expect(saved(page)).toHaveText('')
})

test('parts whose ETag the page may not read are put together all the same, and the developer is told', async ({
  open,
  store,
}) => {
  store.cors = forBrowsers.replace('<ExposeHeader>ETag</ExposeHeader>', '')
  const { page, send } = await open(inParts)
  const told = page.waitForEvent('console', (message) => message.text().includes('ExposeHeader'))
  const big = file('big.bin', 11 * MiB)
  await send(big)
  await told
  await expect(saved(page)).toHaveText('big.bin')
  expect(stored(store)).toEqual(hashesOf(big))
})

/** As in Phoenix' guide, in words of our own. */
const ownUploader = (): Record<string, unknown> => ({
  S3: (
    entries: readonly {
      readonly meta: { readonly url: string; readonly fields: Readonly<Record<string, string>> }
      readonly file: File
      progress(percent: number): void
      error(): void
      onCancel(run: () => void): void
    }[],
    onViewError: (run: () => void) => void,
  ) => {
    for (const entry of entries) {
      const form = new FormData()
      for (const [name, value] of Object.entries(entry.meta.fields)) form.append(name, value)
      form.append('file', entry.file)
      const request = new XMLHttpRequest()
      onViewError(() => request.abort())
      request.addEventListener('load', () => (request.status === 204 ? entry.progress(100) : entry.error()))
      request.addEventListener('error', () => entry.error())
      request.open('POST', entry.meta.url)
      request.send(form)
      document.title = 'its own'
    }
  },
})

test('an uploader of the application goes before ours', async ({ open, page, store }) => {
  await page.addInitScript(`window.liveloom = { uploaders: (${ownUploader.toString()})() }`)
  const { send } = await open({ method: 'post' })
  const one = file('one.bin', 1000)
  await send(one)
  await expect(saved(page)).toHaveText('one.bin')
  expect(await page.title()).toBe('its own')
  expect(stored(store)).toEqual(hashesOf(one))
})

test('a connection that is lost meanwhile does not stop it either', { tag: '@slow' }, async ({ open, page, store }) => {
  await page.addInitScript(`window.liveloom = { uploaders: (${ownUploader.toString()})() }`)
  let letGo = (): void => {}
  const held = new Promise<void>((resolve) => (letGo = resolve))
  await page.route(`${store.endpoint}/**`, async (route) => {
    await held
    await route.continue()
  })
  const { send, link } = await open({ method: 'post' })
  const asked = page.waitForRequest(`${store.endpoint}/**`)
  const one = file('one.bin', 1000)
  await send(one)
  await asked
  link.cut()
  await expect(page.locator('.phx-loading')).not.toHaveCount(0)
  letGo()
  await expect.poll(() => store.objects.size).toBe(1)
  link.mend()
  await expect(saved(page)).toHaveText('one.bin')
  expect(stored(store)).toEqual(hashesOf(one))
})

test('files that start by themselves go one by one, and a form that is sent meanwhile waits for them', async ({
  open,
  store,
}) => {
  const letGo = hold(store)
  const { page, send } = await open(inParts, { autoUpload: true, maxEntries: 2 })
  const files = [file('a.bin', 6 * MiB), file('b.bin', 6 * MiB)]
  await send(...files)
  await expect.poll(() => partsOf(store).length).toBeGreaterThan(2)
  await expect(saved(page)).toHaveText('')
  letGo()
  await expect(saved(page)).toHaveText('a.bin b.bin')
  expect(stored(store)).toEqual(hashesOf(...files))
})

test('the official client alone does it by an uploader of its own', async ({ open, page, store }) => {
  await withOfficialClient(page, { options: `uploaders: (${ownUploader.toString()})()` })
  const { send } = await open({ method: 'post' })
  const one = file('one.bin', 1000)
  await send(one)
  await expect(saved(page)).toHaveText('one.bin')
  expect(stored(store)).toEqual(hashesOf(one))
  expect(await page.evaluate(() => 'Phoenix' in window)).toBe(true)
  // Not there in the end: the form is not submitted without it.
  store.fault = ({ method }) => (method === 'HEAD' ? { status: 404, code: 'NotFound' } : undefined)
  await send(file('two.bin', 1000))
  await expect(page.locator('[data-state=failed]')).toHaveCount(1)
  await expect(saved(page)).toHaveText('one.bin')
})
