/**
 * A `PubSub` on an engine that other processes share. What is published reaches the views of this process at once, without the detour, and the
 * engine's echo of it is dropped; a message is the same here and there, since all get what its JSON says.
 */
import { describe, LiveError } from '../errors.ts'
import { utf8Size } from '../protocol/utf8-size.ts'
import { publish as tell } from '../telemetry/measure.ts'
import type { EngineDriver } from './driver.ts'
import { encodeMessage } from './encode.ts'
import type { EngineSettings } from './engine-options.ts'
import { decodeBody, decodeEnvelope, encodeEnvelope, ownTopic } from './envelope.ts'
import { Hearing } from './hearing.ts'
import { Lag } from './lag.ts'
import { Outbox } from './outbox.ts'
import type { PubSub, Subscription } from './pubsub.ts'
import { Senders } from './senders.ts'

/** A `PubSub` that holds something open. */
export interface EnginePubSub extends PubSub {
  publish(topic: string, message: unknown): Promise<void>
  onError(report: (error: unknown) => void): () => void
  /**
   * Ends all subscriptions, rejects what still waits, and closes the connections that were made for it. The client that it was given stays
   * open. Call it behind the server's own `close`. A second call joins the first.
   */
  close(): Promise<void>
}

interface Subscriber {
  readonly receive: (message: unknown) => void
  readonly onGap: (() => void) | undefined
}

interface HeardTopic {
  readonly subscribers: Set<Subscriber>
  readonly senders: Senders
}

/** Beyond the envelope's own words, what a topic takes in it at most, for each of its characters and beside. */
const perCharacter = 6
const envelopeRoom = 200
/** How long payloads of strangers are only counted after one was told, in ms. */
const quiet = 60_000

export class Engine implements EnginePubSub {
  readonly #driver: EngineDriver
  readonly #settings: EngineSettings
  /** What the envelopes of this process are known by. */
  readonly #id = randomId()
  readonly #own = ownTopic(this.#id)
  readonly #topics = new Map<string, HeardTopic>()
  readonly #outbox: Outbox
  readonly #hearing: Hearing
  readonly #lag: Lag
  readonly #reports = new Set<(error: unknown) => void>()
  #foreign = 0
  #toldForeign = -Infinity
  #closing: Promise<void> | undefined

