/** A development server without a runtime: its pages over HTTP, one page's socket, and what it reports. */
import type { LiveView } from '../../src/live/definitions.ts'
import type { ErrorContext } from '../../src/live/host.ts'
import type { Connection } from '../../src/server/connection.ts'
import { createLiveServer } from '../../src/server/live-server.ts'
import { type RunningServer, startServer } from '../../src/server/running-server.ts'
import type { LiveServerOptions } from '../../src/server/options.ts'
import { manualMachine, secret } from '../support/manual-machine.ts'
import { ManualTime, turn } from '../support/manual-time.ts'
import { quietPeer } from '../support/quiet-peer.ts'

export type WorldOptions = Partial<LiveServerOptions> & Pick<LiveServerOptions, 'routes'>

export interface Reported {
  readonly message: string
  readonly context: ErrorContext
}

export class World {
  readonly running: RunningServer
  readonly settings: WorldOptions
  /** Without the template's place in the program, which {@link sites} has. */
  readonly reported: Reported[] = []
  readonly sites: string[] = []
  /** The frames that the page got. */
  readonly sent: string[] = []
  #connection: Connection | undefined
  #topic = ''

  constructor(settings: WorldOptions, development = true, time = new ManualTime()) {
    this.settings = settings
    const machine = manualMachine(time, {
      development,
      tools: development
        ? { script: { script: 'development', hash: 'x' }, trace: () => ({ frames: [], excerpt: undefined }) }
        : undefined,
      report: (error, context) => {
        const { message } = error as Error
        this.reported.push({
          message: message.replace(/, in (\/.*:\d+:\d+|[a-z]:.*:\d+:\d+)$/i, (_text, site: string) => {
            this.sites.push(site)
            return ''
          }),
          context,
        })
      },
    })
    this.running = startServer(createLiveServer({ secret, ...settings }), machine)
  }

  static of(view: LiveView, options: Partial<LiveServerOptions> = {}): World {
    return new World({ routes: { '/': view }, ...options })
  }

  get messages(): readonly string[] {
    return this.reported.map(({ message }) => message)
  }

  async get(path = '/'): Promise<{ readonly status: number; readonly body: string }> {
    const { status, body } = (await this.running.handle(new Request(`http://localhost${path}`)))!
    return { status, body: body as string }
  }

  /** Fetches a page and joins its view. `mend` changes its tokens on the way. */
  async join(mend: (token: string) => string = (token) => token): Promise<void> {
    const { body } = await this.get()
    const attribute = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(body)![1]!
    this.#topic = `lv:${/<div\s+id="([^"]+)"\s+data-phx-main/.exec(body)![1]!}`
    const peer = quietPeer({
      send: (text) => void this.sent.push(text),
      close: (code, reason) => void this.sent.push(`closed ${code} ${reason}`),
    })
    this.#connection = this.running.connect(peer, { visitorId: 'v', csrfSecret: 'x', session: {} })
    const session = mend(attribute('data-phx-session'))
    this.#push('phx_join', { url: 'http://localhost/', session, static: attribute('data-phx-static') })
    await turn()
  }

  async event(name: string): Promise<void> {
    this.#push('event', { type: 'click', event: name, value: {} })
    await turn()
  }

  /** Sends a push of the view, and gives back what came of it: an answer, or the end of the connection. */
  async push(event: string, payload: unknown, topic: string = this.#topic): Promise<readonly string[]> {
    this.sent.length = 0
    this.#push(event, payload, topic)
    await turn()
    return [...this.sent]
  }

  /** Sends a frame as it is. */
  async frame(frame: string | Uint8Array): Promise<readonly string[]> {
    this.sent.length = 0
    if (typeof frame === 'string') this.#connection!.text(Buffer.from(frame))
    else this.#connection!.binary(frame)
    await turn()
    return [...this.sent]
  }

  #push(event: string, payload: unknown, topic = this.#topic): void {
    this.#connection!.text(Buffer.from(JSON.stringify(['1', '1', topic, event, payload])))
  }
}
