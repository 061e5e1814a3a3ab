/**
 * One of the processes of `serve({ workers })`. All of what a visitor asks reaches one of them: requests that came to another are handed on, and
 * sockets change the process, so that what they carry later goes the short way.
 */
import cluster from 'node:cluster'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { LiveError } from '../../../errors.ts'
import type { DrainOptions } from '../../../server/drain.ts'
import type { EnginePubSub } from '../../../pubsub/engine.ts'
import { randomVisitorId } from '../../../server/visitor.ts'
import { backlog } from '../backlog.ts'
import { printHead } from '../upgrade.ts'
import { type PrimaryLine, workerPubSub } from './drivers.ts'
import { arrived, createPrivateServer, Forwarder, privatePath } from './forward.ts'
import { type FromPrimary, type FromWorker, type Question, unwrap, wrap } from './messages.ts'
import { homeOf } from './places.ts'
import { quiet } from './quiet-socket.ts'

/** What a worker is told when it is started, in its environment. */
export interface Post {
  readonly slot: number
  readonly count: number
  readonly folder: string
}

export const postVariable = 'LIVELOOM_WORKER'

/** What a worker does when its primary says so. */
export interface Orders {
  drain(options: DrainOptions): Promise<void>
  close(): Promise<void>
}

/** What a worker's own server does with the requests that come to it. */
export interface Front {
  /** Whose a request is, if it says so. */
  visitorOf(request: IncomingMessage): string | undefined
  answer: RequestListener
  /** Calls `run` when the requests before this one on its connection are answered. */
  inTurn(request: IncomingMessage, response: ServerResponse, run: () => void): void
  /** It is handed on. */
  handsOn(request: IncomingMessage, response: ServerResponse): void
  /** What was handed on is answered, and the client has to take it. */
  limitUnsent(response: ServerResponse): void
}

export class Worker implements PrimaryLine {
  readonly #post: Post
  readonly #forwarder: Forwarder
  readonly #private: Server
  readonly #handed = new WeakSet<Duplex>()
  readonly #waiting = new Map<number, (value: number) => void>()
  #asked = 0
  #up: readonly number[] = []
  #steady: ReadonlySet<number> = new Set()
  #message = (_payload: string): void => {}
  #gap = (): void => {}
  #server: Server | undefined
  #orders: Orders | undefined

  /** `undefined` in a process that is none. */
  static here(): Worker | undefined {
    const post = process.env[postVariable]
    return post === undefined || !cluster.isWorker ? undefined : new Worker(JSON.parse(post) as Post)
  }

  private constructor(post: Post) {
    this.#post = post
    this.#forwarder = new Forwarder(post.folder)
    this.#private = createPrivateServer()
    // The other end is of this program.
    process.on('message', (received, socket) =>
      this.#hear(unwrap(received) as FromPrimary | undefined, socket as Socket | undefined),
    )
  }

  /** From 0; one that is started again has that of the one before. */
  get slot(): number {
    return this.#post.slot
  }

  pubsub(): EnginePubSub {
    return workerPubSub(this)
  }

  /** One who is here by their id. */
  newVisitorId(): string {
    const { slot, count } = this.#post
    for (;;) {
      const id = randomVisitorId()
      if (homeOf(id, count) === slot) return id
    }
  }

