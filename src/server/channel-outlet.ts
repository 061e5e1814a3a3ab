import type { SessionOutlet } from '../live/session.ts'
import { encodePush, encodeReply } from '../protocol/codec.ts'
import { channelEvents, type ReplyStatus } from '../protocol/message.ts'

/** A channel's way out. Every frame carries the join's ref, so that the client drops those of a channel it has left. */
export class ChannelOutlet implements SessionOutlet {
  readonly #send: (text: string) => void
  readonly #topic: string
  readonly #joinRef: string | null

  constructor(send: (text: string) => void, topic: string, joinRef: string | null) {
    this.#send = send
    this.#topic = topic
    this.#joinRef = joinRef
  }

  reply(ref: string | null, status: ReplyStatus, response: string): void {
    this.#send(encodeReply(this.#joinRef, ref, this.#topic, status, response))
  }

  push(event: string, payload: string): void {
    this.#send(encodePush(this.#joinRef, null, this.#topic, event, payload))
  }

  close(): void {
    this.#send(encodePush(this.#joinRef, this.#joinRef, this.#topic, channelEvents.close, '{}'))
  }

  error(): void {
    const reason = '{"reason":"channel_crash"}'
    this.#send(encodePush(this.#joinRef, this.#joinRef, this.#topic, channelEvents.error, reason))
  }
}
