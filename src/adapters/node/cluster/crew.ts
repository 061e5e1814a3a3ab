/** The workers of a primary: starts them, starts one again that has ended, and carries what they say to each other. */
import cluster, { type Worker as Process } from 'node:cluster'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { LiveError, type LiveErrorCode } from '../../../errors.ts'
import type { DrainOptions } from '../../../server/drain.ts'
import { HandedSockets } from './handed-sockets.ts'
import { Hub, type Member } from './hub.ts'
import { type FromPrimary, type FromWorker, type Question, unwrap, wrap } from './messages.ts'
import { Places } from './places.ts'
import { quiet } from './quiet-socket.ts'
import { SlowLine } from './slow-line.ts'
import { type Post, postVariable } from './worker.ts'

/** One that ends sooner than this after its start waits before the next, in ms; longer with each. */
const soon = 10_000
const firstPause = 100
const longestPause = 30_000
/** How long a worker may take to end beside its own `closeTimeout`, in ms. */
const margin = 5000

/** In MB: below that V8 does not collect old garbage. Its own limit is about the heap of a small server, and pieces of bodies count as much as they have bytes. */
const initialHeap = 64

/** Of the workers that are started from now on, unless the program says itself what they have. */
function setHeap(): void {
  const given = cluster.settings.execArgv ?? process.execArgv
  if (given.some((option) => option.startsWith('--initial-heap-size'))) return
  cluster.setupPrimary({ execArgv: [...given, `--initial-heap-size=${initialHeap}`] })
}

interface Hand extends Member {
  readonly slot: number
  readonly process: Process
  readonly line: SlowLine
  readonly sockets: HandedSockets
  readonly startedAt: number
  readonly ended: Promise<number>
  url: string | undefined
  drained: () => void
}

