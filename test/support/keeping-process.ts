/** The program of `keeping-server.ts` in a process of its own. Several may have the same `home`. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fetchPage, type Page, RawClient } from './raw-client.ts'

/** Where processes keep files, and save them. */
export class Home {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async make(): Promise<Home> {
    const path = await mkdtemp(join(tmpdir(), 'keeping-'))
    for (const folder of ['saved', 'tmp']) await mkdir(join(path, folder))
    return new Home(path)
  }

  get saved(): string {
    return join(this.path, 'saved')
  }

  /** Every file that is kept, but for what says that processes live. */
  async kept(): Promise<readonly string[]> {
    const found = await readdir(join(this.path, 'tmp'), { recursive: true, withFileTypes: true }).catch(
      // A folder may go while it is read.
      (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? undefined : Promise.reject(error)),
    )
    if (found === undefined) return this.kept()
    const isOfHolder = (name: string): boolean => name === 'lease' || name === 'watch'
    return found.filter((entry) => !entry.isDirectory() && !isOfHolder(entry.name)).map(({ name }) => name)
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true, force: true })
  }
}

export class KeepingProcess {
  readonly #child: ChildProcess
  readonly url: string
  output = ''

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
    child.stderr!.on('data', (data: Buffer) => (this.output += data.toString()))
  }

  static async start(program: string, home: Home, port = 0, env: NodeJS.ProcessEnv = {}): Promise<KeepingProcess> {
    const child = spawn(process.execPath, [program], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PORT: String(port), DEST: home.saved, TMPDIR: join(home.path, 'tmp'), ...env },
    })
    for await (const line of createInterface(child.stdout!)) return new KeepingProcess(child, line)
    throw new Error('the server did not begin')
  }

  get port(): number {
    return Number(new URL(this.url).port)
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGHUP' | 'SIGUSR2'): void {
    this.#child.kill(signal)
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill(signal)
    await ended
  }

  async visit(path = '/', cookie?: string): Promise<{ readonly page: Page; readonly client: RawClient }> {
    const page = await fetchPage(this.url + path, cookie)
    return { page, client: await RawClient.open(page) }
  }

  /** The same page, which finds its way here. */
  pageOf(page: Page): Page {
    return { ...page, url: page.url.replace(new URL(page.url).origin, new URL(this.url).origin) }
  }
}
