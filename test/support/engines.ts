/** Real engines of publish and subscribe: each a server in a process of its own, in a folder of its own, that tests kill and start again. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

interface Program {
  readonly command: string
  readonly args: (port: number, folder: string) => readonly string[]
  /** What it says when it is there. */
  readonly ready: RegExp
  /** What is done once in its folder. */
  readonly prepare?: (folder: string) => void
  /** Whom it runs as. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
}

const programs = {
  redis: {
    command: 'redis-server',
    args: (port, folder) => [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'],
      // A subscriber that does not read is cut sooner than by default.
      ...['--client-output-buffer-limit', 'pubsub', '2mb', '0', '0'],
    ],
    ready: /Ready to accept connections/,
  },
  nats: {
    command: 'nats-server',
    args: (port) => ['--addr', '127.0.0.1', '--port', String(port)],
    ready: /Server is ready/,
  },
  postgres: {
    command: 'postgres',
    args: (port, folder) => [
      ...['-D', join(folder, 'data'), '-p', String(port), '-c', 'listen_addresses=127.0.0.1'],
      ...['-c', 'unix_socket_directories=', '-c', 'fsync=off'],
    ],
    ready: /ready to accept connections/,
    prepare: (folder) => {
      const user = unprivileged()
      if (user !== undefined) chownSync(folder, user.uid, user.gid)
      const args = ['-D', join(folder, 'data'), '-A', 'trust', '-U', 'live', '-E', 'UTF8', '--locale=C', '--no-sync']
      execFileSync(find('initdb')!, args, { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
    },
    get user() {
      return unprivileged()
    },
  },
} satisfies Record<string, Program>

export type EngineName = keyof typeof programs

/** Whether this machine has it. */
export function hasEngine(name: EngineName): boolean {
  return find(programs[name].command) !== undefined
}

export class EngineProcess {
  readonly #program: Program
  readonly #folder: string
  readonly port: number
  #child: ChildProcess | undefined

  private constructor(program: Program, port: number) {
    this.#program = program
    this.port = port
    this.#folder = mkdtempSync(join(tmpdir(), 'engine-'))
  }

  static async start(name: EngineName): Promise<EngineProcess> {
    const engine = new EngineProcess(programs[name], await freePort())
    engine.#program.prepare?.(engine.#folder)
    await engine.start()
    return engine
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    if (this.#child !== undefined) return
    const { command, args, ready, user } = this.#program
    const child = spawn(find(command)!, args(this.port, this.#folder), {
      ...user,
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    const killed = (): void => {
      child.kill('SIGKILL')
      rmSync(this.#folder, { recursive: true, force: true })
    }
    process.once('exit', killed)
    child.once('exit', () => process.off('exit', killed))
    let said = ''
    const isReady = new Promise<boolean>((resolve) => {
      const hear = (data: Buffer): void => {
        said += data.toString()
        if (ready.test(said)) resolve(true)
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.once('exit', () => resolve(false))
    })
    if (!(await isReady)) throw new Error(`${command} did not begin:\n${said}`)
  }

  /** Resolves when it has ended, without a word to anybody. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    this.#child = undefined
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Where Debian has them, beside where everybody looks. */
function find(command: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', ...postgresFolders()]
  return folders.map((folder) => join(folder, command)).find((path) => existsSync(path))
}

function postgresFolders(): readonly string[] {
  const all = '/usr/lib/postgresql'
  return existsSync(all) ? readdirSync(all).map((version) => join(all, version, 'bin')) : []
}

/** Postgres refuses to run as root. */
function unprivileged(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number }
      server.close(() => resolve(port))
    })
  })
}
