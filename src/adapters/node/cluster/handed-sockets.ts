/**
 * Sockets on their way to one worker. They stay open here until it says that it has them: of one that is killed, Node would neither close nor give back
 * those that it has not looked at, and their clients would wait for ever.
 */
import type { Socket } from 'node:net'

export interface HandedSocket {
  readonly socket: Socket
  readonly visitor: string
  /** What has been read of it. */
  readonly head: string
}

export class HandedSockets {
  readonly #waiting = new Map<number, HandedSocket>()
  #count = 0
  #ended = false

  add(handed: HandedSocket): number {
    const id = ++this.#count
    if (this.#ended) handed.socket.destroy()
    else this.#waiting.set(id, handed)
    return id
  }

  /** The worker has it. */
  taken(id: number): void {
    this.#waiting.get(id)?.socket.destroy()
    this.#waiting.delete(id)
  }

  /** The worker has gone, and all that it has said is known. What it never took. */
  end(): readonly HandedSocket[] {
    this.#ended = true
    const left = [...this.#waiting.values()]
    this.#waiting.clear()
    return left
  }
}
