import type { LiveSocket } from 'phoenix_live_view'

/** A push of the client, or a message of the server, before it is text or after. */
export interface WireMessage {
  readonly topic: string
  readonly event: string
  readonly payload: unknown
  readonly ref?: string | null
  readonly join_ref?: string | null
}

/** Has `look` see whatever the client is about to send: what goes out first is seen first. */
export function onPush(liveSocket: LiveSocket, look: (push: WireMessage) => void): void {
  const socket = liveSocket.getSocket()
  const push = socket.push.bind(socket) as (message: WireMessage, ...others: unknown[]) => void
  Object.assign(socket, {
    push: (message: WireMessage, ...others: unknown[]) => {
      look(message)
      push(message, ...others)
    },
  })
}
