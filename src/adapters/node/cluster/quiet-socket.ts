import type { Socket } from 'node:net'

/**
 * Has a socket that is about to change its process read no more. Node closes it here only when it has arrived there, and what it read meanwhile
 * would be nobody's. `pause` does not do it at once.
 */
export function quiet(socket: Socket): Socket {
  const { _handle: handle } = socket as { readonly _handle?: { readStop?(): unknown } | null }
  handle?.readStop?.()
  return socket
}
