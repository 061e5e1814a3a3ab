/** What goes wrong on the way of a file, at each stage of it, at the wire: nothing is lost, and nothing is saved twice. */
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { buildProgram } from '../support/build-program.ts'
import { grantUpload, type HttpUpload } from '../support/http-upload.ts'
import { Home, KeepingProcess } from '../support/keeping-process.ts'
import { RawClient, type RawView } from '../support/raw-client.ts'

const source = fileURLToPath(new URL('../support/keeping-server.ts', import.meta.url))
const isSlow = process.env['SLOW_TESTS'] === 'yes'

let program: string
let home: Home
let server: KeepingProcess

beforeAll(async () => {
  program = await buildProgram(source)
})

beforeEach(async () => {
  home = await Home.make()
  server = await KeepingProcess.start(program, home)
})

afterEach(async () => {
  await server.end('SIGKILL')
  await home.remove()
})

async function restart(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const { port } = server
  await server.end(signal)
  server = await KeepingProcess.start(program, home, port)
}

async function comeBack({ page }: HttpUpload, sending: readonly string[]): Promise<RawView> {
  const client = await RawClient.open(page)
  return client.rejoinView(page, { liveloomFilesBack: true, liveloomHttpUploads: sending })
}

async function saved(): Promise<readonly Buffer[]> {
  const names = await readdir(home.saved)
  return Promise.all(names.map((name) => readFile(join(home.saved, name))))
}

async function offsetOf({ send }: HttpUpload): Promise<number> {
  return Number((await send('HEAD')).headers['upload-offset'])
}

const bytes = randomBytes(100_000)
const file = { ref: '0', name: 'a.png', size: bytes.length }

