/** `serve({ workers })`: a program in several processes of one machine, asked as browsers and proxies ask it. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { buildProgram } from '../support/build-program.ts'
import { download, start as startDownload } from '../support/downloads.ts'
import { askFor, grantUpload } from '../support/http-upload.ts'
import { Home, KeepingProcess } from '../support/keeping-process.ts'
import { LongPollClient } from '../support/long-poll-client.ts'
import { fetchPage, joinPayload, type Page, RawClient, type RawView } from '../support/raw-client.ts'

const source = fileURLToPath(new URL('../support/workers-server.ts', import.meta.url))
const bytes = randomBytes(600_000)
const file = { ref: '0', name: 'a.png', size: bytes.length }
/** So many come at once; Linux lets so many wait. */
const crowd = 600
const mostWaiting = process.platform === 'linux' ? Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')) : 0

let program: string
let home: Home
let server: KeepingProcess
let clients: RawClient[] = []

beforeAll(async () => {
  program = await buildProgram(source)
  home = await Home.make()
  server = await KeepingProcess.start(program, home, 0, { WORKERS: '2' })
}, 60_000)

afterEach(() => {
  for (const client of clients) client.socket.terminate()
  clients = []
})

afterAll(async () => {
  await server.end('SIGKILL')
  await home.remove()
})

const processIn = (html: string): number => Number(/process (\d+)/.exec(html)![1])
const shows = (view: RawView, text: string): Promise<void> =>
  vi.waitFor(() => expect(view.html).toContain(text), { timeout: 10_000 })

interface Visit {
  readonly page: Page
  readonly view: RawView
  /** The id of the process that the view is in. */
  readonly at: number
}

async function joined(page: Page, from: RawClient): Promise<Visit> {
  clients.push(from)
  const view = await from.joinView(page)
  return { page, view, at: processIn(view.html) }
}

async function visit(): Promise<Visit> {
  const { page, client } = await server.visit()
  return joined(page, client)
}

/** One on each worker. */
async function visitBoth(): Promise<readonly [Visit, Visit]> {
  const one = await visit()
  for (;;) {
    const other = await visit()
    if (other.at !== one.at) return [one, other]
  }
}

const who = async ({ url, cookie }: Page): Promise<string> =>
  (await askFor(new URL('/who', url).href, 'GET', { cookie })).body

/** Who answers a request of the page's visitor, on a connection of its own. */
async function answering(page: Page): Promise<number> {
  return parseInt(await who(page))
}

/** Its number. */
async function numberOf(page: Page): Promise<number> {
  return Number((await who(page)).split(' ')[2])
}

