/** Files that a writer puts elsewhere, whose server ends: another process goes on with them by the writer's notes. */
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { buildProgram } from '../support/build-program.ts'
import { appending, askFor, grantUpload, type HttpUpload } from '../support/http-upload.ts'
import { fetchPage, RawClient } from '../support/raw-client.ts'
import { RestartedServer } from '../support/restarted-server.ts'
import { S3Server } from '../support/s3-server.ts'

const MiB = 1024 * 1024
const partSize = 5 * MiB

let store: S3Server
let program: string
let home: string
let server: RestartedServer

beforeAll(async () => {
  store = await S3Server.start()
  program = await buildProgram(fileURLToPath(new URL('../support/keeping-server.ts', import.meta.url)))
})
afterAll(() => store.close())

beforeEach(async () => {
  store.objects.clear()
  store.uploads.clear()
  store.requests.length = 0
  home = await mkdtemp(join(tmpdir(), 'to-s3-'))
  await mkdir(join(home, 'tmp'))
  const { endpoint, bucket, region, credentials } = store
  const options = { endpoint, bucket, region, credentials, partSize, parallel: 1, attempts: 1 }
  server = await RestartedServer.start(program, { TMPDIR: join(home, 'tmp'), S3: JSON.stringify(options) })
})
afterEach(async () => {
  store.fault = () => undefined
  await server.end('SIGKILL')
  await rm(home, { recursive: true, force: true })
})

const grant = (size: number): Promise<HttpUpload> =>
  grantUpload(server, { ref: '0', name: 'a.png', size, last_modified: 1 }, '/s3')
