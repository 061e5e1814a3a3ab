/**
 * What this process has published and the engine does not have yet. Of each topic one payload is under way at a time, and what is published
 * meanwhile goes together in the next: so its messages stay in order, and what may have arrived can be sent again without a second arrival,
 * by the same number.
 */
import { describe, LiveError } from '../errors.ts'
import { utf8Size } from '../protocol/utf8-size.ts'
import { publish } from '../telemetry/measure.ts'
import type { EngineDriver } from './driver.ts'
import type { EngineSettings } from './engine-options.ts'
import { encodeEnvelope, ownTopic } from './envelope.ts'

/** Messages that wait are put together up to so many bytes. */
const maxBatch = 64 * 1024
/** What a message that waits costs beside its bytes, about. */
const overhead = 200
/** How long after a failure it is tried again while the engine seems to be there, in ms. */
const pause = 250

interface Waiting {
  readonly message: string
  readonly bytes: number
  readonly resolve: () => void
  readonly reject: (error: LiveError) => void
}

interface Lane {
  readonly waiting: Waiting[]
  underWay: readonly Waiting[]
  sending: boolean
}

export class Outbox {
  readonly #driver: EngineDriver
  readonly #settings: EngineSettings
  readonly #sender: string
  readonly #roomOf: (topic: string) => number
  readonly #lanes = new Map<string, Lane>()
  /** Payloads that were sent. */
  #number = 0
  #held = 0
  /** `undefined`: it has not been there yet, and not failed to be. */
  #able: boolean | undefined
  #closed = false
  /** Those that wait to try again. */
  readonly #hoping = new Set<() => void>()

  /** `roomOf`: bytes of a topic's messages that one payload has room for. */
  constructor(driver: EngineDriver, settings: EngineSettings, sender: string, roomOf: (topic: string) => number) {
    this.#driver = driver
    this.#settings = settings
    this.#sender = sender
    this.#roomOf = roomOf
  }