describe('two workers', () => {
  it('have their views hear each other, and what the primary publishes', async () => {
    const [one, other] = await visitBoth()
    for (const text of ['a', 'b', 'c']) await one.view.event('say', { value: text })
    await shows(other.view, '<p>a,b,c</p>')
    await other.view.event('say', { value: 'd' })
    for (const { view } of [one, other]) await shows(view, '<p>a,b,c,d</p>')
    server.signal('SIGUSR2')
    for (const { view } of [one, other]) await shows(view, 'd,of the primary')
  })

  it('have all requests of a visitor answered by the worker that has the view, whichever connection brings them', async () => {
    const visits = await visitBoth()
    for (const { page, at } of visits) {
      const answers = await Promise.all(Array.from({ length: 6 }, () => answering(page)))
      expect(new Set(answers)).toEqual(new Set([at]))
      expect(processIn((await askFor(page.url, 'GET', { cookie: page.cookie })).body)).toBe(at)
    }
  })

  it('answer the requests of many visitors that one connection of a proxy brings', async () => {
    const visits = await visitBoth()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const said: string[] = []
    for (const { page } of [...visits, ...visits]) {
      const asked = request(new URL('/who', page.url), { agent, headers: { cookie: page.cookie } }).end()
      const [answer] = (await once(asked, 'response')) as [AsyncIterable<Buffer>]
      for await (const piece of answer) said.push(piece.toString())
    }
    agent.destroy()
    // The client's address goes along.
    const ends = visits.map(({ at }) => expect.stringMatching(new RegExp(`^${at} .*(127\\.0\\.0\\.1|::1) \\d$`)))
    expect(said).toEqual([...ends, ...ends])
  })

  it('have a heap that bytes of uploads do not fill at once', async () => {
    const { page } = await visit()
    expect((await askFor(new URL('/flags', page.url).href, 'GET', {})).body).toContain('--initial-heap-size=64')
  })

  it('take each part of an upload, over connections of their own', async () => {
    const upload = await grantUpload(server, file)
    clients.push(upload.client)
    const part = 60_000
    for (let at = 0; at < bytes.length; at += part) {
      const answer = await upload.patch(at, bytes.subarray(at, at + part), at + part >= bytes.length)
      expect(answer.status).toBe(at + part >= bytes.length ? 200 : 204)
    }
    await upload.view.submit('save')
    const name = /saved ([\w-]+)/.exec(upload.view.html)![1]!
    expect((await readFile(join(home.saved, name))).equals(bytes)).toBe(true)
  })

  it('lose nothing of what a client says as soon as its socket is open', async () => {
    for (let round = 0; round < 20; round++) {
      const opened = await Promise.all(Array.from({ length: 10 }, () => server.visit()))
      clients.push(...opened.map(({ client }) => client))
      const answers = await Promise.all(opened.map(({ client }) => client.heartbeat()))
      expect(answers.every(({ status }) => status === 'ok')).toBe(true)
    }
  })

  it('serve a page that polls', async () => {
    for (const { page, at } of await visitBoth()) {
      const polling = await LongPollClient.open(page)
      const push = JSON.stringify(['1', '1', `lv:${page.id}`, 'phx_join', joinPayload(page)])
      expect((await polling.post(push)).status).toBe(200)
      expect((await polling.poll()).messages?.join()).toContain(`${at}`)
    }
  })

  it('answer the address of a download', async () => {
    for (const { page, view } of await visitBoth()) {
      const [path] = await startDownload(view, 'download')
      const answer = await download(page, path!)
      expect([answer.status, answer.body.toString()]).toEqual([200, 'what it says'])
    }
  })

  it('give a page that comes back its view', async () => {
    for (const { page, view, at } of await visitBoth()) {
      await view.event('say', { value: `of ${at}` })
      await shows(view, `of ${at}`)
      await view.client.cut()
      const client = await RawClient.open(page)
      clients.push(client)
      const again = await client.rejoinView(page)
      expect(processIn(again.html)).toBe(at)
      expect(again.html).toContain(`of ${at}`)
    }
  })

  it('bring a page to another worker when its own is killed in the middle of an upload, and its file goes on there', async () => {
    const upload = await grantUpload(server, file)
    clients.push(upload.client)
    const at = processIn(upload.view.html)
    const half = 300_000
    await upload.patch(0, bytes.subarray(0, half))
    const running = upload.open(half)
    running.write(bytes.subarray(half, half + 50_000))
    process.kill(at, 'SIGKILL')
    await upload.client.waitForClose()
    const client = await vi.waitFor(() => RawClient.open(upload.page), { timeout: 20_000 })
    clients.push(client)
    const view = await client.rejoinView(upload.page, { liveloomFilesBack: true, liveloomHttpUploads: ['0'] })
    const now = processIn(view.html)
    expect(now).not.toBe(at)
    const offset = Number((await upload.send('HEAD')).headers['upload-offset'])
    expect(offset).toBeGreaterThanOrEqual(half)
    expect((await upload.patch(offset, bytes.subarray(offset), true)).status).toBe(200)
    await view.submit('save')
    const name = /saved ([\w-]+)/.exec(view.html)![1]!
    expect((await readFile(join(home.saved, name))).equals(bytes)).toBe(true)
    // Another is started in its place. Who has moved stays: the view is there.
    await vi.waitFor(() => expect(server.output).toContain(`(process ${at}) ended with SIGKILL; another is started`))
    const both = await visitBoth()
    for (let count = 0; count < 4; count++) expect(await answering(upload.page)).toBe(now)
    const numbers = await Promise.all(both.map(({ page }) => numberOf(page)))
    expect(numbers.toSorted((one, other) => one - other)).toEqual([0, 1])
  })

  it.skipIf(mostWaiting < crowd)('have a crowd wait for the one that is busy, and cut nobody off', async () => {
    const [one, other] = await visitBoth()
    process.kill(other.at, 'SIGSTOP')
    try {
      const answers = Promise.all(Array.from({ length: crowd }, () => answering(other.page)))
      // Whoever comes behind them is answered behind them: by then they have been handed on.
      expect(await Promise.race([answers, answering(one.page)])).toBe(one.at)
      process.kill(other.at, 'SIGCONT')
      expect(new Set(await answers)).toEqual(new Set([other.at]))
    } finally {
      process.kill(other.at, 'SIGCONT')
    }
  })

  it('leave nobody without an answer who came to one that was killed before it had looked at them', async () => {
    const [one, other] = await visitBoth()
    process.kill(one.at, 'SIGSTOP')
    const socket = RawClient.open(one.page)
    const strangers = Array.from({ length: 8 }, () => askFor(new URL('/who', server.url).href, 'GET', {}))
    // What came before is with whoever it is for.
    for (let count = 0; count < 4; count++) expect(await answering(other.page)).toBe(other.at)
    process.kill(one.at, 'SIGKILL')
    const answers = await Promise.all(strangers)
    expect(answers.map(({ status }) => status)).toEqual(strangers.map(() => 200))
    const client = await socket
    clients.push(client)
    expect(processIn((await client.rejoinView(one.page)).html)).not.toBe(one.at)
  })

  it('take what one reads too slowly as lost, and tell its views of the gap', async () => {
    const [one, other] = await visitBoth()
    process.kill(other.at, 'SIGSTOP')
    try {
      await one.view.event('flood', { value: '20000000' })
      await shows(one.view, 'flooded')
    } finally {
      process.kill(other.at, 'SIGCONT')
    }
    await shows(other.view, 'gaps 1')
    await one.view.event('say', { value: 'on' })
    await shows(other.view, 'on</p>')
  })
})