const offsetOf = async ({ send }: HttpUpload): Promise<number> => Number((await send('HEAD')).headers['upload-offset'])
const partsSent = (): number => store.requests.filter((request) => request.includes('partNumber=')).length
/** Names of what the ledger has. */
const kept = async (): Promise<readonly string[]> =>
  (await readdir(join(home, 'tmp'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)

/** The page comes back, has to send all of it again, and saves it. */
async function beginsAnew(upload: HttpUpload, bytes: Buffer): Promise<void> {
  const back = await server.comeBack(upload.page, ['0'])
  expect(await offsetOf(upload)).toBe(0)
  expect((await upload.patch(0, bytes, true)).status).toBe(200)
  await back.submit('save')
  expect(stored().equals(bytes)).toBe(true)
}

/** The one object that there is. */
function stored(): Buffer {
  expect(store.objects.size).toBe(1)
  return [...store.objects.values()][0]!.body
}

/** `npm run test:slow` ends it in both ways. */
const signals = process.env['SLOW_TESTS'] === 'yes' ? (['SIGKILL', 'SIGTERM'] as const) : (['SIGKILL'] as const)

describe.each(signals)('a server that ends by %s', (signal) => {
  it('is followed by one that goes on behind the parts that are there', async () => {
    const bytes = randomBytes(4 * partSize + 1000)
    const upload = await grant(bytes.length)
    await upload.patch(0, bytes.subarray(0, 2 * partSize + 500))
    await server.end(signal)
    await server.start()
    const back = await server.comeBack(upload.page, ['0'])
    expect(await offsetOf(upload)).toBe(2 * partSize)
    await vi.waitFor(async () => {
      await back.submit('look')
      expect(back.html).toContain('<i>0 49 queued</i>')
    })
    expect((await upload.patch(2 * partSize, bytes.subarray(2 * partSize), true)).status).toBe(200)
    await back.submit('save')
    expect(back.html).toContain(`${bytes.length}</p>`)
    expect(stored().equals(bytes)).toBe(true)
    expect(partsSent()).toBe(5)
    expect(store.uploads.size).toBe(0)
    await back.client.leave()
    await vi.waitFor(async () => expect((await kept()).filter((name) => !/^\w+$/.test(name))).toEqual([]))
  })

  it('is followed by one that consumes what is stored', async () => {
    const bytes = randomBytes(partSize + 1000)
    const upload = await grant(bytes.length)
    expect((await upload.patch(0, bytes, true)).status).toBe(200)
    await server.end(signal)
    await server.start()
    const back = await server.comeBack(upload.page, ['0'])
    expect(back.html).toContain('<i>0 100 done</i>')
    await back.submit('save')
    expect(back.html).toContain(`${bytes.length}</p>`)
    expect(stored().equals(bytes)).toBe(true)
  })

  it('is followed by one that takes away what is cancelled then', async () => {
    const bytes = randomBytes(3 * partSize)
    const upload = await grant(bytes.length)
    await upload.patch(0, bytes.subarray(0, 2 * partSize + 1))
    expect(store.uploads.size).toBe(1)
    await server.end(signal)
    await server.start()
    const back = await server.comeBack(upload.page, ['0'])
    await back.submit('cancel')
    await vi.waitFor(() => expect(store.uploads.size).toBe(0))
    expect(store.objects.size).toBe(0)
  })
})

describe('the next process', () => {
  it('begins anew what the store has lost', async () => {
    const bytes = randomBytes(3 * partSize)
    const upload = await grant(bytes.length)
    await upload.patch(0, bytes.subarray(0, 2 * partSize + 1))
    await server.end('SIGKILL')
    store.uploads.clear()
    await server.start()
    await beginsAnew(upload, bytes)
  })

  it('begins anew a file of which nothing is noted: it was to be put at once', async () => {
    const bytes = randomBytes(100_000)
    const upload = await grant(bytes.length)
    await upload.patch(0, bytes.subarray(0, 50_000))
    await server.end('SIGKILL')
    await server.start()
    await beginsAnew(upload, bytes)
  })

  it('takes a file for stored that was put together when the process before ended', async () => {
    const bytes = randomBytes(2 * partSize + 1)
    const upload = await grant(bytes.length)
    // It is put together, and nobody hears of it.
    store.fault = ({ method, url }) =>
      method === 'POST' && url.searchParams.has('uploadId') ? 'hang behind' : undefined
    const running = upload.patch(0, bytes, true)
    running.catch(() => {})
    await vi.waitFor(() => expect(store.objects.size).toBe(1), 10_000)
    store.fault = () => undefined
    await server.end('SIGKILL')
    await server.start()
    const back = await server.comeBack(upload.page, ['0'])
    expect(await offsetOf(upload)).toBe(bytes.length)
    expect((await upload.patch(bytes.length, new Uint8Array(), true)).status).toBe(200)
    await back.submit('save')
    expect(back.html).toContain(`${bytes.length}</p>`)
    expect(stored().equals(bytes)).toBe(true)
  })

  it('lists to a page that was loaded anew what is done, and takes away what nobody can prove to have', async () => {
    const bytes = randomBytes(2 * partSize)
    const { page, client } = await server.visit('/s3')
    const view = await client.joinView(page, { params: { _mounts: 0, liveloomHttpUploads: [] } })
    const ref = view.inputRef('kept')
    const send = async (name: string, size: number, end: boolean): Promise<void> => {
      const file = { ref: name, name, size: bytes.length, last_modified: 1 }
      await view.choose({ [ref]: [file] })
      const { entries } = await view.preflight(ref, [file])
      const { url } = entries[name] as unknown as { url: string }
      const headers = { cookie: page.cookie, ...appending(0, end) }
      await askFor(new URL(url, server.url).href, 'PATCH', headers, bytes.subarray(0, size))
    }
    await send('0', bytes.length, true)
    await send('1', partSize + 1, false)
    expect(store.uploads.size).toBe(1)
    await server.end('SIGKILL')
    await server.start()
    const again = await fetchPage(`${server.url}/s3`, page.cookie)
    const back = await (
      await RawClient.open(again)
    ).joinView(again, { params: { _mounts: 0, liveloomHttpUploads: [] } })
    expect(back.html).toMatch(/<i>k-[0-9a-f-]+ 100 done<\/i>/)
    expect(back.html).not.toContain('<b>')
    await vi.waitFor(() => expect(store.uploads.size).toBe(0))
    await back.submit('save kept')
    expect(back.html).toContain(`${bytes.length}</p>`)
    expect(stored().equals(bytes)).toBe(true)
  })

  it('believes no note that it has not made: the file begins anew', async () => {
    const bytes = randomBytes(2 * partSize)
    const upload = await grant(bytes.length)
    await upload.patch(0, bytes.subarray(0, partSize + 1))
    await server.end('SIGKILL')
    const part = (await readdir(join(home, 'tmp'), { recursive: true, withFileTypes: true })).find(({ name }) =>
      name.endsWith('.part'),
    )!
    const path = join(part.parentPath, part.name)
    const note = { what: 'stored', key: 'photos/another', etag: '"x"', size: bytes.length }
    await writeFile(path, `${JSON.stringify({ noteOf: part.name.slice(0, 36), note })}\n`)
    await server.start()
    await server.comeBack(upload.page, ['0'])
    expect(await offsetOf(upload)).toBe(0)
  })

  it('tells of a store that does not answer, as of any failure of a writer', async () => {
    const bytes = randomBytes(3 * partSize)
    const upload = await grant(bytes.length)
    await upload.patch(0, bytes.subarray(0, 2 * partSize + 1))
    await server.end('SIGKILL')
    store.fault = () => ({ status: 403, code: 'AccessDenied' })
    await server.start()
    const back = await server.comeBack(upload.page, ['0'])
    await upload.patch(0, bytes.subarray(0, 1))
    await back.submit('look')
    expect(back.html).toContain('<i>0 0 failed</i>')
    expect(server.output).toContain('ERR_S3')
  })
})
