/** A session on its own, between a page and a machine that are written down. */
import type { LiveHost } from '../../src/live/host.ts'
import type { LiveView } from '../../src/live/definitions.ts'
import { noRoute } from '../../src/live/instance.ts'
import { LiveSession } from '../../src/session/session.ts'
import type { UploadChannel, UploadOutlet } from '../../src/upload/channel.ts'
import { manualHost, plainSession } from './manual-host.ts'
import { ManualTime, turn } from './manual-time.ts'
import type { RecordingWriter } from './recording-writer.ts'

type Message = Readonly<Record<string, unknown>>

export class LiveRig {
  readonly time = new ManualTime()
  /** The messages of the tree that went to the page, in order: that of the join, and diffs in answers and pushes. */
  readonly messages: Message[] = []
  /** All that went to the page: `[ref, response]` of an answer, `[event, payload]` of a push. */
  readonly sent: (readonly [string | null, unknown])[] = []
  readonly reported: string[] = []
  readonly writers: RecordingWriter[] = []
  readonly session: LiveSession
  #refs = 1

  constructor(view: LiveView, host: Partial<LiveHost> = {}) {
    this.session = new LiveSession(
      {
        ...plainSession,
        view,
        name: '/',
        id: 'phx-V',
        instanceId: 'instance',
        url: 'http://localhost/',
        params: {},
        session: {},
        flash: {},
        host: manualHost(
          this.time,
          {
            report: (error) => this.reported.push(error instanceof Error ? error.message : String(error)),
            ...host,
          },
          this.writers,
        ),
      },
      {
        reply: (ref, _status, response) => this.#take(ref, response),
        push: (event, payload) => this.#take(event, payload),
        close: () => this.sent.push(['phx_close', {}]),
        error: () => this.sent.push(['phx_error', {}]),
      },
      {
        csrfToken: () => 'csrf',
        sendingFiles: 0,
        ask: (tell: (alive: boolean) => void) => tell(true),
        hold() {},
        release() {},
        patch: () => ({ kind: 'same', params: {}, route: noRoute }),
        left() {},
        ended: () => {},
      },
    )
  }

  /** A session that is joined. The page has `messages[0]`. */
  static async joined(view: LiveView, host: Partial<LiveHost> = {}): Promise<LiveRig> {
    const rig = new LiveRig(view, host)
    rig.session.join('1')
    await turn()
    if (rig.messages.length !== 1) throw new Error(`the join failed: ${rig.reported.join()}`)
    return rig
  }

  /** Sends a push, and gives back what answered it, once everything has settled. */
  async push(event: string, payload: unknown): Promise<unknown> {
    const ref = String(++this.#refs)
    this.session.receive(ref, event, payload)
    await turn()
    return this.sent.find(([answered]) => answered === ref)?.[1]
  }

  /** Sends an event of the page, for a component if `cid` is given. */
  event(name: string, value: unknown = {}, cid?: number): Promise<unknown> {
    return this.push('event', { type: 'hook', event: name, value, ...(cid !== undefined && { cid }) })
  }

  async info(info: unknown): Promise<void> {
    this.session.sendInfo(info)
    await turn()
    // Renders of many infos wait for one another.
    this.time.advance(100)
    await turn()
  }

  joinUpload(configRef: string, uuid: string, outlet: UploadOutlet): UploadChannel {
    const channel = this.session.joinUpload(configRef, uuid, outlet)
    if (typeof channel === 'string') throw new Error(`the upload was refused: ${channel}`)
    return channel
  }

  /** What the page was told since the last look. */
  take(): readonly Message[] {
    return this.messages.splice(0)
  }

  #take(key: string | null, text: string): void {
    const body = JSON.parse(text) as Message
    this.sent.push([key, body])
    const message = key === 'diff' ? body : (body['diff'] ?? body['rendered'])
    // A copy: the client changes what it is given.
    if (message !== undefined) this.messages.push(structuredClone(message) as Message)
  }
}