  /**
   * Resolves when the engine has the message.
   *
   * @param message As JSON.
   */
  send(topic: string, message: string): Promise<void> {
    const refuse = (error: LiveError): Promise<void> => {
      this.#dropped(topic, error)
      return Promise.reject(error)
    }
    if (this.#closed) return refuse(this.#failure('ERR_PUBSUB_CLOSED', topic, 'was closed'))
    const { whileAway, maxWaiting } = this.#settings
    if (this.#able === false && whileAway === 'reject') return refuse(this.#away(topic, undefined))
    const bytes = utf8Size(message) + overhead
    if (this.#held + bytes > maxWaiting) {
      const why = `takes what is published too slowly: ${maxWaiting} bytes wait (maxWaiting)`
      return refuse(this.#failure('ERR_PUBSUB_FULL', topic, why))
    }
    if (this.#able === false && this.#tells(topic)) {
      publish('pubsub', () => ({ engine: this.#driver.name, what: 'queued', topic }))
    }
    this.#held += bytes
    let lane = this.#lanes.get(topic)
    if (lane === undefined) this.#lanes.set(topic, (lane = { waiting: [], underWay: [], sending: false }))
    const { waiting } = lane
    const sent = new Promise<void>((resolve, fail) => {
      let isOpen = true
      const reject = (error: LiveError): void => {
        // One that was given up is rejected once more when its payload fails.
        if (isOpen) this.#dropped(topic, error)
        isOpen = false
        fail(error)
      }
      waiting.push({ message, bytes, resolve, reject })
    })
    if (!lane.sending) void this.#work(topic, lane)
    return sent
  }

  /** Whether what is sent now can reach the engine. */
  sends(able: boolean): void {
    if (this.#able === able) return
    // That it is there for the first time is nothing to tell.
    if (!able || this.#able === false) {
      publish('pubsub', () => ({ engine: this.#driver.name, what: able ? 'back' : 'away' }))
    }
    this.#able = able
    if (able) {
      this.#tryAgain()
      for (const [topic, lane] of this.#lanes) if (!lane.sending) void this.#work(topic, lane)
    } else if (this.#settings.whileAway === 'reject') this.#giveUp((topic) => this.#away(topic, undefined))
  }

  /** What waits is rejected, and what is under way, which may still arrive. */
  close(): void {
    this.#closed = true
    this.#giveUp((topic) => this.#failure('ERR_PUBSUB_CLOSED', topic, 'was closed'))
    this.#tryAgain()
  }

  async #work(topic: string, lane: Lane): Promise<void> {
    lane.sending = true
    while (lane.waiting.length > 0 && this.#able === true) {
      const batch = (lane.underWay = this.#take(topic, lane))
      const messages = batch.map(({ message }) => message)
      const payload = encodeEnvelope(this.#sender, ++this.#number, topic, messages)
      const failure = await this.#deliver(topic, payload)
      for (const { bytes, resolve, reject } of batch) {
        this.#held -= bytes
        if (failure === undefined) resolve()
        else reject(failure)
      }
    }
    lane.underWay = []
    lane.sending = false
    if (lane.waiting.length === 0) this.#lanes.delete(topic)
  }

  #take(topic: string, lane: Lane): readonly Waiting[] {
    const { waiting } = lane
    // Which is what one alone may have too.
    let room = Math.min(maxBatch, this.#roomOf(topic)) + overhead
    let count = 0
    while (count < waiting.length && (room -= waiting[count]!.bytes) >= 0) count++
    return waiting.splice(0, Math.max(count, 1))
  }

  /** `undefined`: the engine has it. */
  async #deliver(topic: string, payload: string): Promise<LiveError | undefined> {
    for (;;) {
      try {
        await this.#driver.send(topic, payload)
        return undefined
      } catch (cause) {
        if (this.#driver.refused(cause)) return this.#failure('ERR_PUBSUB_REFUSED', topic, 'has refused it', cause)
        if (this.#closed) return this.#failure('ERR_PUBSUB_CLOSED', topic, 'was closed', cause)
        if (this.#settings.whileAway === 'reject') return this.#away(topic, cause)
        await this.#hope()
        if (this.#closed) return this.#failure('ERR_PUBSUB_CLOSED', topic, 'was closed', cause)
      }
    }
  }

  /** Until the engine is back, or, when it has never been away, a moment. */
  #hope(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#able === true) this.#driver.startTimer(pause, resolve)
      else this.#hoping.add(resolve)
    })
  }

  #tryAgain(): void {
    for (const resolve of this.#hoping) resolve()
    this.#hoping.clear()
  }

  /** A client may hold on to what is under way for as long as the engine is away. The next is sent behind it anyway. */
  #giveUp(failure: (topic: string) => LiveError): void {
    for (const [topic, lane] of this.#lanes) {
      for (const { reject } of lane.underWay) reject(failure(topic))
      for (const { bytes, reject } of lane.waiting.splice(0)) {
        this.#held -= bytes
        reject(failure(topic))
      }
      if (!lane.sending) this.#lanes.delete(topic)
    }
  }

  #tells(topic: string): boolean {
    return topic !== ownTopic(this.#sender)
  }

  #dropped(topic: string, { code }: LiveError): void {
    if (this.#tells(topic)) publish('pubsub', () => ({ engine: this.#driver.name, what: 'dropped', topic, code }))
  }

  #away(topic: string, cause: unknown): LiveError {
    const why = cause === undefined ? 'is away' : 'went away before it said that it has it'
    return this.#failure('ERR_PUBSUB_AWAY', topic, `${why}; the views of this process have the message`, cause)
  }

  #failure(code: ConstructorParameters<typeof LiveError>[0], topic: string, why: string, cause?: unknown): LiveError {
    return new LiveError(code, `publish(${describe(topic)}): ${this.#driver.name} ${why}`, { cause })
  }
}
