/** Takes the forms of views that come over HTTP: from a browser without JavaScript, or whose page has not connected yet. */
import type { LiveView } from '../live/definitions.ts'
import type { FormLimits } from '../forms/decode.ts'
import type { FormToken } from '../live/form-tokens.ts'
import { formTokenField } from '../protocol/form-token.ts'
import type { Timer } from '../time/timer.ts'
import { Tally } from '../upload/tally.ts'
import type { OpenPage } from './dead-render.ts'
import { FormRefusal, pacedBody } from './form-body.ts'
import type { LiveRequest, LiveResponse } from './http.ts'
import type { LiveRoute } from './live-sessions.ts'
import type { MultipartSink, ReadMultipart, Spool } from './multipart.ts'
import { kindOf, readFormText } from './post-body.ts'
import { isOpaqueOwn } from './posts.ts'
import { FormAnswer, PostedForm } from './posted-form.ts'
import type { ProcessBudget } from './process-budget.ts'
import type { RouteMatch } from './router.ts'
import type { Visitor } from './visitor.ts'

/** What they need of their server. */
export interface FormPostsServer extends FormLimits {
  readonly maxPostSize: number
  readonly budget: Pick<ProcessBudget, 'add' | 'isOver'>
  /** Absent where the runtime reads no files out of forms. */
  readonly readMultipart?: ReadMultipart | undefined
  readonly openSpool?: (() => Promise<Spool>) | undefined
  now(): number
  startTimer(ms: number, fire: () => void): Timer
  visitor(request: LiveRequest): Visitor
  isCsrfToken(visitor: Visitor, token: unknown): boolean
  isOwnOrigin(origin: string | null, url: URL): boolean
  readToken(text: string): FormToken | undefined
  /** The view of the route that a token names. */
  viewOf(route: string): LiveView | undefined
  open(post: FormPost): Promise<OpenPage>
  errorResponse(request: LiveRequest, status: number): LiveResponse
  limitReached(limit: 'maxPostSize' | 'maxProcessBytes' | 'maxFormPosts', fixed?: number): void
}

export interface FormPost {
  readonly request: LiveRequest
  readonly url: URL
  readonly match: RouteMatch<LiveRoute>
}

/** Forms with files that are read at once, in the process and of one visitor. */
const mostPosts = 200
const mostOfVisitor = 6
/** Bytes of a form beside its fields and files: of 10,000 parts. */
const frameBytes = 2 * 1024 * 1024

export class FormPosts {
  readonly #server: FormPostsServer
  /** The forms with files that are read, by visitor. */
  readonly #reading = new Tally<string>()
  #readingAll = 0

  constructor(server: FormPostsServer) {
    this.#server = server
  }

  /** Whether a POST may be a form of a view. Anything else at its address is for others, as is what comes without a cookie of ours: no page of ours has sent it. */
  takes(request: LiveRequest): boolean {
    return (
      kindOf(request.headers.get('content-type') ?? '', false) !== undefined && !this.#server.visitor(request).isNew
    )
  }

  async answer(post: FormPost): Promise<LiveResponse> {
    const { request, url } = post
    const { headers } = request
    const origin = headers.get('origin')
    if (!this.#server.isOwnOrigin(isOpaqueOwn(request, origin) ? null : origin, url)) return this.#refuse(post, 403)
    if ((headers.get('content-encoding') ?? 'identity').toLowerCase() !== 'identity') return this.#refuse(post, 415)
    let held = 0
    const hold = (bytes: number): boolean => {
      held += bytes
      this.#server.budget.add(bytes)
      const isOver = this.#server.budget.isOver(held)
      if (isOver) this.#server.limitReached('maxProcessBytes')
      return !isOver
    }
    try {
      const isMultipart = kindOf(headers.get('content-type') ?? '', false) === 'multipart'
      return await (isMultipart ? this.#takeParts(post, hold) : this.#takeFields(post, hold))
    } catch (error) {
      if (error instanceof FormRefusal) return this.#refuse(post, error.status)
      if (error instanceof FormAnswer) return closing(error.response)
      throw error
    } finally {
      this.#server.budget.add(-held)
    }
  }

  async #takeFields(post: FormPost, hold: (bytes: number) => boolean): Promise<LiveResponse> {
    const server = this.#server
    const { maxPostSize } = server
    const startTimer = (ms: number, fire: () => void): Timer => server.startTimer(ms, fire)
    const text = await readFormText(post.request, { maxPostSize, hold, startTimer })
    if (typeof text === 'number') throw new FormRefusal(text)
    const { token } = this.#check(post, new URLSearchParams(text).get(formTokenField))
    const form = await this.#open(post, token)
    try {
      return await form.submit(text)
    } finally {
      await form.end()
    }
  }

  /** The hidden field comes first: nothing is kept of the files of a form that does not have it. */
  async #takeParts(post: FormPost, hold: (bytes: number) => boolean): Promise<LiveResponse> {
    const fields = new Fields(this.#server.maxPostSize, hold)
    let form: PostedForm | undefined
    let visitorId: string | undefined
    const open = async (): Promise<PostedForm> => {
      if (form !== undefined) return form
      const { token, visitor } = this.#check(post, fields.token)
      this.#enter(visitor.id)
      visitorId = visitor.id
      post.request.bodyTakesLong?.()
      return (form = await this.#open(post, token))
    }
    try {
      const isWhole = await this.#readParts(post, {
        most: () => this.#server.maxPostSize + frameBytes + 2 * (form?.files.room ?? 0),
        field: (name, value) => fields.add(name, value),
        file: async (file) => (await open()).files.take(file),
        // Its page can say why: nobody is asked for the rest.
        isEnough: () => form?.files.refused === true,
      })
      const response = await (await open()).submit(fields.text)
      return isWhole ? response : closing(response)
    } finally {
      await form?.end()
      if (visitorId !== undefined) this.#leave(visitorId)
    }
  }

