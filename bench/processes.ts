/** The processes of a run, and what the system says of them (Linux's `/proc`). */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { ClientMessage, Job, Outcome } from './scenarios.ts'

/** The kernel counts CPU time in these; 100 a second on every Linux that Node runs on. */
const ticksPerSecond = 100
const startWithin = 30_000
/** As the guide says that servers should be started: below that V8 does not collect old garbage, whereof pieces of bodies count as much as they have bytes. */
const initialHeap = '--initial-heap-size=64'
const running = new Set<ChildProcess>()

/** Whoever stops the bench stops what it started. */
export function stopAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

export class ServerProcess {
  readonly name: string
  readonly url: string
  readonly #child: ChildProcess

  private constructor(name: string, url: string, child: ChildProcess) {
    this.name = name
    this.url = url
    this.#child = child
  }

  /** Starts `file` on a free port of the loopback; resolves when it says where it listens. */
  static async start(name: string, file: string, held: number, sending?: number): Promise<ServerProcess> {
    // Whether glibc gives the memory of each piece back to the system, and takes it anew for the next, is chance: how its heap lies. It makes
    // a server that takes bytes up to twice as slow.
    const malloc = { MALLOC_TRIM_THRESHOLD_: String(512 * 1024 * 1024), MALLOC_TOP_PAD_: String(64 * 1024 * 1024) }
    const env = {
      ...malloc,
      ...process.env,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: '0',
      HELD: String(held),
      ...(sending !== undefined && { SENDING: String(sending) }),
    }
    const child = start(file, { env, execArgv: ['--expose-gc', initialHeap, ...process.execArgv] })
    const url = await new Promise<string>((resolve, reject) => {
      let text = ''
      child.stdout!.setEncoding('utf8').on('data', (more: string) => {
        text += more
        const found = /http:\/\/\S+(?=\n)/.exec(text)
        if (found !== null) resolve(found[0])
      })
      child.once('exit', () => reject(new Error(`${file} ended before it listened`)))
      setTimeout(() => reject(new Error(`${file} does not listen`)), startWithin).unref()
    })
    const { status } = await fetch(`${url}/counter`)
    if (status !== 200) throw new Error(`${url}/counter answered ${status}`)
    const server = new ServerProcess(name, url, child)
    // One that has lived for a while has collected garbage, after which V8 does so sooner; a fresh one may or may not have.
    await server.memory()
    return server
  }

  /** CPU time so far, of the user's and the system's side. */
  async cpuSeconds(): Promise<number> {
    const stat = await readFile(`/proc/${this.#child.pid}/stat`, 'latin1')
    // The name of the process, in parentheses, may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  }

  /** Resident memory in bytes, after the process has thrown away what it does not need. */
  async memory(): Promise<number> {
    this.#child.send('collect')
    await once(this.#child, 'message')
    const status = await readFile(`/proc/${this.#child.pid}/status`, 'latin1')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024
  }

  /** Has {@link peak} begin anew. */
  async forgetPeak(): Promise<void> {
    await writeFile(`/proc/${this.#child.pid}/clear_refs`, '5')
  }

  /** The most resident memory that it has had, in bytes. */
  async peak(): Promise<number> {
    const status = await readFile(`/proc/${this.#child.pid}/status`, 'latin1')
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) * 1024
  }

  /** How often its database was asked. */
  async asked(): Promise<number> {
    this.#child.send('asked')
    const [count] = (await once(this.#child, 'message')) as [number]
    return count
  }

  /** What it holds of its heap, in bytes, likewise: also what was freed is seen. */
  async heap(): Promise<number> {
    this.#child.send('collect')
    const [bytes] = (await once(this.#child, 'message')) as [number]
    return bytes
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exited
  }
}

export class ClientProcess {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** Resolves when the client is ready to go. */
  static async start(job: Job): Promise<ClientProcess> {
    const client = new ClientProcess(start('client.js', { execArgv: process.execArgv }))
    await client.#ask(job)
    return client
  }

  async go(): Promise<Outcome> {
    const message = await this.#ask('go')
    if (message.kind !== 'done') throw new Error('the client did not do its work')
    return message
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.send('stop')
    const [code] = (await exited) as [number | null]
    if (code !== 0) throw new Error(`the client ended with ${code}`)
  }

  #ask(request: Job | 'go'): Promise<ClientMessage> {
    return new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error('the client ended early'))
      this.#child.once('exit', onExit)
      this.#child.once('message', (message) => {
        this.#child.removeListener('exit', onExit)
        resolve(message as ClientMessage)
      })
      this.#child.send(request)
    })
  }
}

function start(
  file: string,
  options: { readonly env?: NodeJS.ProcessEnv; readonly execArgv: readonly string[] },
): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = fork(path, { ...options, execArgv: [...options.execArgv], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}
