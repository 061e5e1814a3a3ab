/** What one process of a run asks of another, over Node's channel: by name, with what it is given, and each is answered once. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

type Answers = Readonly<Record<string, (given: never) => unknown>>

interface Ask {
  readonly id: number
  readonly what: string
  readonly given: unknown
}

interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

const startWithin = 30_000
const running = new Set<ChildProcess>()

/** Whoever stops the bench stops what it started. */
export function stopAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** A process that was started, and answers what `All` names. */
export class Program<All extends Answers> {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #asked = 0

  private constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer)
      this.#waiting.delete(answer.id)
    })
    child.once('exit', (code, signal) => {
      running.delete(child)
      const error = `it has ended (${signal ?? code})`
      for (const [id, settle] of this.#waiting) settle({ id, error })
    })
  }

  /** Starts `file`; resolves when it answers. */
  static async start<All extends Answers>(file: string, env: NodeJS.ProcessEnv = {}): Promise<Program<All>> {
    const path = fileURLToPath(new URL(`${file}.js`, import.meta.url))
    const execArgv = ['--expose-gc', ...process.execArgv]
    const child = fork(path, { env: { ...process.env, NODE_ENV: 'production', ...env }, execArgv })
    running.add(child)
    const program = new Program<All>(child)
    const timer = setTimeout(() => child.kill('SIGKILL'), startWithin)
    // The first that it says is that it is there.
    await program.#answer(0)
    clearTimeout(timer)
    return program
  }

  async ask<Name extends keyof All & string>(
    what: Name,
    given?: Parameters<All[Name]>[0],
  ): Promise<Awaited<ReturnType<All[Name]>>> {
    const id = ++this.#asked
    this.#child.send({ id, what, given } satisfies Ask)
    return (await this.#answer(id)) as Awaited<ReturnType<All[Name]>>
  }

  /** Resolves when it has ended. */
  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill(signal)
    await ended
  }

  #answer(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ value, error }) => (error === undefined ? resolve(value) : reject(new Error(error))))
    })
  }
}

/** The other side: says that the process is there, and answers from then on. */
export function answerAsks(answers: Answers): void {
  const say = (answer: Answer): void => void process.send!(answer)
  process.on('message', ({ id, what, given }: Ask) => {
    void (async () => answers[what]!(given as never))().then(
      (value) => say({ id, value }),
      (error: unknown) => say({ id, error: `${what}: ${error instanceof Error ? error.stack : String(error)}` }),
    )
  })
  process.once('disconnect', () => process.exit(0))
  say({ id: 0 })
}
