/** An application whose files a test changes while it runs under a watcher, as a developer does. */
import { test as base, expect } from '@playwright/test'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** How a developer runs an application so that it starts again on a save. */
export const watchers = {
  'node --watch': ['--watch', '--watch-preserve-output', '--import', 'tsx', 'server.ts'],
  'tsx watch': [join(repository, 'node_modules/tsx/dist/cli.mjs'), 'watch', '--clear-screen=false', 'server.ts'],
} as const

export type Watcher = keyof typeof watchers
type Environment = 'development' | 'production'

interface Fixtures {
  /** Where the application is, from the root of the repository. */
  readonly folder: string
  readonly watcher: Watcher
  readonly environment: Environment
  /** How many processes it has: `undefined` for one without a primary. */
  readonly workers: number | undefined
  readonly app: WatchedApp
}

/** Tests with an application of their own that runs under a watcher. */
export const test = base.extend<Fixtures>({
  folder: ['e2e/apps/development', { option: true }],
  watcher: ['node --watch', { option: true }],
  environment: ['development', { option: true }],
  workers: [undefined, { option: true }],
  app: async ({ folder, watcher, environment, workers }, use, testInfo) => {
    const app = await WatchedApp.start(folder, watcher, environment, workers)
    try {
      await expect.poll(() => app.starts, { message: 'the application starts', timeout: 30_000 }).toBe(1)
      await use(app)
    } finally {
      if (testInfo.status !== testInfo.expectedStatus) await testInfo.attach('app', { body: app.output })
      await app.end()
    }
  },
  baseURL: async ({ app }, use) => use(app.url),
})

export { expect }

export class WatchedApp {
  readonly #home: string
  readonly #process: ChildProcess
  readonly url: string
  #output = ''
  #starts = 0

  private constructor(home: string, child: ChildProcess, url: string) {
    this.#home = home
    this.#process = child
    this.url = url
    child.stderr!.on('data', (data: Buffer) => (this.#output += data.toString()))
    createInterface(child.stdout!).on('line', (line) => {
      this.#output += `${line}\n`
      if (line.endsWith(url)) this.#starts++
    })
  }

  /** Runs a copy of the application in `folder`, where it can find the package. */
  static async start(
    folder: string,
    watcher: Watcher,
    environment: Environment,
    workers?: number,
  ): Promise<WatchedApp> {
    const parent = join(repository, 'test-results')
    await mkdir(parent, { recursive: true })
    const home = await mkdtemp(join(parent, 'watched-'))
    await cp(join(repository, folder), home, { recursive: true })
    const port = await freePort()
    const child = spawn(process.execPath, watchers[watcher], {
      cwd: home,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that the process under the watcher ends with it.
      detached: true,
      env: {
        ...process.env,
        NODE_ENV: environment,
        HOST: 'localhost',
        PORT: String(port),
        LIVELOOM_SECRET: environment === 'production' ? 'a secret for a server in production' : '',
        FORCE_COLOR: '0',
        ...(workers !== undefined && { WORKERS: String(workers) }),
      },
    })
    return new WatchedApp(home, child, `http://localhost:${port}`)
  }

  /** How often it has come up. */
  get starts(): number {
    return this.#starts
  }

  get output(): string {
    return this.#output
  }

  /** Saves `file` with something else in it. */
  async edit(file: string, from: string, to: string): Promise<void> {
    const path = join(this.#home, file)
    const text = await readFile(path, 'utf8')
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
    await writeFile(path, text.replace(from, to))
  }

  async end(): Promise<void> {
    const { pid, exitCode } = this.#process
    if (pid !== undefined && exitCode === null) {
      const exit = once(this.#process, 'exit')
      process.kill(-pid, 'SIGKILL')
      await exit
    }
    await rm(this.#home, { recursive: true, force: true })
  }
}

/** A port that stays the same while the application is started again. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
