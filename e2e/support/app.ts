/** A server process under test, with folders of its own, that can be ended in every way and started again at its address. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { endedOwner } from '../../test/support/ended-owner.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
export const ownApp = join(repository, 'e2e/apps/server.ts')
/** What `build-app.ts` makes of it, where it can find the package. */
export const builtApp = join(repository, 'test-results/apps/server.mjs')

export class App {
  /** The home of the app's files: `saved` is where it saves, `tmp` its temporary folder, `chosen` for what tests choose. */
  readonly home: string
  /** What it runs, and where. */
  readonly #program: string
  readonly #cwd: string
  readonly #env: Readonly<Record<string, string>>
  readonly #secret = randomBytes(32).toString('base64url')
  #process: ChildProcess | undefined
  #port = 0
  #output = ''

  private constructor(home: string, program: string, cwd: string, env: Readonly<Record<string, string>> = {}) {
    this.#env = env
    this.home = home
    this.#program = program
    this.#cwd = cwd
  }

  /** `env`: what its process is told. */
  static async create(env: Readonly<Record<string, string>> = {}): Promise<App> {
    return new App(await createHome(tmpdir()), builtApp, process.cwd(), env)
  }

  /** The example `name`, in a copy of its own: it saves beside its program. The copy is where it can find the package. */
  static async createExample(name: string, env: Readonly<Record<string, string>> = {}): Promise<App> {
    const parent = join(repository, 'test-results')
    await mkdir(parent, { recursive: true })
    const home = await createHome(parent)
    const copy = join(home, name)
    await cp(join(repository, 'examples', name), copy, {
      recursive: true,
      filter: (path: string) => !/\/(?:public|albums\.json|\.liveloom)$/.test(path),
    })
    return new App(home, join(copy, 'server.ts'), copy, env)
  }

  get port(): number {
    return this.#port
  }

  get url(): string {
    return `http://localhost:${this.#port}`
  }

  /** What the process printed to its standard error. */
  get output(): string {
    return this.#output
  }

  /** Starts the process; at the address that it had before, if there was one. `maxWrite` is its limit for one file, in KiB. */
  /** `losesViews`: they end with their connections. */
  async start({ maxWrite }: { readonly maxWrite?: number } = {}, losesViews = false): Promise<void> {
    const limit = maxWrite === undefined ? '' : `ulimit -f ${maxWrite}; `
    const loader = this.#program.endsWith('.ts') ? 'tsx' : 'data:text/javascript,'
    const child = spawn(
      'bash',
      ['-c', `${limit}exec "$0" --import "$1" "$2"`, process.execPath, loader, this.#program],
      {
        cwd: this.#cwd,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          // As it ships: what development shows over a page would stand in the way. `development.test.ts` has that.
          NODE_ENV: 'production',
          HOST: 'localhost',
          PORT: String(this.#port),
          LIVELOOM_SECRET: this.#secret,
          TMPDIR: this.#folder('tmp'),
          FILES: this.#folder('saved'),
          // Its cache would lie in the temporary folder.
          TSX_DISABLE_CACHE: '1',
          FORCE_COLOR: '0',
          LOSES_VIEWS: losesViews ? 'yes' : 'no',
          ...this.#env,
        },
      },
    )
    this.#process = child
    child.stderr.on('data', (data: Buffer) => (this.#output += data.toString()))
    const ready = addressIn(child.stdout)
    const ended = once(child, 'exit').then(([code]: unknown[]) => {
      throw new Error(`the app ended with ${String(code)}:\n${this.#output}`)
    })
    // Once it has started, its end is awaited by `end`.
    ended.catch(() => {})
    const url = await Promise.race([ready, ended])
    this.#port = Number(new URL(url).port)
  }

  /** Ends the process and resolves to its exit code, null when the signal did it. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined) return 0
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const exit = once(child, 'exit')
    child.kill(signal)
    const [code] = (await exit) as [number | null]
    return code
  }

  /** Another process of the same app, with the same temporary folder, at an address of its own. */
  sibling(): App {
    return new App(this.home, this.#program, this.#cwd)
  }

  async remove(): Promise<void> {
    await rm(this.home, { recursive: true, force: true })
  }

  /** Everything in the app's temporary folder, by path. */
  async temporary(): Promise<readonly string[]> {
    return listBelow(this.#folder('tmp'))
  }

  /** The files that uploads wait in, by path. */
  async unfinished(): Promise<readonly string[]> {
    const ofUploads = /liveloom-(?:[^/]+\/[0-9a-f]{24}|uploads-.*\.(?:part|done|busy|again|last))$/
    return (await this.temporary()).filter((path) => ofUploads.test(path))
  }

  /** Leaves an upload as a process does that was killed. */
  async abandonUpload(): Promise<void> {
    const folder = join(this.#folder('tmp'), 'liveloom-killed')
    await mkdir(folder, { mode: 0o700 })
    await writeFile(join(folder, randomBytes(12).toString('hex')), 'half a file', { mode: 0o600 })
    await writeFile(join(folder, 'lease'), JSON.stringify({ owner: endedOwner() }), { mode: 0o600 })
  }

  /** Bytes of memory that the process holds now, and that it held at most since `forgetPeak`. */
  async memory(): Promise<{ readonly now: number; readonly peak: number }> {
    const status = await readFile(`/proc/${this.#process!.pid}/status`, 'utf8')
    const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)![1])
    return { now: kilobytes('VmRSS') * 1024, peak: kilobytes('VmHWM') * 1024 }
  }

  async forgetPeak(): Promise<void> {
    await writeFile(`/proc/${this.#process!.pid}/clear_refs`, '5')
  }

  async savedFile(name: string): Promise<Buffer> {
    return readFile(join(this.#folder('saved'), name))
  }

  async savedNames(): Promise<readonly string[]> {
    return readdir(this.#folder('saved'))
  }

  /** Puts a file on the disk that a test can choose. */
  async write(name: string, content: Buffer): Promise<string> {
    const path = join(this.#folder('chosen'), name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
    return path
  }

  /** The same with a large file, whose bytes are all zero and take no time to write. */
  async writeZeros(name: string, size: number): Promise<string> {
    const path = await this.write(name, Buffer.alloc(0))
    await truncate(path, size)
    return path
  }

  #folder(name: 'saved' | 'tmp' | 'chosen'): string {
    return join(this.home, name)
  }
}

/** The folders and files below a folder, some of which may go while they are listed. */
async function listBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const paths: string[] = []
  for (const entry of entries) {
    const path = join(folder, entry.name)
    paths.push(path)
    if (entry.isDirectory()) paths.push(...(await listBelow(path)))
  }
  return paths
}

async function createHome(parent: string): Promise<string> {
  const home = await mkdtemp(join(parent, 'browser-test-'))
  for (const folder of ['saved', 'tmp', 'chosen']) await mkdir(join(home, folder))
  return home
}

/** The first address that the process prints. */
async function addressIn(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(output)) {
    const address = /http:\/\/\S+/.exec(line)?.[0]
    if (address !== undefined) return address
  }
  throw new Error('the app printed no address')
}
