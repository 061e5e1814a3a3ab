import type { SessionOutlet } from '../session/options.ts'
import { encodePush, encodeReply } from '../protocol/codec.ts'
import { channelEvents, type ReplyStatus, viewTopicPrefix } from '../protocol/message.ts'
import { utf8Size } from '../protocol/utf8-size.ts'
import { publish } from '../telemetry/measure.ts'

/** A channel's way out. Every frame carries the join's ref, so that the client drops those of a channel it has left. */
export class ChannelOutlet implements SessionOutlet {
  readonly #send: (text: string) => void
  readonly #topic: string
  readonly #joinRef: string | null
  readonly #view: string | undefined

  /** `view`: the route of the view, for telemetry; a channel of an upload has none. */
  constructor(send: (text: string) => void, topic: string, joinRef: string | null, view?: string) {
    this.#view = view
    this.#send = send
    this.#topic = topic
    this.#joinRef = joinRef
  }

  reply(ref: string | null, status: ReplyStatus, response: string): void {
    this.#write(channelEvents.reply, encodeReply(this.#joinRef, ref, this.#topic, status, response))
  }

  push(event: string, payload: string): void {
    this.#write(event, encodePush(this.#joinRef, null, this.#topic, event, payload))
  }

  close(): void {
    this.#write(channelEvents.close, encodePush(this.#joinRef, this.#joinRef, this.#topic, channelEvents.close, '{}'))
  }

  error(): void {
    const reason = '{"reason":"channel_crash"}'
    this.#write(channelEvents.error, encodePush(this.#joinRef, this.#joinRef, this.#topic, channelEvents.error, reason))
  }

  #write(event: string, text: string): void {
    this.#send(text)
    const view = this.#view
    if (view === undefined) return
    publish('message', () => {
      const id = this.#topic.slice(viewTopicPrefix.length)
      return { view, id, event, bytes: utf8Size(text) }
    })
  }
}
