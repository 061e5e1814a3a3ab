/** A server whose views survive their connections, and pages that lose theirs. */
import {
  createLiveComponent,
  createLiveServer,
  createLiveView,
  html,
  type LiveServerOptions,
  type LiveView,
  type LiveViewSocket,
} from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import type { TelemetryName } from 'liveloom/telemetry'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { fetchPage, type Page, RawClient, type RawView } from '../support/raw-client.ts'

export const secret = 'a secret of the tests, long enough'

/** What happened to the views of a test, in order. */
export type Log = string[]

export interface Counter {
  readonly count: number
  readonly name: string
}

export type CounterEvent = { readonly type: string; readonly name?: string; readonly wait?: string }

/** Doors that handlers wait at. */
export class Gates {
  readonly #gates = new Map<string, { readonly promise: Promise<void>; readonly open: () => void }>()

  wait(name: string): Promise<void> {
    return this.#gate(name).promise
  }

  open(name: string): void {
    this.#gate(name).open()
  }

  #gate(name: string) {
    let gate = this.#gates.get(name)
    if (gate === undefined) {
      let open = (): void => {}
      gate = { promise: new Promise((resolve) => (open = resolve)), open: () => open() }
      this.#gates.set(name, gate)
    }
    return gate
  }
}

const step = createLiveComponent<{ label: string; steps: number }, { type: 'step' }, { label: string }>({
  mount: (socket) => socket.assign({ steps: 0 }),
  handleEvent: (socket) => socket.assign({ steps: socket.context.steps + 1 }),
  render: ({ label, steps }, { myself }) => html`<b phx-click="step" phx-target=${myself}>${label} ${steps}</b>`,
})

/** Counts; says its name; has a component; hears of the topic `news`. */
export function counter(log: Log, gates: Gates, more: object = {}): LiveView {
  return createLiveView<Counter, CounterEvent>({
    mount(socket) {
      log.push(`mount ${socket.connected ? 'connected' : 'first'}`)
      socket.assign({ count: 0, name: '' })
      void socket.subscribe('news')
      if (socket.connected) socket.pageTitle('fresh')
    },
    handleParams(_, url) {
      log.push(`params ${url.pathname}${url.search}`)
    },
    async handleEvent(socket, { type, name = '', wait }) {
      log.push(`event ${type}`)
      if (type === 'inc') socket.assign({ count: socket.context.count + 1 })
      if (wait !== undefined) await gates.wait(wait)
      if (type === 'name') socket.assign({ name })
      if (type === 'save') socket.assign({ name: 'saved' })
      if (type === 'title') socket.pageTitle(name)
      if (type === 'push') socket.pushEvent('told', { name })
      if (type === 'go') socket.redirect('/other')
      if (type === 'patch') socket.pushPatch('/?page=2')
      if (type === 'crash') throw new Error('as asked')
      if (type === 'ask') return { answer: socket.context.count }
      return undefined
    },
    handleInfo(socket: LiveViewSocket<Counter>, info) {
      log.push(`info ${String(info)}`)
      if (info === 'go') socket.redirect('/other')
      else if (info === 'crash') throw new Error('as told')
      else if (info === 'push') socket.pushEvent('told', { info })
      else socket.assign({ count: socket.context.count + 10 })
    },
    shutdown() {
      log.push('shutdown')
    },
    render: ({ count, name }, { live_component }) =>
      html`<form phx-change="name" phx-submit="save"><input name="name" value="${name}" /></form>
        <p>${count}</p>
        ${live_component(step, { id: 'a', label: 'step' })}`,
    ...more,
  })
}

const other = createLiveView({ render: () => html`<h1>other</h1>` })

export interface Survival {
  readonly server: NodeServer
  readonly url: string
  readonly log: Log
  readonly gates: Gates
  readonly reports: readonly string[]
  open(page: Page): Promise<RawClient>
  /** A visitor whose view is joined. */
  visit(path?: string, cookie?: string): Promise<{ page: Page; client: RawClient; view: RawView }>
  /** Cuts the connection, and waits until the server has noticed: its views are parked. */
  lose(client: RawClient): Promise<void>
  close(): Promise<void>
}

/** The next event of that telemetry. */
export function once(name: TelemetryName): Promise<unknown> {
  return new Promise((resolve) => {
    const channel = `liveloom:${name}`
    const hear = (event: unknown): void => {
      unsubscribe(channel, hear)
      resolve(event)
    }
    subscribe(channel, hear)
  })
}

/** `view`: what the counter has beside. */
export async function survive(options: Partial<LiveServerOptions> = {}, view: object = {}): Promise<Survival> {
  const log: Log = []
  const gates = new Gates()
  const reports: string[] = []
  const live = createLiveServer({
    secret,
    routes: { '/': counter(log, gates, view), '/other': other },
    onError: (error, { stage }) => reports.push(`${stage}: ${(error as Error).message}`),
    ...options,
  })
  const server = await serve(live, { port: 0, signals: false, development: false })
  const clients: RawClient[] = []
  const open = async (page: Page): Promise<RawClient> => {
    const client = await RawClient.open(page)
    clients.push(client)
    return client
  }
  return {
    server,
    url: server.url,
    log,
    gates,
    reports,
    open,
    async visit(path = '/', cookie) {
      const page = await fetchPage(server.url + path, cookie)
      const client = await open(page)
      return { page, client, view: await client.joinView(page) }
    },
    async lose(client) {
      const parked = once('park')
      client.socket.terminate()
      await parked
    },
    async close() {
      for (const client of clients) client.socket.terminate()
      await server.close()
    },
  }
}