export class Crew {
  readonly hub: Hub = new Hub()
  readonly #count: number
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'liveloom-'))
  readonly #places: Places
  readonly #hands = new Map<number, Hand>()
  /** How often in a row one has ended soon. */
  readonly #falls = new Map<number, number>()
  readonly #pauses = new AbortController()
  /** What is left of the start. */
  #start: { readonly done: (url: string) => void; readonly failed: (error: LiveError) => void } | undefined
  #leaving = false

  constructor(count: number) {
    this.#count = count
    this.#places = new Places(count)
  }

  /**
   * Resolves to the address when all listen.
   *
   * @throws {LiveError} What one of them has failed with; `ERR_WORKER` when it has ended without a word. None is left then.
   */
  async start(): Promise<string> {
    try {
      return await new Promise<string>((done, failed) => {
        this.#start = { done, failed }
        // Workers take connections by themselves. Given to one that is killed before it has looked at it, a connection would stay open and unanswered.
        cluster.schedulingPolicy = cluster.SCHED_NONE
        setHeap()
        for (let slot = 0; slot < this.#count; slot++) this.#fork(slot)
      })
    } catch (error) {
      await this.signal('SIGKILL')
      throw error
    }
  }

  /** New visitors may come. */
  get ready(): boolean {
    return !this.#leaving && this.#start === undefined && this.#places.up.length > 0
  }

  async drain(options: DrainOptions): Promise<void> {
    await Promise.all(
      this.#leave().map((hand) => {
        const drained = new Promise<void>((resolve) => (hand.drained = resolve))
        this.#order(hand, { kind: 'drain', options })
        return Promise.race([drained, hand.ended])
      }),
    )
  }

  /** Resolves to how many have ended badly. Those that take longer than `timeout` ms are killed. */
  async close(timeout: number): Promise<number> {
    for (const hand of this.#leave()) this.#order(hand, { kind: 'close' })
    const killer = setTimeout(() => void this.signal('SIGKILL'), timeout + margin)
    const bad = await this.#allEnded()
    clearTimeout(killer)
    return bad
  }

  /** They do what they would do by themselves. Resolves to how many have ended badly. */
  signal(signal: NodeJS.Signals): Promise<number> {
    for (const { process } of this.#leave()) process.process.kill(signal)
    return this.#allEnded()
  }

  #leave(): readonly Hand[] {
    this.#leaving = true
    this.#pauses.abort()
    return [...this.#hands.values()]
  }

  /** One that does not listen yet may not hear it, and nobody is there: it ends. */
  #order(hand: Hand, message: FromPrimary): void {
    if (hand.url === undefined) hand.process.process.kill()
    else this.#tell(hand, message)
  }

  async #allEnded(): Promise<number> {
    const codes = await Promise.all([...this.#hands.values()].map(({ ended }) => ended))
    rmSync(this.#folder, { recursive: true, force: true })
    return codes.filter((code) => code !== 0).length
  }

  #fork(slot: number): void {
    const post: Post = { slot, count: this.#count, folder: this.#folder }
    const worker = cluster.fork({ [postVariable]: JSON.stringify(post) })
    const line = new SlowLine(
      (payload, taken) => this.#tell(hand, { kind: 'message', payload }, undefined, taken),
      () => this.#tell(hand, { kind: 'gap' }),
    )
    const ended = new Promise<number>((resolve) => {
      worker.once('exit', (code, signal) => {
        // One that was told to leave before it listened may have ended of the signal itself: nobody was there.
        const unused = this.#leaving && hand.url === undefined
        resolve(signal === null ? code : unused ? 0 : 1)
        this.#ended(hand, signal ?? `the exit code ${code}`)
      })
    })
    const hand: Hand = {
      ...{ slot, process: worker, line, ended, startedAt: performance.now(), url: undefined },
      sockets: new HandedSockets(),
      hear: (payload) => line.hear(payload),
      drained: () => {},
    }
    this.#hands.set(slot, hand)
    // The last of what it has said has been heard then.
    worker.process.once('close', () => {
      for (const { visitor, head, socket } of hand.sockets.end()) this.#handOn(hand, { visitor, head }, socket)
    })
    // What is told to one that has just ended; that it has comes by itself.
    worker.on('error', () => {})
    worker.on('message', (received: unknown, socket?: Socket) => {
      // The other end is of this program.
      const message = unwrap(received) as FromWorker | undefined
      if (message !== undefined) this.#hear(hand, message, socket)
    })
  }

  #hear(hand: Hand, message: FromWorker, socket: Socket | undefined): void {
    switch (message.kind) {
      case 'question':
        return void this.#answer(hand, message.question).then((value) =>
          this.#tell(hand, { kind: 'answer', id: message.id, value }),
        )
      case 'socket':
        return this.#handOn(hand, message, socket)
      case 'taken':
        return hand.sockets.taken(message.id)
      case 'drained':
        return hand.drained()
      case 'failed':
        return this.#start?.failed(new LiveError((message.code ?? 'ERR_WORKER') as LiveErrorCode, message.message))
      case 'listening':
        return this.#listens(hand, message.url)
    }
  }

  async #answer(hand: Hand, question: Question): Promise<number> {
    if (question.kind === 'publish') await this.hub.publish(hand, question.topic, question.payload)
    else if (question.kind === 'subscribe') this.hub.subscribe(hand, question.topics)
    else if (question.kind === 'unsubscribe') this.hub.unsubscribe(hand, question.topics)
    else return this.#places.of(question.visitor) ?? hand.slot
    return 0
  }

  #handOn(from: Hand, { visitor, head }: { visitor: string; head: string }, socket: Socket | undefined): void {
    if (socket === undefined) return
    const to = this.#hands.get(this.#places.of(visitor) ?? from.slot) ?? from
    const id = to.sockets.add({ visitor, head, socket: quiet(socket) })
    this.#tell(to, { kind: 'socket', id, head }, socket)
  }

  #listens(hand: Hand, url: string): void {
    hand.url = url
    this.#places.started(hand.slot)
    this.#tellCrew()
    if (this.#start === undefined || this.#places.up.length < this.#count) return
    this.#start.done(url)
    this.#start = undefined
  }

  #ended(hand: Hand, how: string): void {
    const { slot, process: worker } = hand
    hand.line.end()
    this.hub.left(hand)
    this.#places.ended(slot)
    if (this.#leaving) return
    this.#hands.delete(slot)
    this.#tellCrew()
    if (this.#start !== undefined) {
      const message = `serve: a worker has ended before it listened, with ${how}`
      return this.#start.failed(new LiveError('ERR_WORKER', message))
    }
    const falls = performance.now() - hand.startedAt < soon ? (this.#falls.get(slot) ?? 0) + 1 : 0
    this.#falls.set(slot, falls)
    const pause = falls === 0 ? 0 : Math.min(firstPause * 2 ** (falls - 1), longestPause)
    process.stderr.write(
      `serve: worker ${slot} (process ${worker.process.pid}) ended with ${how}; another is started\n`,
    )
    void delay(pause, undefined, { signal: this.#pauses.signal }).then(
      () => this.#fork(slot),
      () => {},
    )
  }

  #tellCrew(): void {
    const { up, steady } = this.#places
    for (const hand of this.#hands.values()) this.#tell(hand, { kind: 'crew', up, steady })
  }

  #tell({ process: worker }: Hand, message: FromPrimary, socket?: Socket, sent?: () => void): void {
    if (worker.isConnected()) worker.process.send(wrap(message), socket, { keepOpen: true }, () => sent?.())
    else sent?.()
  }
}
