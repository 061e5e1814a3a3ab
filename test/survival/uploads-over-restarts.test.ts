/** Files whose server is killed, again and again, at random moments: never a byte wrong, and nothing left behind. */
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { buildProgram } from '../support/build-program.ts'
import { grantUpload, type HttpUpload } from '../support/http-upload.ts'
import { RestartedServer } from '../support/restarted-server.ts'
import { fetchPage, type Page, RawClient, type RawView } from '../support/raw-client.ts'

const source = fileURLToPath(new URL('../support/keeping-server.ts', import.meta.url))
/** `npm run test:slow` kills more often. */
const kills = process.env['SLOW_TESTS'] === 'yes' ? 200 : 4

let program: string
let home: string
let place: RestartedServer

const start = (): Promise<void> => place.start()
const end = (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => place.end(signal)
const url = (): string => place.url
const comeBack = (page: Page, sending: readonly string[]): Promise<RawView> => place.comeBack(page, sending)

beforeAll(async () => {
  program = await buildProgram(source)
})

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'restarts-'))
  for (const folder of ['saved', 'tmp']) await mkdir(join(home, folder))
  place = await RestartedServer.start(program, { DEST: join(home, 'saved'), TMPDIR: join(home, 'tmp') })
})

afterEach(async () => {
  await place.end('SIGKILL')
  await rm(home, { recursive: true, force: true })
})

async function offsetOf({ send }: HttpUpload): Promise<number> {
  const { status, headers } = await send('HEAD')
  expect(status).toBe(204)
  return Number(headers['upload-offset'])
}

/** Bytes of the one file that is on its way. */
async function bytesKept(): Promise<number> {
  const found = await readdir(join(home, 'tmp'), { recursive: true, withFileTypes: true })
  const part = found.find(({ name }) => name.endsWith('.part'))
  return part === undefined ? 0 : (await stat(join(part.parentPath, part.name))).size
}

/** Every file below the temporary folder. */
async function left(): Promise<readonly string[]> {
  const found = await readdir(join(home, 'tmp'), { recursive: true, withFileTypes: true }).catch(
    // A folder may go while it is read.
    (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? undefined : Promise.reject(error)),
  )
  if (found === undefined) return left()
  return found.filter((entry) => !entry.isDirectory()).map(({ name }) => name)
}

it(
  `a file is whole after ${kills} kills, each at some moment of its way`,
  async () => {
    const bytes = randomBytes(4_000_000)
    const upload = await grantUpload(place, { ref: '0', name: 'a.png', size: bytes.length })
    let offset = 0
    let view = upload.view
    for (let kill = 0; kill < kills; kill++) {
      const running = upload.open(offset)
      running.answer.catch(() => {})
      // Each time a little further, so that most kills come before the end.
      const goal = Math.min(bytes.length, Math.floor(((kill + 1) / kills) * bytes.length))
      for (let at = offset; at < goal; at += 4096) running.write(bytes.subarray(at, Math.min(at + 4096, goal)))
      await delay(Math.random() * 20)
      await end('SIGKILL')
      running.cut()
      await start()
      view = await comeBack(upload.page, ['0'])
      expect(view.html).toMatch(/<i>0 \d+ asked/)
      const now = await offsetOf(upload)
      expect(now).toBeGreaterThanOrEqual(offset)
      expect(now).toBeLessThanOrEqual(goal)
      offset = now
    }
    expect((await upload.patch(offset, bytes.subarray(offset), true)).status).toBe(200)
    await view.submit('save')
    const [saved, ...others] = await readdir(join(home, 'saved'))
    expect(others).toEqual([])
    expect(bytes.equals(await readFile(join(home, 'saved', saved!)))).toBe(true)
    await view.client.leave()
    await end('SIGTERM')
    expect(await left()).toEqual([])
    expect(place.output).toBe('')
  },
  kills * 10_000,
)

