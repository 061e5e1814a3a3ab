import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The requests that a server has not answered yet, and whose clients are still there. */
export class Unanswered {
  readonly #bySocket = new Map<Socket, Set<ServerResponse>>()
  /** Those who wait for some of them. */
  readonly #watchers = new Set<(gone: ServerResponse) => void>()

  add({ socket }: IncomingMessage, response: ServerResponse): void {
    let responses = this.#bySocket.get(socket)
    if (responses === undefined) {
      this.#bySocket.set(socket, (responses = new Set()))
      // Node tells of the end to the one response that is sent, not to those behind it.
      socket.once('close', () => this.#closed(socket))
    }
    responses.add(response)
    response.once('close', () => {
      responses.delete(response)
      this.#tell(response)
    })
  }

  /** Those of now. `settled` resolves when each of them is answered, or has nobody left who asked. */
  watch(): { readonly settled: Promise<void>; readonly left: ReadonlySet<ServerResponse> } {
    const left = new Set<ServerResponse>()
    for (const responses of this.#bySocket.values()) for (const response of responses) left.add(response)
    if (left.size === 0) return { settled: Promise.resolve(), left }
    const settled = new Promise<void>((resolve) => {
      const watcher = (gone: ServerResponse): void => {
        left.delete(gone)
        if (left.size > 0) return
        this.#watchers.delete(watcher)
        resolve()
      }
      this.#watchers.add(watcher)
    })
    return { settled, left }
  }

  #closed(socket: Socket): void {
    const responses = this.#bySocket.get(socket)
    this.#bySocket.delete(socket)
    for (const response of responses ?? []) this.#tell(response)
  }

  #tell(gone: ServerResponse): void {
    for (const watcher of [...this.#watchers]) watcher(gone)
  }
}