  /** False when the rest was not waited for. */
  async #readParts(
    { request }: FormPost,
    { most, field, file, isEnough }: MultipartSink & { most(): number; isEnough(): boolean },
  ): Promise<boolean> {
    const { readMultipart, maxPostSize: maxFieldSize, maxFields } = this.#server
    if (readMultipart === undefined) throw new FormRefusal(415)
    const startTimer = (ms: number, fire: () => void): Timer => this.#server.startTimer(ms, fire)
    const body = pacedBody(request.body ?? nothing(), { most, startTimer, now: () => this.#server.now() })
    const limits = { maxParts: maxFields, maxFieldSize }
    try {
      const type = request.headers.get('content-type') ?? ''
      const end = await readMultipart(body, type, limits, { field, file })
      if (end !== 'complete') throw new FormRefusal(end === 'broken' ? 400 : 413)
      return true
    } catch (error) {
      if (error instanceof FormRefusal && error.status === 413 && isEnough()) return false
      throw error
    }
  }

  /** @throws {FormRefusal} 403 for a form that is none of this visitor's pages, or not of this view. */
  #check({ request, match }: FormPost, text: string | null): { readonly token: FormToken; readonly visitor: Visitor } {
    const visitor = this.#server.visitor(request)
    const token = text === null ? undefined : this.#server.readToken(text)
    const isOurs = token !== undefined && this.#server.viewOf(token.view) === match.route.view
    if (!isOurs || !this.#server.isCsrfToken(visitor, token.csrfToken)) throw new FormRefusal(403)
    return { token, visitor }
  }

  async #open(post: FormPost, token: FormToken): Promise<PostedForm> {
    const { openSpool } = this.#server
    const page = await this.#server.open(post)
    return PostedForm.open(page, token, openSpool ?? noSpool)
  }

  /** @throws {FormRefusal} 503 when as many are read as may be. */
  #enter(visitorId: string): void {
    const own = this.#reading.of(visitorId)
    if (own >= mostOfVisitor || this.#readingAll >= mostPosts) {
      this.#server.limitReached('maxFormPosts', own >= mostOfVisitor ? mostOfVisitor : mostPosts)
      throw new FormRefusal(503)
    }
    this.#reading.add(visitorId, 1)
    this.#readingAll++
  }

  #leave(visitorId: string): void {
    this.#reading.add(visitorId, -1)
    this.#readingAll--
  }

  #refuse({ request }: FormPost, status: number): LiveResponse {
    if (status === 413) this.#server.limitReached('maxPostSize')
    return closing(this.#server.errorResponse(request, status))
  }
}

/** The fields of a form of several parts, as those of any other are encoded. */
class Fields {
  readonly #pairs = new URLSearchParams()
  readonly #most: number
  readonly #hold: (bytes: number) => boolean
  #size = 0

  constructor(most: number, hold: (bytes: number) => boolean) {
    this.#most = most
    this.#hold = hold
  }

  get token(): string | null {
    return this.#pairs.get(formTokenField)
  }

  get text(): string {
    return this.#pairs.toString()
  }

  /** @throws {FormRefusal} 413 when they are too large together, 503 when the process has no room for them. */
  add(name: string, value: string): void {
    const size = name.length + value.length
    this.#size += size
    if (this.#size > this.#most) throw new FormRefusal(413)
    if (!this.#hold(size)) throw new FormRefusal(503)
    this.#pairs.append(name, value)
  }
}

/** What is left of a body that nobody wants is not waited for. */
function closing(response: LiveResponse): LiveResponse {
  return { ...response, headers: { ...response.headers, connection: 'close' } }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function noSpool(): never {
  throw new FormRefusal(415)
}