  constructor(driver: EngineDriver, settings: EngineSettings) {
    this.#driver = driver
    this.#settings = settings
    this.#outbox = new Outbox(driver, settings, this.#id, (topic) => this.#roomOf(topic))
    this.#hearing = new Hearing(driver, {
      gap: (topic) => this.#gap(topic),
      failed: (cause) => this.#reportLoss(cause, driver.refused(cause)),
    })
    this.#lag = new Lag(this.#own, driver, this.#outbox, this.#hearing)
    driver.start({
      receive: (payload) => this.#receive(payload),
      sends: (able) => this.#outbox.sends(able),
      hears: (able) => {
        this.#lag.interrupted()
        this.#hearing.hears(able)
      },
      failed: (cause) => this.#reportLoss(cause),
    })
  }

  subscribe(topic: string, receive: (message: unknown) => void, onGap?: () => void): Subscription {
    if (this.#closing !== undefined) {
      throw new LiveError('ERR_PUBSUB_CLOSED', `subscribe(${describe(topic)}): the pubsub was closed`)
    }
    const subscriber = { receive, onGap }
    let heard = this.#topics.get(topic)
    if (heard === undefined) {
      this.#topics.set(topic, (heard = { subscribers: new Set(), senders: new Senders() }))
      this.#hearing.want(topic)
    }
    heard.subscribers.add(subscriber)
    const end = (): void => this.#unsubscribe(topic, subscriber)
    return Object.assign(end, { ready: this.#hearing.ready(topic) })
  }

  publish(topic: string, message: unknown): Promise<void> {
    const text = encodeMessage(topic, message, this.#roomOf(topic))
    const heard = this.#topics.get(topic)
    // Decoded, and not the value itself: nobody shall find here what is lost on the way to others.
    if (heard !== undefined) this.#deliver(heard, [JSON.parse(text)])
    return this.#outbox.send(topic, text)
  }

  onError(report: (error: unknown) => void): () => void {
    const own = (error: unknown): void => report(error)
    this.#reports.add(own)
    return () => void this.#reports.delete(own)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#topics.clear()
    this.#lag.close()
    this.#outbox.close()
    this.#hearing.close()
    await this.#driver.close()
  }

  #unsubscribe(topic: string, subscriber: Subscriber): void {
    const heard = this.#topics.get(topic)
    if (heard === undefined || !heard.subscribers.delete(subscriber) || heard.subscribers.size > 0) return
    this.#topics.delete(topic)
    this.#hearing.drop(topic)
  }

  /** Bytes that the messages of one payload have. */
  #roomOf(topic: string): number {
    const { maxMessageSize } = this.#settings
    const most = this.#driver.maxPayload()
    if (most >= maxMessageSize + topic.length * perCharacter + envelopeRoom) return maxMessageSize
    const around = utf8Size(encodeEnvelope(this.#id, Number.MAX_SAFE_INTEGER, topic, []))
    return Math.min(maxMessageSize, Math.max(most - around, 0))
  }

  #receive(payload: string): void {
    const envelope = decodeEnvelope(payload)
    if (envelope === undefined) {
      this.#tellForeign()
      return
    }
    const { sender, number, topic, body } = envelope
    if (sender === this.#id) {
      if (topic === this.#own) this.#lag.echo(decodeBody(body) ?? [])
      return
    }
    const heard = this.#topics.get(topic)
    if (heard === undefined || !heard.senders.isNew(sender, number)) return
    const messages = decodeBody(body)
    if (messages === undefined) this.#tellForeign()
    else this.#deliver(heard, messages)
  }

  #deliver({ subscribers }: HeardTopic, messages: readonly unknown[]): void {
    for (const message of messages) {
      // A copy: who subscribes while a message goes round gets the next one.
      for (const subscriber of [...subscribers]) {
        if (!subscribers.has(subscriber)) continue
        this.#guard(() => subscriber.receive(message))
      }
    }
  }

  #gap(topic: string): void {
    if (topic === this.#own) return
    tell('pubsub', () => ({ engine: this.#driver.name, what: 'gap', topic }))
    for (const { onGap } of [...(this.#topics.get(topic)?.subscribers ?? [])]) {
      if (onGap !== undefined) this.#guard(onGap)
    }
  }

  /** One subscriber that fails is not in the way of the next. */
  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#report(error)
    }
  }

  /** Anybody who may write to the engine could have us tell nothing else. */
  #tellForeign(): void {
    this.#foreign++
    const now = performance.now()
    if (now - this.#toldForeign < quiet) return
    this.#toldForeign = now
    const { name } = this.#driver
    const count = this.#foreign === 1 ? 'a payload' : `${this.#foreign} payloads`
    this.#foreign = 0
    const why = `what came by ${name} is none of ours: ${count}; another program writes to the same place, or another version of this one`
    this.#report(new LiveError('ERR_PUBSUB_FOREIGN', why))
  }

  /** The driver's connection, beside any call. `isRefused`: a topic, which is not asked for again, so nobody is told of an end. */
  #reportLoss(cause: unknown, isRefused = false): void {
    const why = cause instanceof Error ? cause.message || cause.name : describe(cause)
    const message = `what others publish does not come by ${this.#driver.name}: ${why}`
    if (isRefused) this.#report(new LiveError('ERR_PUBSUB_REFUSED', message, { cause }))
    else this.#report(new LiveError('ERR_PUBSUB_AWAY', `${message}; views that listen are told of the gap`, { cause }))
  }

  #report(error: unknown): void {
    for (const report of [...this.#reports]) report(error)
  }
}

function randomId(): string {
  return [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join('')
}
