import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { Peer } from '../../server/connection.ts'

/** A `ws` socket as a connection's peer. */
export class WebSocketPeer implements Peer {
  readonly #ws: WebSocket
  readonly #socket: Socket

  constructor(ws: WebSocket, socket: Socket) {
    this.#ws = ws
    this.#socket = socket
  }

  send(text: string): void {
    this.#ws.send(text)
  }

  close(code: number, reason: string): void {
    // A paused one would never hear that the other side closes too.
    this.#ws.resume()
    this.#ws.close(code, reason)
  }

  pause(): void {
    this.#ws.pause()
  }

  resume(): void {
    this.#ws.resume()
  }

  terminate(): void {
    this.#ws.terminate()
  }

  probe(): void {
    this.#ws.ping()
  }

  readonly endsSilently: boolean = false

  ask(answered: () => void): void {
    this.#ws.once('pong', answered)
    this.#ws.ping()
  }

  get unsentBytes(): number {
    return this.#ws.bufferedAmount
  }

  get flushMark(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength
  }
}
