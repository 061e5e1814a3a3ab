import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { Peer } from '../../server/connection.ts'

/** What the two bytes of a frame's longer length can say. */
const longestShortFrame = 0xffff
const finalText = 0x81

/** A `ws` socket, without compression, as a connection's peer. */
export class WebSocketPeer implements Peer {
  readonly #ws: WebSocket
  readonly #socket: Socket

  constructor(ws: WebSocket, socket: Socket) {
    this.#ws = ws
    this.#socket = socket
  }

  send(text: string): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return
    const length = Buffer.byteLength(text)
    // `ws` hands the socket header and text apart: a gathered write, which costs more than all we do for a small answer. It has
    // nothing of its own under way that a frame could get into: only compression and blobs are sent in steps.
    if (length <= longestShortFrame) this.#socket.write(textFrame(text, length))
    else this.#ws.send(text)
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason)
  }

  terminate(): void {
    this.#ws.terminate()
  }

  get unsentBytes(): number {
    return this.#ws.bufferedAmount
  }

  get flushMark(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength
  }
}

/** A whole text message as a server sends it: not masked. `length`: of the text, in bytes. */
function textFrame(text: string, length: number): Buffer {
  const headerLength = length < 126 ? 2 : 4
  const frame = Buffer.allocUnsafe(headerLength + length)
  frame[0] = finalText
  if (headerLength === 2) frame[1] = length
  else {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  }
  frame.write(text, headerLength)
  return frame
}
