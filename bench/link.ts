/** A line between the client and a server: one that takes its time, lets only so much through, or is cut. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export interface LinkOptions {
  /** How long bytes take there and back, in ms. @default 0 */
  readonly delayMs?: number | undefined
  /** Bytes a second, each way, of all connections together. @default as many as come */
  readonly rate?: number | undefined
}

/** What a packet of a network carries; connections that share a slow line take turns with it. */
const packet = 1460
/** What a long line holds: bandwidth times delay. */
const mostInFlight = 64 * 1024 * 1024

export class Link {
  readonly url: string
  readonly #server: Server
  readonly #options: LinkOptions
  readonly #sockets = new Set<Socket>()
  /** When the line is free again, by its direction. */
  readonly #freeAt = { up: 0, down: 0 }
  #isCut = false
  /** Is told of what goes up to the server. */
  onUp: ((bytes: Buffer) => void) | undefined

  private constructor(server: Server, target: URL, options: LinkOptions) {
    this.#server = server
    this.#options = options
    this.url = `http://${target.hostname}:${(server.address() as AddressInfo).port}`
    server.on('connection', (from) => this.#carry(from, target))
  }

  static async open(target: string, options: LinkOptions = {}): Promise<Link> {
    const { hostname } = new URL(target)
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, hostname, resolve))
    return new Link(server, new URL(target), options)
  }

  /** Breaks every connection, and lets none through. */
  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#isCut = false
  }

  close(): void {
    this.#server.close()
    this.cut()
  }

  #carry(from: Socket, { hostname, port }: URL): void {
    if (this.#isCut) return void from.destroy()
    const to = connect(Number(port), hostname)
    for (const [socket, other] of [[from, to] as const, [to, from] as const]) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    void this.#pump(from, to, 'up')
    void this.#pump(to, from, 'down')
  }

  async #pump(from: Socket, to: Socket, way: 'up' | 'down'): Promise<void> {
    const { delayMs = 0, rate = Infinity } = this.#options
    const step = rate === Infinity ? Infinity : packet
    let inFlight = 0
    let landed = (): void => {}
    try {
      for await (const data of from as AsyncIterable<Buffer>) {
        for (let at = 0; at < data.length; at += step) {
          const part = data.subarray(at, Math.min(at + step, data.length))
          await this.#admit(part.length, way)
          if (way === 'up') this.onUp?.(part)
          inFlight += part.length
          const land = (): void => {
            inFlight -= part.length
            to.write(part)
            landed()
          }
          if (delayMs === 0) land()
          else setTimeout(land, delayMs / 2)
          while (inFlight + to.writableLength > mostInFlight && !to.destroyed) {
            await new Promise<void>((resolve) => {
              landed = () => {
                to.off('drain', landed).off('close', landed)
                resolve()
              }
              to.on('drain', landed).on('close', landed)
            })
          }
        }
      }
    } catch {
      // Whoever waits for the other side learns of it by its close.
    }
    setTimeout(() => to.end(), delayMs / 2)
  }

  async #admit(bytes: number, way: 'up' | 'down'): Promise<void> {
    const { rate = Infinity } = this.#options
    if (rate === Infinity) return
    const now = performance.now()
    this.#freeAt[way] = Math.max(now, this.#freeAt[way]) + (bytes / rate) * 1000
    if (this.#freeAt[way] - now >= 1) await pause(this.#freeAt[way] - now)
  }
}
