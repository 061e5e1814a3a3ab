/** The processes of clients of one run: how the work is shared between them, and what they say together. */
import { Program } from './asks.ts'
import type { Answers } from './client.ts'
import type { CameBack } from './come-backs.ts'

/** One process may not have files for all, and one core not the time. */
const processes = 3

export class Clients {
  readonly #programs: readonly Program<Answers>[]

  private constructor(programs: readonly Program<Answers>[]) {
    this.#programs = programs
  }

  static async start(): Promise<Clients> {
    return new Clients(await Promise.all(Array.from({ length: processes }, () => Program.start<Answers>('client'))))
  }

  /** Gives how long it took until all were open, in ms. */
  async open(urls: readonly string[], count: number): Promise<number> {
    return Math.max(...(await this.#all((program, at) => program.ask('open', { urls, count: share(count, at) }))))
  }

  /** So many of them click once a second each; they are spread over all. Gives how long each answer took. */
  async click(active: number, ms: number): Promise<readonly number[]> {
    return (await this.#all((program, at) => program.ask('click', { active: share(active, at), ms }))).flat()
  }

  async heard(stamp: string): Promise<readonly number[]> {
    return (await this.#all((program) => program.ask('heard', stamp))).flat()
  }

  async comeBackTo(to: string): Promise<void> {
    await this.#all((program) => program.ask('comeBackTo', to))
  }

  async back(): Promise<CameBack> {
    const all = await this.#all((program) => program.ask('back'))
    const refused: Record<string, number> = {}
    for (const one of all)
      for (const [why, times] of Object.entries(one.refused)) refused[why] = (refused[why] ?? 0) + times
    return {
      at: all.flatMap(({ at }) => at),
      joins: all.flatMap(({ joins }) => joins),
      failed: all.reduce((sum, { failed }) => sum + failed, 0),
      refused,
    }
  }

  async cpuSeconds(): Promise<number> {
    return (await this.#all((program) => program.ask('figures'))).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
  }

  async close(): Promise<void> {
    await this.#all((program) => program.ask('close'))
  }

  async end(): Promise<void> {
    await this.#all((program) => program.end('SIGKILL'))
  }

  #all<Value>(ask: (program: Program<Answers>, at: number) => Promise<Value>): Promise<readonly Value[]> {
    return Promise.all(this.#programs.map(ask))
  }
}

function share(count: number, at: number): number {
  return Math.floor(((at + 1) * count) / processes) - Math.floor((at * count) / processes)
}
