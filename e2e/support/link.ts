/** A network between browser and server: a TCP proxy that can be slow, silent or cut. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** What goes through at once when there is a rate: small beside the rates in use, for an even flow. */
const slice = 4096
/** How much of a lost time may be made up for, in ms: timers come late, and the rate should be kept all the same. */
const burst = 50

export class Link {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Bytes from the browser to the server. */
  readonly up = new Lane()
  /** Bytes from the server to the browser. */
  readonly down = new Lane()
  #isCut = false
  /** Connections that nothing comes through any more. */
  readonly #forsaken = new WeakSet<Socket>()

  private constructor(target: () => number) {
    this.#server = createServer((near) => {
      this.#track(near)
      if (this.#isCut) return near.destroy()
      const far = connect(target(), 'localhost')
      this.#track(far)
      const isForsaken = (): boolean => this.#forsaken.has(near)
      void Promise.all([this.up.carry(near, far, isForsaken), this.down.carry(far, near, isForsaken)])
    })
  }

  /** Opens a link to whatever listens at the port that `target` names. */
  static async open(target: () => number): Promise<Link> {
    const link = new Link(target)
    link.#server.listen(0, 'localhost')
    await once(link.#server, 'listening')
    return link
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`
  }

  /** Bytes per second, in each direction. */
  limit(rate: number): void {
    this.up.rate = rate
    this.down.rate = rate
  }

  /** Drops every connection and takes no new one. */
  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Lets nothing more through on the connections there are, which stay open; new ones work. */
  forsake(): void {
    for (const socket of this.#sockets) this.#forsaken.add(socket)
  }

  mend(): void {
    this.#isCut = false
  }

  async close(): Promise<void> {
    this.cut()
    this.up.resume()
    this.down.resume()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #track(socket: Socket): void {
    socket.setNoDelay(true)
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
  }
}

/** One direction of a link, shared by all of its connections. */
class Lane {
  rate = Infinity
  /** The bytes that come out as others, counted from the first that went through, in order. */
  spoilt: number[] = []
  #passed = 0
  #freeAt = 0
  #stalled: { readonly promise: Promise<void>; readonly resume: () => void } | undefined

  /** Lets nothing through, while every connection stays open. */
  stall(): void {
    let resume = (): void => {}
    const promise = new Promise<void>((resolve) => (resume = resolve))
    this.#stalled ??= { promise, resume }
  }

  resume(): void {
    this.#stalled?.resume()
    this.#stalled = undefined
  }

  /** `isForsaken`: what comes goes nowhere, and neither side learns of it. */
  async carry(from: Socket, to: Socket, isForsaken: () => boolean): Promise<void> {
    // What still comes has nowhere to go, and whoever sends it should learn of that.
    to.once('close', () => {
      if (!isForsaken()) from.destroy()
    })
    try {
      for await (const data of from as AsyncIterable<Buffer>) {
        if (isForsaken()) continue
        this.#spoil(data)
        const step = this.rate === Infinity ? data.length : slice
        for (let at = 0; at < data.length; at += step) {
          const part = data.subarray(at, at + step)
          await this.#admit(part.length)
          if (isForsaken()) break
          if (!to.write(part)) await once(to, 'drain')
        }
      }
      if (!isForsaken()) to.end()
    } catch {
      if (!isForsaken()) to.destroy()
    }
  }

  #spoil(data: Buffer): void {
    while (this.spoilt.length > 0 && this.spoilt[0]! < this.#passed + data.length) {
      data[this.spoilt.shift()! - this.#passed]! ^= 1
    }
    this.#passed += data.length
  }

  async #admit(bytes: number): Promise<void> {
    await this.#stalled?.promise
    if (this.rate !== Infinity) {
      const now = performance.now()
      this.#freeAt = Math.max(now - burst, this.#freeAt) + (bytes / this.rate) * 1000
      if (this.#freeAt > now) await delay(this.#freeAt - now)
    }
  }
}