  /** Answers what is for this worker, and hands on what is for others. */
  route(front: Front): RequestListener {
    this.#private.on('request', (request: IncomingMessage, response: ServerResponse) => {
      arrived(request)
      front.answer(request, response)
    })
    return (request, response) => front.inTurn(request, response, () => this.#go(front, request, response))
  }

  #go(front: Front, request: IncomingMessage, response: ServerResponse): void {
    const visitor = front.visitorOf(request)
    const to = (slot: number): void => this.#goTo(slot, front, request, response)
    if (visitor === undefined) return to(this.#anyOne())
    const home = homeOf(visitor, this.#post.count)
    if (this.#steady.has(home)) to(home)
    else void this.ask({ kind: 'place', visitor }).then(to)
  }

  #goTo(slot: number, front: Front, request: IncomingMessage, response: ServerResponse): void {
    if (slot === this.#post.slot) return front.answer(request, response)
    front.handsOn(request, response)
    this.#forwarder.send(slot, request, response, {
      answered: () => front.limitUnsent(response),
      unreached: () => {
        // It has just ended. A page can be had anywhere; what else it was asked for is asked for again.
        if (request.method === 'GET' || request.method === 'HEAD') front.answer(request, response)
        else response.writeHead(503, { 'retry-after': '1', connection: 'close' }).end()
      },
    })
  }

  /** Where a visitor begins: by lot, since which worker took the connection says who was quicker. */
  #anyOne(): number {
    return this.#up[Math.floor(Math.random() * this.#up.length)] ?? this.#post.slot
  }

  /** Whether a socket goes elsewhere, with the request that has been read from it. */
  handsOver(visitor: string | undefined, request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (visitor === undefined || this.#handed.has(socket)) return false
    const home = homeOf(visitor, this.#post.count)
    if (home === this.#post.slot && this.#steady.has(home)) return false
    const given = socket as Socket & { server?: unknown }
    const read = printHead(request, () => true) + head.toString('latin1')
    // Else the server would have its new owner asked, when it closes, whether it is closed.
    given.server = undefined
    this.#tell({ kind: 'socket', visitor, head: read }, quiet(given), () => void given.destroy())
    return true
  }

  /** Ready for others. */
  open(): Promise<void> {
    const path = privatePath(this.#post.folder, this.#post.slot)
    // Of the worker that was here before.
    if (process.platform !== 'win32') rmSync(path, { force: true })
    return new Promise((resolve, reject) => {
      // Not the cluster's: it is this worker's own.
      this.#private.once('error', reject).listen({ path, exclusive: true, backlog }, resolve)
    })
  }

  /** Listens; from now on it does what the primary says. */
  began(server: Server, url: string, orders: Orders): void {
    this.#server = server
    this.#orders = orders
    this.#tell({ kind: 'listening', url })
  }

  failed(error: unknown): void {
    const code = error instanceof LiveError ? error.code : undefined
    this.#tell({ kind: 'failed', code, message: error instanceof Error ? error.message : String(error) })
  }

  /** No more requests of others. */
  close(): void {
    this.#private.close()
    this.#private.closeAllConnections()
    this.#forwarder.close()
  }

  ask(question: Question): Promise<number> {
    const id = ++this.#asked
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#tell({ kind: 'question', id, question })
    })
  }

  hears(message: (payload: string) => void, gap: () => void): void {
    this.#message = message
    this.#gap = gap
  }

  #tell(message: FromWorker, socket?: Socket, sent?: () => void): void {
    // A primary that has gone takes this process with it.
    if (process.connected) process.send!(wrap(message), socket, {}, () => sent?.())
  }

  #hear(message: FromPrimary | undefined, socket: Socket | undefined): void {
    switch (message?.kind) {
      case 'answer':
        this.#waiting.get(message.id)?.(message.value)
        return void this.#waiting.delete(message.id)
      case 'crew':
        this.#up = message.up
        return void (this.#steady = new Set(message.steady))
      case 'message':
        return this.#message(message.payload)
      case 'gap':
        return this.#gap()
      case 'socket':
        return this.#take(message, socket)
      case 'drain':
        return void this.#orders?.drain(message.options).then(() => this.#tell({ kind: 'drained' }))
      case 'close':
        return void this.#leave()
    }
  }

  #take({ id, head }: { readonly id: number; readonly head: string }, socket: Socket | undefined): void {
    this.#tell({ kind: 'taken', id })
    // It may have closed on the way.
    if (socket === undefined || socket.destroyed) return
    if (this.#server === undefined) return void socket.destroy()
    this.#handed.add(socket)
    socket.unshift(Buffer.from(head, 'latin1'))
    this.#server.emit('connection', socket)
  }

  async #leave(): Promise<void> {
    if (this.#orders === undefined) process.exit(0)
    try {
      await this.#orders.close()
    } catch (error) {
      process.stderr.write(`${String(error)}\n`)
      process.exit(1)
    }
    process.exit(0)
  }
}
