/** A consume that ends its process, or its view: it is tried once more at most, and what it was given is not lost. */
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { buildProgram } from '../support/build-program.ts'
import { grantUpload, type HttpUpload } from '../support/http-upload.ts'
import { Home, KeepingProcess } from '../support/keeping-process.ts'
import type { RawView } from '../support/raw-client.ts'

const source = fileURLToPath(new URL('../support/keeping-server.ts', import.meta.url))
const bytes = randomBytes(1000)
const file = { ref: '0', name: 'a.png', size: bytes.length }

let program: string
let home: Home
let running: KeepingProcess

beforeAll(async () => {
  program = await buildProgram(source)
})

beforeEach(async () => {
  home = await Home.make()
})

afterEach(async () => {
  await running.end('SIGKILL')
  await home.remove()
})

async function start(CONSUME: string, port = 0): Promise<void> {
  running = await KeepingProcess.start(program, home, port, { CONSUME })
}

const calls = (): Promise<number> =>
  readFile(join(home.saved, 'calls'), 'utf8').then(
    (text) => text.split('\n').length - 1,
    () => 0,
  )

/** The page is loaded anew: the files of its visitor are there. */
async function load({ page }: HttpUpload): Promise<RawView> {
  const { page: anew, client } = await running.visit('/auto', page.cookie)
  return client.joinView(anew, { params: { _mounts: 0, liveloomHttpUploads: [] } })
}

it('one that kills its process runs once more by itself, and then when somebody asks', async () => {
  await start('kill')
  const { port } = running
  const upload = await grantUpload(running, file, '/auto')
  await upload.patch(0, bytes, true).catch(() => {})
  for (const times of [1, 2]) {
    await vi.waitFor(() => expect(calls()).resolves.toBe(times), 10_000)
    await running.end('SIGKILL')
    await start('kill', port)
    if (times === 2) break
    load(upload).catch(() => {})
  }
  const view = await load(upload)
  expect(view.html).toMatch(/<i>k-[\w-]+ done<\/i>/)
  // Whatever it would do by itself it would have done.
  await view.choose({})
  expect(await calls()).toBe(2)
  await running.end('SIGTERM')
  await start('', port)
  await (await load(upload)).submit('save')
  expect(await calls()).toBe(3)
  const saved = (await readdir(home.saved)).filter((name) => name !== 'calls')
  expect(saved).toHaveLength(1)
  expect(bytes.equals(await readFile(join(home.saved, saved[0]!)))).toBe(true)
})

it('one that ends its view is not begun again by the view after it, which has the file', async () => {
  await start('throw')
  const upload = await grantUpload(running, file, '/auto')
  await upload.patch(0, bytes, true)
  await vi.waitFor(() => expect(calls()).resolves.toBe(1), 10_000)
  await upload.client.next(({ event }) => event === 'phx_error')
  for (let times = 0; times < 3; times++) {
    const view = await upload.client.rejoinView(upload.page, { liveloomFilesBack: true, liveloomHttpUploads: [] })
    expect(view.html).toMatch(/<i>k-[\w-]+ done<\/i>/)
    await view.choose({})
  }
  expect(await calls()).toBe(1)
})