describe('a process that stops', () => {
  it('answers what runs with 503, and the next one goes on with what had come', async () => {
    const bytes = randomBytes(100_000)
    const upload = await grantUpload(place, { ref: '0', name: 'a.png', size: bytes.length })
    await upload.patch(0, bytes.subarray(0, 50_000))
    const running = upload.open(50_000)
    running.write(bytes.subarray(50_000, 60_000))
    await vi.waitFor(async () => expect(await bytesKept()).toBe(60_000), 10_000)
    const ended = end('SIGTERM')
    const { status, headers } = await running.answer
    expect(status).toBe(503)
    expect(headers).toMatchObject({ 'retry-after': '1', connection: 'close' })
    running.cut()
    await ended
    await start()
    await comeBack(upload.page, ['0'])
    expect(await offsetOf(upload)).toBe(60_000)
  })

  it('has what a page was only about to send asked for again, and its bytes stay', async () => {
    const bytes = randomBytes(1000)
    const file = { ref: '0', name: 'a.png', size: bytes.length }
    const upload = await grantUpload(place, file)
    await upload.patch(0, bytes.subarray(0, 300))
    await end('SIGTERM')
    await start()
    const view = await comeBack(upload.page, [])
    expect(view.html).toContain('<i>0 30  </i>')
    expect((await upload.send('HEAD')).status).toBe(404)
    await view.preflight(view.inputRef('photos'), [file])
    expect(await offsetOf(upload)).toBe(300)
  })
})

describe('what is left on the ledger', () => {
  const bytes = randomBytes(1000)
  const grant = (): Promise<HttpUpload> => grantUpload(place, { ref: '0', name: 'a.png', size: bytes.length })

  it('is not for a page of the same visitor that was loaded anew', async () => {
    const upload = await grant()
    await upload.patch(0, bytes.subarray(0, 300))
    await end('SIGKILL')
    await start()
    const page = await fetchPage(url(), upload.page.cookie)
    const view = await (await RawClient.open(page)).joinView(page, { params: { _mounts: 0, liveloomHttpUploads: [] } })
    expect(view.html).not.toContain('<i>')
    expect((await upload.send('HEAD')).status).toBe(404)
  })

  it('is not for another visitor, whatever tokens are stolen', async () => {
    const upload = await grant()
    await upload.patch(0, bytes.subarray(0, 300))
    await end('SIGKILL')
    await start()
    const thief = await fetchPage(url())
    const stolen = { ...upload.page, cookie: thief.cookie, csrfToken: thief.csrfToken }
    const client = await RawClient.open(stolen)
    const { reply } = client.join(`lv:${stolen.id}`, {
      url: stolen.url,
      params: { _mounts: 1, _csrf_token: thief.csrfToken, liveloomHttpUploads: ['0'], liveloomFilesBack: true },
      session: stolen.session,
      static: stolen.static,
    })
    const { response } = await reply
    expect(JSON.stringify(response)).not.toContain('asked')
    const view = await comeBack(upload.page, ['0'])
    expect(view.html).toContain('<i>0 30 asked </i>')
    const theirs = await fetch(upload.url, { method: 'HEAD', headers: { cookie: thief.cookie } })
    expect(theirs.status).toBe(404)
  })

  it('goes on the channel too, by the token of before', async () => {
    const upload = await grant()
    await upload.patch(0, bytes.subarray(0, 300))
    await end('SIGKILL')
    await start()
    const view = await comeBack(upload.page, ['0'])
    const { RawUpload } = await import('../support/raw-client.ts')
    const channel = await RawUpload.join(view.client, '0', upload.token)
    await channel.chunk(bytes.subarray(300))
    await view.submit('save')
    const [saved] = await readdir(join(home, 'saved'))
    expect(bytes.equals(await readFile(join(home, 'saved', saved!)))).toBe(true)
  })

  it('goes at once with the page that is closed', async () => {
    const upload = await grant()
    await upload.patch(0, bytes.subarray(0, 300))
    await upload.client.leave()
    while ((await left()).some((name) => name !== 'lease')) await delay(5)
  })
})