describe.each(['SIGKILL', 'SIGTERM', 'a lost line'] as const)('%s', (what) => {
  /** The page is back behind it. */
  async function happen(upload: HttpUpload, sending: readonly string[]): Promise<RawView> {
    if (what === 'a lost line') await upload.client.cut()
    else await restart(what)
    return comeBack(upload, sending)
  }

  async function expectSaved(view: RawView, endedAtGrant = false): Promise<void> {
    await view.submit('save')
    expect((await saved()).map((one) => one.equals(bytes))).toEqual([true])
    // A second click saves nothing twice.
    await view.submit('save')
    expect(await saved()).toHaveLength(1)
    await view.client.leave()
    // What was being granted when its process ended may stay for its time: nobody was told of it.
    if (!endedAtGrant) await vi.waitFor(async () => expect(await home.kept()).toEqual([]), 10_000)
    expect(server.output).toBe('')
  }

  it('before the preflight was answered: it is asked anew', async () => {
    const { page, client } = await server.visit()
    const view = await client.joinView(page, { params: { _mounts: 0, liveloomHttpUploads: [] } })
    const ref = view.inputRef('photos')
    view.push('allow_upload', { ref, entries: [file] })
    const upload = { page, client } as HttpUpload
    const back = await happen(upload, [])
    expect(back.inputRef('photos')).toBe(ref)
    await back.choose({ [ref]: [file] })
    const { entries } = await back.preflight(ref, [file])
    const { url } = entries['0'] as unknown as { url: string }
    const sent = await fetch(new URL(url, server.url), {
      method: 'PATCH',
      headers: {
        ...{ cookie: page.cookie, 'content-type': 'application/partial-upload' },
        ...{ 'upload-offset': '0', 'upload-complete': '?1' },
      },
      body: bytes,
    })
    expect(sent.status).toBe(200)
    await expectSaved(back, what !== 'a lost line')
  })

  it('between two parts', async () => {
    const upload = await grantUpload(server, file)
    await upload.patch(0, bytes.subarray(0, 60_000))
    const view = await happen(upload, ['0'])
    expect(await offsetOf(upload)).toBe(60_000)
    expect((await upload.patch(60_000, bytes.subarray(60_000), true)).status).toBe(200)
    await expectSaved(view)
  })

  it('in the middle of a part', async () => {
    const upload = await grantUpload(server, file)
    const running = upload.open(0)
    running.answer.catch(() => {})
    running.write(bytes.subarray(0, 60_000))
    await delay(20)
    const view = await happen(upload, ['0'])
    running.cut()
    const offset = await offsetOf(upload)
    expect(offset).toBeLessThanOrEqual(60_000)
    expect((await upload.patch(offset, bytes.subarray(offset), true)).status).toBe(200)
    await expectSaved(view)
  })

  it('between the last byte and its answer', async () => {
    const upload = await grantUpload(server, file)
    const running = upload.open(0)
    running.answer.catch(() => {})
    running.write(bytes)
    await vi.waitFor(async () => expect((await home.kept()).some((name) => name.endsWith('.part'))).toBe(true))
    running.end()
    const view = await happen(upload, ['0'])
    running.cut()
    const offset = await offsetOf(upload)
    const { status } = await upload.patch(offset, bytes.subarray(offset), true)
    expect(status).toBe(200)
    await expectSaved(view)
  })

  it('between the last byte and 100', async () => {
    const upload = await grantUpload(server, file)
    await upload.patch(0, bytes, true)
    const view = await happen(upload, ['0'])
    expect(view.html).toContain('<i>0 100 asked done</i>')
    expect((await upload.send('HEAD')).headers).toMatchObject({ 'upload-complete': '?1' })
    expect((await view.progress(view.inputRef('photos'), '0', 100)).status).toBe('ok')
    await expectSaved(view)
  })

  it('between 100 and save', async () => {
    const upload = await grantUpload(server, file)
    await upload.patch(0, bytes, true)
    await upload.view.progress(upload.view.inputRef('photos'), '0', 100)
    const view = await happen(upload, [])
    expect(view.html).toContain('<i>0 100 asked done</i>')
    await expectSaved(view)
  })

  it('between save and its answer', async () => {
    const upload = await grantUpload(server, file)
    await upload.patch(0, bytes, true)
    upload.view.push('event', { type: 'form', event: 'save', value: '' })
    const view = await happen(upload, [])
    await expectSaved(view)
  })
})

const clients = isSlow ? 50 : 6
it(`${clients} clients that lose their network every second have all their files saved`, async () => {
  const files = Array.from({ length: clients }, () => randomBytes(isSlow ? 400_000 : 150_000))
  const cuts = await Promise.all(files.map(sendAndLose))
  expect(cuts.reduce((sum, of) => sum + of, 0)).toBeGreaterThanOrEqual(clients)
  const there = new Set((await saved()).map((one) => one.toString('base64')))
  expect(there.size).toBe(clients)
  for (const one of files) expect(there.has(one.toString('base64'))).toBe(true)
  await server.end('SIGTERM')
  expect(await home.kept()).toEqual([])
  expect(server.output).toBe('')
}, 180_000)

/** How often the network went. */
async function sendAndLose(content: Buffer): Promise<number> {
  const upload = await grantUpload(server, { ref: '0', name: 'a.png', size: content.length })
  let { view } = upload
  let offset = 0
  for (let cuts = 0; ; cuts++) {
    const running = upload.open(offset)
    const until = Date.now() + 1000
    let at = offset
    for (; at < content.length && Date.now() < until; at += 4096) {
      running.write(content.subarray(at, at + 4096))
      await delay(40)
    }
    if (at >= content.length) {
      running.end()
      expect((await running.answer).status).toBe(200)
      await view.submit('save')
      await view.client.leave()
      return cuts
    }
    running.cut()
    await view.client.cut()
    view = await comeBack(upload, ['0'])
    const now = await offsetOf(upload)
    expect(now).toBeGreaterThanOrEqual(offset)
    expect(now).toBeLessThanOrEqual(at)
    offset = now
  }
}
