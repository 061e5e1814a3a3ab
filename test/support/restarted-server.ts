/** A server in a process of its own that tests end in bad ways, and start again at the same port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fetchPage, type Page, RawClient, type RawView } from './raw-client.ts'

export class RestartedServer {
  readonly #program: string
  readonly #env: Readonly<Record<string, string>>
  #child: ChildProcess | undefined
  #port = 0
  /** What it has reported, in all of its lives. */
  output = ''

  private constructor(program: string, env: Readonly<Record<string, string>>) {
    this.#program = program
    this.#env = env
  }

  /** `program`: takes its port from `PORT`, and prints its address. */
  static async start(program: string, env: Readonly<Record<string, string>>): Promise<RestartedServer> {
    const server = new RestartedServer(program, env)
    await server.start()
    return server
  }

  get url(): string {
    return `http://localhost:${this.#port}`
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [this.#program], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#env, PORT: String(this.#port) },
    })
    this.#child = child
    child.stderr.on('data', (data: Buffer) => (this.output += data.toString()))
    for await (const line of createInterface(child.stdout)) {
      this.#port = Number(new URL(line).port)
      return
    }
    throw new Error(`the server did not begin:\n${this.output}`)
  }

  /** Resolves when its process has ended. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    this.#child = undefined
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  /** Frozen, it reads nothing and says nothing; its connections stay. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal)
  }

  async visit(path = '/'): Promise<{ page: Page; client: RawClient }> {
    const page = await fetchPage(this.url + path)
    return { page, client: await RawClient.open(page) }
  }

  /** The page joins again. `sending`: the refs of the files that it is sending. */
  async comeBack(page: Page, sending: readonly string[]): Promise<RawView> {
    const client = await RawClient.open(page)
    return client.rejoinView(page, { liveloomFilesBack: true, liveloomHttpUploads: sending })
  }
}
