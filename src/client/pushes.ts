import type { Socket } from 'phoenix'
import type { LiveSocket } from 'phoenix_live_view'
import { channelEvents, uploadTopicPrefix, viewTopicPrefix } from '../protocol/message.ts'

/** A push of the client, or a message of the server, before it is text or after. */
export interface WireMessage {
  readonly topic: string
  readonly event: string
  readonly payload: unknown
  readonly ref?: string | null
  readonly join_ref?: string | null
}

/** Has `look` see what the client is about to send for views and uploads; a page may have channels of its own beside them. */
export function onPush(liveSocket: LiveSocket, look: (push: WireMessage) => void): void {
  const socket = liveSocket.getSocket()
  const push = socket.push.bind(socket) as (message: WireMessage, ...others: unknown[]) => void
  Object.assign(socket, {
    push: (message: WireMessage, ...others: unknown[]) => {
      if (isOurs(message)) look(message)
      push(message, ...others)
    },
  })
}

/** The same for what the server sends. */
export function onAnswer(liveSocket: LiveSocket, look: (message: WireMessage) => void): void {
  liveSocket.getSocket().onMessage((message: unknown) => {
    if (isOurs(message as WireMessage)) look(message as WireMessage)
  })
}

/** Has `look` see the answers to joins of views: which view, and what it was answered. */
export function onJoined(
  liveSocket: LiveSocket,
  look: (viewId: string, response: Readonly<Record<string, unknown>>) => void,
): void {
  onAnswer(liveSocket, ({ topic, event, ref, join_ref: joinRef, payload }) => {
    if (event !== channelEvents.reply || ref !== joinRef || !topic.startsWith(viewTopicPrefix)) return
    const { response } = payload as { readonly response?: Readonly<Record<string, unknown>> }
    look(topic.slice(viewTopicPrefix.length), response ?? {})
  })
}

/**
 * Runs something when the connection is lost. `givenUp`: by the client itself, as nothing came any more. The browser may hear of its end
 * much later, and nobody then.
 */
export function onLost(liveSocket: LiveSocket, run: (givenUp: boolean) => void): void {
  const socket = liveSocket.getSocket() as Socket & {
    readonly pendingHeartbeatRef: string | null
    heartbeatTimeout(): void
  }
  socket.onClose(() => run(false))
  const heartbeatTimeout = socket.heartbeatTimeout.bind(socket)
  socket.heartbeatTimeout = () => {
    if (socket.pendingHeartbeatRef !== null) run(true)
    heartbeatTimeout()
  }
}

function isOurs({ topic }: WireMessage): boolean {
  return topic.startsWith(viewTopicPrefix) || topic.startsWith(uploadTopicPrefix)
}
