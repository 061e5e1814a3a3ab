/** Processes that are ended in the midst of it: nothing half done may stand under its final name, or stay for ever. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fetchPage, RawClient, type RawView } from '../support/raw-client.ts'

const program = fileURLToPath(new URL('../support/saving-server.ts', import.meta.url))
const children: ChildProcess[] = []
let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'death-'))
  await mkdir(join(home, 'tmp'))
  await mkdir(join(home, 'saved'))
  // Far more than is copied before the end. It takes no room.
  await writeFile(join(home, 'endless'), '')
  await truncate(join(home, 'endless'), 2 ** 33)
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(home, { recursive: true })
})

/** Other processes take as long as the machine lets them. */
const until = (holds: () => void | Promise<void>): Promise<void> => vi.waitFor(holds, { timeout: 20_000 })

const dest = () => join(home, 'saved', 'dest')
const saved = () => readdir(join(home, 'saved'))
const temporary = () => readdir(join(home, 'tmp'))
const endless = () => ({ SOURCE: join(home, 'endless') })

interface Running {
  readonly url: string
  readonly output: () => string
  /** The exit code, null when a signal ended it. */
  ended(): Promise<number | null>
  signal(name: NodeJS.Signals): void
  /** Sends the signal, and waits for the end. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>
}

async function start(env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const child = spawn(process.execPath, ['--import', 'tsx', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: join(home, 'tmp'), DEST: dest(), TSX_DISABLE_CACHE: '1', HOST: 'localhost', ...env },
  })
  children.push(child)
  let output = ''
  child.stderr.on('data', (data: Buffer) => (output += data.toString()))
  const [url] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error(output))),
  ])) as [string]
  const ended = async (): Promise<number | null> => {
    const [code] = (await once(child, 'close')) as [number | null]
    return code
  }
  return {
    url,
    output: () => output,
    ended,
    signal: (name) => void child.kill(name),
    end(signal) {
      const end = ended()
      child.kill(signal)
      return end
    },
  }
}

async function visit({ url }: Running): Promise<RawView> {
  const page = await fetchPage(url)
  const client = await RawClient.open(page)
  return client.joinView(page)
}

/** A visitor whose file is there, and who has it saved. Nobody waits for that. */
async function save(running: Running): Promise<void> {
  const view = await visit(running)
  await view.upload('photos', { ref: '0', name: 'a.png', size: 4, type: 'image/png' }, Buffer.from('data'))
  view.push('event', { type: 'form', event: 'save', value: '', meta: {} })
}

/** Resolves in the midst of the save. */
async function savingNew(running: Running): Promise<void> {
  await save(running)
  await until(async () => {
    const [name] = await saved()
    expect((await stat(join(home, 'saved', name!))).size).toBeGreaterThan(1_000_000)
  })
}

async function savingAtTheEnd(running: Running): Promise<void> {
  await writeFile(dest(), 'before')
  await save(running)
  await until(async () => expect((await stat(dest())).size).toBeGreaterThan(1_000_000))
}

describe('a process that is killed in the midst of a save', () => {
  it('leaves nothing under the final name, and what it left beside goes with the next start', async () => {
    const killed = await start(endless())
    await savingNew(killed)
    expect(await killed.end('SIGKILL')).toBe(null)
    expect(await saved()).toEqual([expect.stringMatching(/^\.liveloom-[0-9a-f]{24}\.part$/)])
    expect(await temporary()).toHaveLength(1)

    const next = await start()
    await until(async () => expect([await saved(), await temporary()]).toEqual([[], []]))
    await save(next)
    await until(async () => expect(await readFile(dest(), 'utf8')).toBe('data'))
    expect(await next.end('SIGTERM')).toBe(0)
    expect(next.output()).toBe('')
  })

  it('at the end of a file has it reported at the next start, and nothing cut', async () => {
    const killed = await start(endless())
    await savingAtTheEnd(killed)
    await killed.end('SIGKILL')
    const { size } = await stat(dest())

    const next = await start()
    await until(() => expect(next.output()).toContain('\n'))
    expect(next.output()).toBe(
      `reported: ERR_UPLOAD_UNFINISHED LiveError: createOrAppendFile('${dest()}'): a process was killed while it appended ` +
        `${2 ** 33} bytes; the file had 6 bytes before, and has ${size} now. It is left as it is\n`,
    )
    expect((await stat(dest())).size).toBe(size)
    await until(async () => expect(await temporary()).toEqual([]))
    expect(await next.end('SIGTERM')).toBe(0)
  })
})

describe('SIGTERM to a process that drains', () => {
  it('lets a save finish that would not within the time to close, and answers it', async () => {
    const size = 200_000_000
    await truncate(join(home, 'endless'), size)
    const running = await start({ ...endless(), CLOSE_TIMEOUT: '1', DRAIN: '{ "over": 0, "grace": 600000 }' })
    const view = await visit(running)
    await view.upload('photos', { ref: '0', name: 'a.png', size: 4, type: 'image/png' }, Buffer.from('data'))
    const answer = view.submit('save')
    await until(async () => expect(await saved()).toHaveLength(1))
    expect(await running.end('SIGTERM')).toBe(0)
    expect((await answer).status).toBe('ok')
    expect(await view.client.waitForClose()).toEqual({ code: 1012, reason: 'server is restarting' })
    expect(await saved()).toEqual(['dest'])
    expect((await stat(dest())).size).toBe(size)
  })

  it('ends at once by a second signal', async () => {
    const running = await start({ DRAIN: '{ "notice": 600000 }' })
    await visit(running)
    const ended = running.ended()
    running.signal('SIGTERM')
    // What comes within half a second is the same signal.
    const again = setInterval(() => running.signal('SIGTERM'), 100)
    expect(await ended).toBe(1)
    clearInterval(again)
  })

  it('closes by SIGINT without draining', async () => {
    const running = await start({ DRAIN: '{ "notice": 600000 }' })
    const ended = running.ended()
    running.signal('SIGINT')
    expect(await ended).toBe(0)
  })
})

it('a process that starts at once after one that was killed sweeps its folder, and none of one that lives', async () => {
  const killed = await start()
  const lives = await start()
  for (const running of [killed, lives]) {
    const view = await visit(running)
    await view.upload('photos', { ref: '0', name: 'a.png', size: 4, type: 'image/png' }, Buffer.from('data'))
  }
  await killed.end('SIGKILL')
  expect(await temporary()).toHaveLength(2)
  const next = await start()
  await until(async () => expect(await temporary()).toHaveLength(1))
  expect(await next.end('SIGTERM')).toBe(0)
  expect(await temporary()).toHaveLength(1)
  expect(await lives.end('SIGTERM')).toBe(0)
  expect(await temporary()).toEqual([])
})

describe('a program that leaves in the midst of a save', () => {
  const leave = async (running: Running): Promise<void> => {
    const view = await visit(running)
    const ended = running.ended()
    view.push('event', { type: 'click', event: 'exit', value: {} })
    expect(await ended).toBe(3)
  }

  it('leaves nothing of a new file', async () => {
    const running = await start(endless())
    await savingNew(running)
    await leave(running)
    expect([await saved(), await temporary()]).toEqual([[], []])
  })

  it('at the end of a file keeps what is known of it for the next start, and nothing else', async () => {
    const running = await start(endless())
    await savingAtTheEnd(running)
    await leave(running)
    const [folder] = await temporary()
    expect((await readdir(join(home, 'tmp', folder!))).toSorted()).toEqual(['lease', expect.stringMatching(/^save-/)])
    const next = await start()
    await until(() => expect(next.output()).toContain('ERR_UPLOAD_UNFINISHED'))
    await until(async () => expect(await temporary()).toEqual([]))
    expect(await next.end('SIGTERM')).toBe(0)
  })
})

describe('a process that leaves while the system still makes files for it', () => {
  const leaving = fileURLToPath(new URL('../support/leaving-process.ts', import.meta.url))
  const leave = async (moment: string, threads: number): Promise<void> => {
    await writeFile(join(home, 'src'), 'data')
    const env = { ...process.env, HOME_OF: home, LEAVES: moment, UV_THREADPOOL_SIZE: String(threads) }
    const child = spawn(process.execPath, ['--import', 'tsx', leaving], { stdio: ['ignore', 'ignore', 'pipe'], env })
    children.push(child)
    let output = ''
    child.stderr.on('data', (data: Buffer) => (output += data.toString()))
    expect(await once(child, 'close')).toEqual([3, null])
    expect(output).toBe('')
  }

  it('leaves its note of a new file that came to be after all', async () => {
    await leave('before a new file is there', 1)
    expect(await saved()).toEqual([expect.stringMatching(/^\.liveloom-[0-9a-f]{24}\.part$/)])
    const next = await start()
    await until(async () => expect([await saved(), await temporary()]).toEqual([[], []]))
    expect(await next.end('SIGTERM')).toBe(0)
  })

  it('can delete its folder though files come into it', () => leave('while uploads begin', 4))
})

describe('a process that has to end before its work is done', () => {
  it('leaves nothing of a new file, says what it gave up, and ends with 1', async () => {
    const running = await start({ ...endless(), CLOSE_TIMEOUT: '50' })
    await savingNew(running)
    expect(await running.end('SIGTERM')).toBe(1)
    expect(await saved()).toEqual([])
    expect(await temporary()).toEqual([])
    expect(running.output()).toContain('SIGTERM: LiveError: close: given up after 50 ms: 1 save of createOrAppendFile')
  })

  it('cuts back what it appended', async () => {
    const running = await start({ ...endless(), CLOSE_TIMEOUT: '50' })
    await savingAtTheEnd(running)
    expect(await running.end('SIGTERM')).toBe(1)
    expect(await readFile(dest(), 'utf8')).toBe('before')
    expect(await temporary()).toEqual([])
  })

  it('says so of a shutdown that never ends', async () => {
    const running = await start({ DEST: 'never', CLOSE_TIMEOUT: '50' })
    await visit(running)
    expect(await running.end('SIGTERM')).toBe(1)
    expect(running.output()).toContain('close: given up after 50 ms: 1 piece of work of a view that ended')
  })

  it('is told once by signals that come together, as those of a group of processes, and hurried by a later one', async () => {
    const running = await start(endless())
    await savingNew(running)
    const ended = running.ended()
    for (const signal of ['SIGTERM', 'SIGTERM', 'SIGINT'] as const) running.signal(signal)
    // It goes on with what it saves. There is no end to that, so only one more signal can end it, with nothing given up by itself.
    const [name] = await saved()
    const { size } = await stat(join(home, 'saved', name!))
    await until(async () => expect((await stat(join(home, 'saved', name!))).size).toBeGreaterThan(size + 1_000_000))
    await until(async () => {
      running.signal('SIGTERM')
      expect(await saved()).toEqual([])
    })
    expect(await ended).toBe(1)
    expect(running.output()).toBe('')
    expect(await temporary()).toEqual([])
  })

  it('with an end in time ends with 0 and without a word', async () => {
    const running = await start()
    await save(running)
    await until(async () => expect(await saved()).toEqual(['dest']))
    expect(await running.end('SIGTERM')).toBe(0)
    expect(running.output()).toBe('')
    expect(await temporary()).toEqual([])
  })
})
