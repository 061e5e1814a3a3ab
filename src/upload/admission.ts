/**
 * What entries have of the process: who may send now, what a visitor may send a day, and what has room on the disk. One for all views of a
 * process, and each process counts for itself.
 */
import type { Timer } from '../time/timer.ts'
import type { DayBytes, Received } from './day-bytes.ts'
import { EntryPass, type PassOptions } from './entry-pass.ts'
import { FreeDisk } from './free-disk.ts'
import { Tally } from './tally.ts'
import { type SendingLimits, type Ticket, TurnQueue } from './turn-queue.ts'

export interface AdmissionLimits {
  /** Entries that are sent at once. */
  readonly maxSending: SendingLimits
  /** Bytes of one visitor within 24 hours. */
  readonly maxReceived: { readonly visitor: number }
  /** Bytes of the disk that stay free; 0: it is not looked at. */
  readonly minFree: number
}

export interface AdmissionHost {
  /** In ms; never goes back. */
  now(): number
  startTimer(ms: number, fire: () => void): Timer
  /** Bytes that are free where files are stored; `undefined` where nobody knows. */
  freeBytes(): Promise<number | undefined>
  report(error: unknown): void
}

/** Why a choice may not be sent. */
export type NotAdmitted =
  | { readonly limit: 'maxReceived'; readonly maxBytes: number; readonly resetsIn: number }
  | { readonly limit: 'minFree' }

/** What a choice would need. */
export interface Wanted {
  readonly visitorId: string
  readonly bytes: number
  /** They are stored on a disk of ours. */
  readonly onDisk: boolean
}

/** How often those that wait and those that send are looked at, in ms. */
const lookEvery = 1000
/** What telling one of its place takes, in ms: each is a render, and they may be many. */
const tellTime = 5

export class Admission {
  readonly #limits: AdmissionLimits
  readonly #host: AdmissionHost
  readonly #queue: TurnQueue
  readonly #received: DayBytes
  readonly #disk: FreeDisk
  /** Bytes that were granted and have not come, by visitor. */
  readonly #due = new Tally<string>()
  /** Those that have a turn or wait for one, by what they have of the queue. */
  readonly #passes = new Map<Ticket, EntryPass>()
  #timer: Timer | undefined
  #toldAt = -Infinity
  #arrived = 0
  #elsewhere = 0

  constructor(limits: AdmissionLimits, host: AdmissionHost, received: DayBytes) {
    this.#limits = limits
    this.#host = host
    this.#received = received
    this.#queue = new TurnQueue(limits.maxSending)
    this.#disk = new FreeDisk({ free: () => host.freeBytes(), now: () => host.now() }, limits.minFree)
  }

  get sending(): number {
    return this.#queue.sending
  }

  get waiting(): number {
    return this.#queue.waiting
  }

  /** Bytes that have come, of all visitors, since the process began. */
  get arrived(): number {
    return this.#arrived
  }

  /** Bytes that have gone elsewhere, as browsers say, since the process began. */
  get elsewhere(): number {
    return this.#elsewhere
  }

  /** Bytes that were granted for the disk, and have not come. */
  get due(): number {
    return this.#disk.due
  }

  /** Whether so much may be sent. `take`: called when it may, to make the passes: whoever asks next is told what is left then. */
  async admit({ visitorId, bytes, onDisk }: Wanted, take: () => void): Promise<NotAdmitted | undefined> {
    const room = onDisk && this.#limits.minFree > 0 ? await this.#disk.room() : Infinity
    const maxBytes = this.#limits.maxReceived.visitor
    const received = await this.#askFor(visitorId)
    // What others were granted meanwhile counts from here on.
    if (received.bytes + this.#due.of(visitorId) + bytes > maxBytes) {
      return { limit: 'maxReceived', maxBytes, resetsIn: received.resetsIn }
    }
    if (bytes > room) return { limit: 'minFree' }
    take()
    return undefined
  }

  /** What cannot be known keeps nobody out. */
  async #askFor(visitorId: string): Promise<Received> {
    try {
      return await this.#received.of(visitorId)
    } catch (error) {
      this.#host.report(error)
      return { bytes: 0, resetsIn: 0 }
    }
  }

  /** What an entry that may be sent has of the process, from its grant until it is done or gone. */
  pass(options: PassOptions): EntryPass {
    const { visitorId, onDisk } = options
    return new EntryPass(options, {
      now: () => this.#host.now(),
      startTimer: (ms, fire) => this.#host.startTimer(ms, fire),
      ask: (pass, turn) => {
        const ticket = this.#queue.ask(visitorId, options.view, turn)
        this.#passes.set(ticket, pass)
        if (ticket.state === 'waiting') this.#watch()
        return ticket
      },
      away: (ticket) => this.#queue.away(ticket),
      back: (ticket) => this.#queue.back(ticket),
      leave: (ticket) => {
        this.#passes.delete(ticket)
        this.#queue.leave(ticket)
      },
      waiting: () => this.#queue.waiting,
      came: (bytes) => {
        this.#arrived += bytes
        this.#received.add(visitorId, bytes)
      },
      expect: (bytes) => {
        this.#due.add(visitorId, bytes)
        if (onDisk) this.#disk.expect(bytes)
      },
    })
  }

  /** They count for no quota: nobody here has seen them. */
  sentElsewhere(bytes: number): void {
    this.#elsewhere += bytes
  }

  /** The process ends: nobody is looked at any more. */
  end(): void {
    this.#timer?.cancel()
  }

  #watch(): void {
    this.#timer ??= this.#host.startTimer(lookEvery, () => this.#look())
  }

  #look(): void {
    this.#timer = undefined
    for (const pass of [...this.#passes.values()]) pass.look()
    if (this.#queue.waiting === 0) return
    const now = this.#host.now()
    if (now - this.#toldAt >= this.#queue.waiting * tellTime) {
      this.#toldAt = now
      let place = 0
      for (const ticket of [...this.#queue.inOrder()]) this.#passes.get(ticket)?.placed(++place)
    }
    this.#watch()
  }
}
