/** The two browsers' sides of long polling: single requests, right or wrong, and the official client's own transport. */
// The sources, which say what went on; types are those of the package.
// @ts-expect-error The client ships this source without types.
import * as client from '../../node_modules/phoenix/assets/js/phoenix/index.js'
import type * as Phoenix from 'phoenix'
import { joinPayload, type Page } from './raw-client.ts'

const { Socket, LongPoll } = client as { Socket: typeof Phoenix.Socket; LongPoll: typeof Phoenix.LongPoll }

/** What the body of an answer says. */
export interface LongPollAnswer {
  readonly status: number
  readonly token?: string | null
  readonly messages?: readonly string[]
}

export class LongPollClient {
  readonly #page: Page
  readonly #params: Readonly<Record<string, string>>
  token: string | undefined

  constructor(page: Page, params: Readonly<Record<string, string>> = {}) {
    this.#page = page
    this.#params = params
  }

  /** A client whose session is open. */
  static async open(page: Page): Promise<LongPollClient> {
    const opened = new LongPollClient(page)
    await opened.poll()
    return opened
  }

  /** Polls, and keeps the token that the answer brings. */
  async poll(): Promise<LongPollAnswer> {
    const answer = await this.get()
    this.token = answer.token ?? undefined
    return answer
  }

  get(headers: Readonly<Record<string, string>> = {}, signal?: AbortSignal): Promise<LongPollAnswer> {
    return this.#ask({ headers: { cookie: this.#page.cookie, ...headers }, signal: signal ?? null })
  }

  post(
    body: string | Uint8Array<ArrayBuffer> | ReadableStream,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<LongPollAnswer> {
    return this.#ask({
      method: 'POST',
      body,
      headers: { cookie: this.#page.cookie, 'content-type': 'application/x-ndjson', ...headers },
      duplex: 'half',
    } as RequestInit)
  }

  async #ask(init: RequestInit): Promise<LongPollAnswer> {
    return (await (await fetch(this.url, init)).json()) as LongPollAnswer
  }

  get url(): string {
    const url = new URL('/live/longpoll', this.#page.url)
    const query = { ...this.#params, _csrf_token: this.#page.csrfToken, vsn: '2.0.0' }
    for (const [name, value] of Object.entries(query)) url.searchParams.append(name, value)
    if (this.token !== undefined) url.searchParams.append('token', this.token)
    return url.href
  }
}

/** The official client, connected by long polling from the start. Its cookie is set by hand, as there is no browser. */
export class PollSocket {
  readonly #socket: Phoenix.Socket
  readonly #restore: () => void
  readonly opened: Promise<void>

  constructor(page: Page) {
    const { fetch } = globalThis
    globalThis.fetch = (input, init) => {
      const headers = new Headers(init?.headers)
      headers.set('cookie', page.cookie)
      return fetch(input, { ...init, headers })
    }
    this.#restore = () => void (globalThis.fetch = fetch)
    this.#socket = new Socket(new URL('/live', page.url).href, {
      transport: LongPoll,
      params: { _csrf_token: page.csrfToken },
      rejoinAfterMs: () => 50,
    })
    this.opened = new Promise((resolve) => this.#socket.onOpen(() => resolve()))
    this.#socket.connect()
  }

  view(page: Page): PollChannel {
    return new PollChannel(this.#socket.channel(`lv:${page.id}`, joinPayload(page)))
  }

  upload(ref: string, token: string): PollChannel {
    return new PollChannel(this.#socket.channel(`lvu:${ref}`, { token }))
  }

  close(): void {
    this.#restore()
    this.#socket.disconnect()
  }
}

export class PollChannel {
  readonly #channel: Phoenix.Channel
  /** The diffs that came without a question. */
  readonly pushed: unknown[] = []
  /** How often it was joined. */
  joins = 0

  constructor(channel: Phoenix.Channel) {
    this.#channel = channel
    channel.on('diff', (diff: unknown) => void this.pushed.push(diff))
  }

  join(): Promise<unknown> {
    const joined = this.#channel.join()
    joined.receive('ok', () => this.joins++)
    return settled(joined)
  }

  push(event: string, payload: object): Promise<unknown> {
    return settled(this.#channel.push(event, payload))
  }

  /** Binary, as the client sends chunks. */
  chunk(bytes: Uint8Array): Promise<unknown> {
    return this.push('chunk', new Uint8Array(bytes).buffer)
  }
}

function settled(push: Phoenix.Push): Promise<unknown> {
  return new Promise((resolve, reject) => {
    push
      .receive('ok', resolve)
      .receive('error', (reason) => reject(new Error(JSON.stringify(reason))))
      .receive('timeout', () => reject(new Error('no answer in time')))
  })
}