describe('a server with workers that leaves', () => {
  it('drains on SIGTERM, and keeps what is being sent', async () => {
    const own = await KeepingProcess.start(program, home, 0, { WORKERS: '2' })
    const upload = await grantUpload(own, file)
    const others = await Promise.all([1, 2, 3].map(() => own.visit()))
    await Promise.all(others.map(({ page, client }) => client.joinView(page)))
    await upload.patch(0, bytes.subarray(0, 300_000))
    const ended = own.end('SIGTERM')
    const closes = await Promise.all(others.map(({ client }) => client.waitForClose()))
    expect(closes.map(({ code }) => code)).toEqual([1012, 1012, 1012])
    // Its page is not told before the file is there and saved.
    expect((await upload.patch(300_000, bytes.subarray(300_000), true)).status).toBe(200)
    await upload.view.submit('save')
    const name = /saved ([\w-]+)/.exec(upload.view.html)![1]!
    expect(await readdir(home.saved)).toContain(name)
    await ended
    await expect(fetchPage(own.url)).rejects.toThrow()
    expect(own.output).toBe('')
  })

  it.each(['drain', 'close'])('waits for no worker that does not listen yet: %s', async (leaves) => {
    const own = await KeepingProcess.start(program, home, 0, { WORKERS: '2', TAKES: '2000', LEAVES: leaves })
    const { page } = await own.visit()
    const at = await answering(page)
    process.kill(at, 'SIGKILL')
    await vi.waitFor(() => expect(own.output.split('a worker begins')).toHaveLength(4))
    own.signal('SIGHUP')
    await vi.waitFor(() => expect(own.output).toContain(`after ${leaves}`), { timeout: 5000 })
    await own.end('SIGTERM')
    expect(own.output).not.toContain('reported')
  })

  it('says that its port is taken', async () => {
    const started = KeepingProcess.start(program, home, server.port, { WORKERS: '2' })
    await expect(started).rejects.toThrow('the server did not begin')
  })

  it('ends with an error when a worker does before it listens', async () => {
    const started = KeepingProcess.start(program, home, 0, { WORKERS: '2', FAILS: 'worker' })
    await expect(started).rejects.toThrow('the server did not begin')
  })
})
