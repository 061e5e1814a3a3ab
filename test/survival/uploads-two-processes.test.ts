/** Processes that are frozen, or live side by side on one folder: a file is one's at a time, and what the other does late changes nothing. */
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { buildProgram } from '../support/build-program.ts'
import { appending, type Answer, askFor, grantUpload, type HttpUpload } from '../support/http-upload.ts'
import { Home, KeepingProcess } from '../support/keeping-process.ts'
import { RawClient, type RawView } from '../support/raw-client.ts'

const source = fileURLToPath(new URL('../support/keeping-server.ts', import.meta.url))
const bytes = randomBytes(600_000)
const half = 300_000
const file = { ref: '0', name: 'a.png', size: bytes.length }

let program: string
let home: Home
let processes: KeepingProcess[]

beforeAll(async () => {
  program = await buildProgram(source)
})

beforeEach(async () => {
  home = await Home.make()
  processes = []
})

afterEach(async () => {
  for (const one of processes) {
    one.signal('SIGCONT')
    await one.end('SIGKILL')
  }
  await home.remove()
})

async function start(): Promise<KeepingProcess> {
  const one = await KeepingProcess.start(program, home)
  processes.push(one)
  return one
}

/** The page's requests go to another process from now on. */
function at(to: KeepingProcess, { url, page }: HttpUpload) {
  const there = url.replace(new URL(url).origin, new URL(to.url).origin)
  const headers = { cookie: page.cookie }
  return {
    head: (): Promise<Answer> => askFor(there, 'HEAD', headers),
    patch: (offset: number, body: Uint8Array, ends: boolean): Promise<Answer> =>
      askFor(there, 'PATCH', { ...headers, ...appending(offset, ends) }, body),
  }
}

async function comeBack(to: KeepingProcess, upload: HttpUpload, sending: readonly string[]): Promise<RawView> {
  const page = to.pageOf(upload.page)
  const client = await RawClient.open(page)
  return client.rejoinView(page, { liveloomFilesBack: true, liveloomHttpUploads: sending })
}

async function savedBytes(): Promise<readonly Buffer[]> {
  const names = await readdir(home.saved)
  return Promise.all(names.map((name) => readFile(join(home.saved, name))))
}

it('a process that was frozen in the middle of a part writes nothing when it wakes', async () => {
  const [frozen, next] = [await start(), await start()]
  const upload = await grantUpload(frozen, file)
  const running = upload.open(0)
  running.answer.catch(() => {})
  running.write(bytes.subarray(0, half))
  await vi.waitFor(async () => expect((await readdirSizes()).includes(half)).toBe(true), 10_000)
  frozen.signal('SIGSTOP')
  // The system takes it for the process, which will find it when it wakes.
  running.write(randomBytes(50_000))
  const view = await comeBack(next, upload, ['0'])
  const there = at(next, upload)
  expect(Number((await there.head()).headers['upload-offset'])).toBe(half)
  expect((await there.patch(half, bytes.subarray(half, half + 100_000), false)).status).toBe(204)
  frozen.signal('SIGCONT')
  running.write(randomBytes(1000))
  expect((await there.patch(half + 100_000, bytes.subarray(half + 100_000), true)).status).toBe(200)
  running.cut()
  // Whatever it did with what it had.
  await vi.waitFor(async () => expect((await upload.patch(half, bytes.subarray(half), true)).status).toBe(410), 10_000)
  await upload.client.leave()
  await view.submit('save')
  expect(view.html).toContain('saved ')
  const saved = await savedBytes()
  expect(saved.map((one) => one.equals(bytes))).toEqual([true])
  await view.client.leave()
  for (const one of processes) await one.end('SIGTERM')
  expect(await home.kept()).toEqual([])
})

it('what a frozen process lets go of when it wakes is still found after another restart', async () => {
  const [frozen, next] = [await start(), await start()]
  const upload = await grantUpload(frozen, file)
  await upload.patch(0, bytes.subarray(0, half))
  frozen.signal('SIGSTOP')
  await comeBack(next, upload, ['0'])
  expect((await at(next, upload).patch(half, bytes.subarray(half, half + 1000), false)).status).toBe(204)
  frozen.signal('SIGCONT')
  // A page that is closed: its view, and what it had, end.
  await upload.client.leave()
  await vi.waitFor(async () => expect((await upload.send('HEAD')).status).toBe(404), 10_000)
  await next.end('SIGKILL')
  const last = await start()
  await comeBack(last, upload, ['0'])
  expect(Number((await at(last, upload).head()).headers['upload-offset'])).toBe(half + 1000)
})

it('a page that moves to another process while its own lives goes on there, and the old one lets no byte in', async () => {
  const [old, next] = [await start(), await start()]
  const upload = await grantUpload(old, file)
  await upload.patch(0, bytes.subarray(0, half))
  const view = await comeBack(next, upload, ['0'])
  expect((await upload.patch(half, bytes.subarray(half), true)).status).toBe(410)
  expect((await at(next, upload).patch(half, bytes.subarray(half), true)).status).toBe(200)
  await view.submit('save')
  expect((await savedBytes()).map((one) => one.equals(bytes))).toEqual([true])
})

/** How long the files are that are kept. */
async function readdirSizes(): Promise<readonly number[]> {
  const { stat } = await import('node:fs/promises')
  const root = join(home.path, 'tmp')
  const found = await readdir(root, { recursive: true, withFileTypes: true })
  const sizes = found
    .filter((entry) => entry.name.endsWith('.part'))
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    )
  return Promise.all(sizes)
}
