/**
 * What a view says to its page, and the connection that carries it. While that is lost, answers are owed and all else is left unsaid:
 * the page is shown the whole view when it comes back.
 */
import { encodeMessage } from './encode.ts'
import type { WireMessage } from '../protocol/keys.ts'
import { viewEvents } from '../protocol/message.ts'
import { diffReply, type WirePatch } from '../protocol/replies.ts'
import type { Message } from './message.ts'
import type { SessionConnection, SessionOutlet } from './options.ts'

interface Owed {
  readonly ref: string | null
  readonly response: string
}

export class Lifeline {
  #outlet: SessionOutlet
  #connection: SessionConnection
  #cut = false
  /** Where the page was when it last said so. */
  pageUrl: string = ''
  /** Events that were pushed since the page was last heard: whether it has them nobody knows when the connection is lost. */
  unsure: number = 0
  /** Where the view last took the page along to. */
  lastPatch: WirePatch | undefined
  #owed: Owed[] | undefined

  constructor(outlet: SessionOutlet, connection: SessionConnection) {
    this.#outlet = outlet
    this.#connection = connection
  }

  get connection(): SessionConnection {
    return this.#connection
  }

  get isCut(): boolean {
    return this.#cut
  }

  /** The page has said something. */
  heard(): void {
    this.unsure = 0
  }

  /** The connection is lost: `connection` sees to the view meanwhile. */
  cut(connection: SessionConnection): void {
    this.#cut = true
    // The old ones would be kept by it, and all that hangs on them.
    this.#outlet = nowhere
    this.#connection = connection
  }

  /** The page has come back. What it is owed follows with {@link payOwed}, behind the answer to its join. */
  restore(outlet: SessionOutlet, connection: SessionConnection): void {
    this.#cut = false
    this.#outlet = outlet
    this.#connection = connection
  }

  /** The client still waits for the answers to what it sent before, by their old refs. */
  payOwed(): void {
    // Each may be too much for a client that does not read.
    while (!this.#cut && this.#owed !== undefined && this.#owed.length > 0) {
      const { ref, response } = this.#owed.shift()!
      this.#outlet.reply(ref, 'ok', response)
    }
  }

  /** Answers a push, once. What it shows of the view goes by itself when the push was answered without. */
  answer(message: Message, response: object): void {
    const { ref } = message
    if (message.answered) {
      if ('diff' in response) this.push(viewEvents.diff, encodeMessage(response.diff as object))
      return
    }
    message.answered = true
    if (!this.#cut) this.#outlet.reply(ref, 'ok', encodeMessage(response))
    else if (ref !== null) this.#owe(ref, response)
  }

  /** The page will have the whole view: of what the answer shows only what is said to the event itself is left. */
  #owe(ref: string, response: object): void {
    const { diff, ...rest } = response as { readonly diff?: WireMessage }
    const left = diff?.r === undefined ? rest : { ...rest, ...diffReply({ r: diff.r }) }
    this.#owed ??= []
    this.#owed.push({ ref, response: encodeMessage(left) })
  }

  refuse(ref: string | null, response: object): void {
    if (!this.#cut) this.#outlet.reply(ref, 'error', JSON.stringify(response))
  }

  push(event: string, payload: string): void {
    if (!this.#cut) this.#outlet.push(event, payload)
  }

  /** An orderly end. */
  close(): void {
    if (!this.#cut) this.#outlet.close()
  }

  /** The view failed: the client joins again. */
  error(): void {
    if (!this.#cut) this.#outlet.error()
  }
}

const nowhere: SessionOutlet = { reply() {}, push() {}, close() {}, error() {} }
