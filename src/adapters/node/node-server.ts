/** What `serve` takes, and what it gives. */
import type { IncomingMessage, Server } from 'node:http'
import type { DrainOptions } from '../../server/drain.ts'
import type { OwnPage } from '../../server/own-page.ts'
import type { HandlerOptions, Middleware } from './handler.ts'
import type { LiveMethods } from './live-methods.ts'

/** What `serve` takes beside the server. */
export interface ServeOptions extends HandlerOptions {
  /** 0 takes a free one. @default the environment's `PORT`, else 4000 */
  readonly port?: number | undefined
  /** @default the environment's `HOST`, else 'localhost' */
  readonly host?: string | undefined
  /**
   * Serves with so many processes on one port, `'auto'`: as many as the machine has cores for this one. The program runs in each of them, and
   * in the one that starts them, which answers nothing. All that a visitor asks reaches the same one, also behind a proxy; messages of
   * `publish` reach all, as JSON. One that ends is started again, and its pages come back to another meanwhile. On Node alone.
   *
   * @default undefined: this process
   */
  readonly workers?: number | 'auto' | undefined
  /** What sees each request before the views do. @default [] */
  readonly use?: readonly Middleware[] | undefined
  /**
   * Close on SIGTERM and SIGINT, then leave the process: with the exit code 0, or 1 when something was given up, which is said on stderr. A
   * second signal, half a second after the first or later, leaves at once, with 1.
   *
   * @default true
   */
  readonly signals?: boolean | undefined
  /**
   * Drain on SIGTERM before closing: `true`, or the options of `drain`. Whoever sends the signal has to wait for as long as `notice`, `over`,
   * `grace` and `closeTimeout` take together before it kills. SIGINT closes at once.
   *
   * @default false
   */
  readonly drain?: boolean | DrainOptions | undefined
  /** How long closing may take, in ms, before what still runs is given up; up to 2147483647. @default 10000; in development 2000 */
  readonly closeTimeout?: number | undefined
}

/**
 * A server that listens. In the process that has started `workers`: `publish`, `isReady`, `drain` and `close` are about all of them, and what
 * is asked of a request, and `disconnect`, throw `ERR_WORKER`.
 */
export interface NodeServer extends LiveMethods<IncomingMessage, OwnPage> {
  /** Where it listens, as `http://localhost:4000`, with the `basePath` of the server. */
  readonly url: string
  /** Of the process that has started `workers` it listens to nothing. */
  readonly server: Server
  /**
   * Which of the `workers` this process is, from 0; one that is started again has the number of the one before. `undefined` in the process
   * that has started them, and without `workers`.
   */
  readonly worker: number | undefined
  /**
   * Stops accepting, tells the pages, finishes the writes, and cleans up.
   *
   * @throws {LiveError} `ERR_CLOSE_TIMEOUT`, behind all that, when something was given up after `closeTimeout` ms: the message says what.
   */
  close(): Promise<void>
}
