/** One {@link LiveSession} between a page and a machine that are written down. */
import { expect } from 'vitest'
import type { SessionData } from '../../src/live/definitions.ts'
import type { LiveHost } from '../../src/live/host.ts'
import { noRoute } from '../../src/live/instance.ts'
import type { SessionConnection, SessionOptions } from '../../src/session/options.ts'
import { LiveSession } from '../../src/session/session.ts'
import type { LiveViewSocket } from '../../src/live/socket.ts'
import type { AsyncResult } from '../../src/live/async.ts'
import { createLiveView, type LiveViewCallbacks } from '../../src/live/view.ts'
import { createLocalPubSub } from '../../src/pubsub/pubsub.ts'
import { html } from '../../src/template/html.ts'
import { manualHost, plainSession } from './manual-host.ts'
import { ManualTime, turn } from './manual-time.ts'
import type { RecordingWriter } from './recording-writer.ts'

export interface Context {
  readonly count: number
  readonly price?: AsyncResult<number>
}
export type Event = { readonly type: string; readonly wait?: string; readonly by?: number }
export type Callbacks = LiveViewCallbacks<Context, Event, string, unknown>
export type Socket = LiveViewSocket<Context>

/** What `onError` was told. */
export interface Reported {
  readonly message: string
  readonly stage: string
  readonly event?: string
  readonly component?: string | number
}

/** A session on its own, between a page and a machine that are written down. */
export class Rig {
  readonly time = new ManualTime()
  /** What went to the page, in order. */
  readonly sent: string[] = []
  readonly reported: Reported[] = []
  readonly writers: RecordingWriter[] = []
  readonly background: Promise<void>[] = []
  readonly pubsub = createLocalPubSub()
  readonly session: LiveSession
  ended = 0
  /** The view's socket, once it mounted. */
  socket!: Socket
  readonly #waits = new Map<string, { readonly promise: Promise<void>; readonly end: () => void }>()

  constructor(
    callbacks: Partial<Callbacks> = {},
    changes: Partial<LiveHost> = {},
    facts: Partial<SessionOptions> = {},
    connection: Partial<SessionConnection> = {},
  ) {
    const { mount, ...others } = callbacks
    const view = createLiveView<Context, Event>({
      mount: (socket, session, params) => {
        this.socket = socket
        socket.assign({ count: 0 })
        return mount?.(socket, session, params)
      },
      handleEvent: async (socket, { wait, by = 1 }) => {
        if (wait !== undefined) await this.wait(wait)
        socket.assign({ count: socket.context.count + by })
      },
      render: ({ count }) => html`<p>${count}</p>`,
      ...others,
    })
    const host = manualHost(
      this.time,
      {
        pubsub: this.pubsub,
        maxMailbox: 10,
        report: (error, { stage, event, component }) =>
          this.reported.push({
            message: (error as Error).message,
            stage,
            ...(event !== undefined && { event }),
            ...(component !== undefined && { component }),
          }),
        limitReached: (_, { stage, event }, more) => {
          const message = more?.detail
          if (message !== undefined) this.reported.push({ message, stage, ...(event !== undefined && { event }) })
        },
        background: (work) => this.background.push(work),
        ...changes,
      },
      this.writers,
    )
    const data: SessionData = { user: 1 }
    this.session = new LiveSession(
      {
        ...plainSession,
        view,
        name: '/page/:id',
        id: 'phx-V',
        instanceId: 'instance',
        url: 'http://localhost/page/7?q=1',
        params: { id: '7', q: '1' },
        session: data,
        flash: {},
        host,

        ...facts,
      },
      {
        reply: (ref, status, response) => this.sent.push(`${ref} ${status} ${response}`),
        push: (event, payload) => this.sent.push(`${event} ${payload}`),
        close: () => this.sent.push('phx_close'),
        error: () => this.sent.push('phx_error'),
      },
      {
        csrfToken: () => 'csrf',
        sendingFiles: 0,
        ask: (tell: (alive: boolean) => void) => tell(true),
        hold() {},
        release() {},
        patch: (_, url) =>
          url.includes('/page/') ? { kind: 'same', params: { id: url.at(-1)! }, route: noRoute } : { kind: 'other' },
        left() {},
        ended: () => this.ended++,
        ...connection,
      },
    )
  }

  /** Waits until `end(name)`; `end` may come first. */
  wait(name: string): Promise<void> {
    return this.#waitOf(name).promise
  }

  end(name: string): Promise<void> {
    this.#waitOf(name).end()
    return turn()
  }

  #waitOf(name: string) {
    let wait = this.#waits.get(name)
    if (wait === undefined) {
      let end = (): void => {}
      wait = { promise: new Promise((resolve) => (end = resolve)), end: () => end() }
      this.#waits.set(name, wait)
    }
    return wait
  }

  event(ref: string, value: object = {}, event = 'click'): void {
    this.session.receive(ref, 'event', { type: 'click', event, value })
  }

  /** What was sent since the last look. */
  take(): string[] {
    return this.sent.splice(0)
  }
}

export async function joined(...options: ConstructorParameters<typeof Rig>): Promise<Rig> {
  const rig = new Rig(...options)
  rig.session.join('1')
  await turn()
  expect(rig.take().join()).toMatch(/^1 ok .*"liveview_version"/)
  return rig
}
