/** Pages of the application's own, which no route leads to: in the layout of a live session, in its shell, with its live links. */
import { describe, LiveError } from '../errors.ts'
import type { SessionData } from '../live/definitions.ts'
import type { Flash } from '../live/flash.ts'
import { checkHead, type HeadOptions } from '../live/head.ts'
import type { LiveHost } from '../live/host.ts'
import { isShell, type Shell } from '../live/shell.ts'
import { createLiveView } from '../live/view.ts'
import { Rendered } from '../template/rendered.ts'
import { raw } from '../template/values.ts'
import { createCsrfToken } from '../token/csrf.ts'
import { randomText } from '../token/random.ts'
import { DeadView, ViewFailure } from './dead-view.ts'
import type { DevelopmentServer } from './development.ts'
import { documentHeaders, printDocument } from './document.ts'
import { htmlResponse, type LiveRequest, type LiveResponse } from './http.ts'
import type { Layout } from './layout.ts'
import { langOf, type LiveSessionSettings } from './live-sessions.ts'
import type { ServerSettings } from './options.ts'
import { needsCookie, type Visitor, visitorCookie } from './visitor.ts'

/** How a page of one's own is shown. */
export interface OwnPageOptions {
  /** The live session whose layout and shell are around it. @default 'default': that of the server's own routes */
  readonly liveSession?: string | undefined
  /** The HTTP status. @default 200 */
  readonly status?: number | undefined
  /** @default `page.title` of the live session */
  readonly title?: string | undefined
  /** What a view says with `socket.head`. @default {} */
  readonly head?: HeadOptions | undefined
  /** Messages beside those that the page before has left. @default {} */
  readonly flash?: Flash | undefined
  /** @default that of the live session */
  readonly layout?: Layout | undefined
  /** `false` is none. @default that of the live session */
  readonly shell?: Shell | false | undefined
}

/** What the content of a page of one's own may need. */
export interface OwnPageParts {
  /** For the hidden field `_csrf_token` of its forms. */
  readonly csrfToken: string
  /** The messages that the page before has left, and those of the options. */
  readonly flash: Flash
  /** For the `nonce` of its scripts and styles. */
  readonly nonce: string
  readonly url: URL
  /** The visitor's language. */
  readonly lang: string
  /** The session that views of this visitor are given. */
  readonly session: SessionData
}

export type OwnPageContent = Rendered | ((parts: OwnPageParts) => Rendered)

/** A response, for whatever sends it: `response.writeHead(page.status, page.headers).end(page.body)`. */
export interface OwnPage {
  readonly status: number
  readonly headers: Record<string, string | string[]>
  readonly body: string
}

const known: ReadonlySet<string> = new Set([
  'liveSession',
  'status',
  'title',
  'head',
  'flash',
  'layout',
  'shell',
] satisfies (keyof OwnPageOptions)[])

const wrong = (message: string): LiveError => new LiveError('ERR_SERVER_OPTIONS', `page: ${message}`)

export interface OwnPageFacts {
  readonly request: LiveRequest
  readonly url: URL
  readonly visitor: Visitor
  readonly session: SessionData
  readonly flash: Flash
  readonly clientUrl: string
  readonly development: DevelopmentServer | undefined
}

/** @throws {LiveError} `ERR_SERVER_OPTIONS` for a wrong option. */
export async function renderOwnPage(
  facts: OwnPageFacts,
  content: OwnPageContent,
  options: OwnPageOptions,
  host: LiveHost,
  settings: ServerSettings,
): Promise<LiveResponse> {
  const group = checkOptions(options, settings.liveSessions)
  const { request, url, visitor, session, clientUrl, development } = facts
  const { status = 200, title, head = {}, layout = group.layout, shell = group.shell } = options
  const flash = { ...facts.flash, ...options.flash }
  const nonce = randomText(16)
  const csrfToken = createCsrfToken(host.signer, visitor.csrfSecret)
  const lang = langOf(group.page.lang, request, session)
  const rendered = typeof content === 'function' ? content({ csrfToken, flash, nonce, url, session, lang }) : content
  if (!(rendered instanceof Rendered)) throw wrong(`expected a template of html, got ${describe(rendered)}`)
  // The shell is a view's: what it places, components and sticky views, is mounted as in one.
  const view = new DeadView(
    {
      ...{ view: createLiveView({ render: () => rendered }), route: { action: undefined, shell } },
      ...{
        id: `phx-${randomText(3)}`,
        name: url.pathname,
        url: url.href,
        onMount: [],
        flash,
        params: {},
        around: undefined,
        // Nothing joins it.
        adoptable: false,
        session,
      },
    },
    { host, nonce, lang, csrfToken, session, visitorId: visitor.id },
  )
  try {
    const printed = printDocument(
      {
        ...{
          layout,
          page: group.page,
          title: title ?? head.title,
          head,
          csrfToken,
          clientUrl,
          nonce,
          flash,
          url,
          path: host.path,
        },
        ...{ lang, texts: host.textsIn(lang) },
        content: raw(await view.render()),
      },
      host.basePath,
      (refusal) => host.refused(refusal, { stage: 'http' }),
    )
    development?.checkOwnPage(printed, url.pathname)
    const { cookie } = settings
    const cookies = needsCookie(visitor, request, cookie) ? [visitorCookie(request, host.signer, cookie, visitor)] : []
    return htmlResponse(status, printed, documentHeaders(settings, nonce, cookies))
  } catch (error) {
    throw error instanceof ViewFailure ? error.error : error
  } finally {
    view.end()
  }
}

function checkOptions(
  options: OwnPageOptions,
  liveSessions: ReadonlyMap<string, LiveSessionSettings>,
): LiveSessionSettings {
  if (typeof options !== 'object' || options === null) throw wrong(`expected options, got ${describe(options)}`)
  for (const name of Object.keys(options)) {
    if (!known.has(name)) throw wrong(`unknown option '${name}'; known are ${[...known].join(', ')}`)
  }
  const { liveSession = 'default', status = 200, title = '', head = {}, flash = {}, layout, shell } = options
  const group = liveSessions.get(liveSession)
  if (group === undefined) {
    const names = [...liveSessions.keys()].join(', ')
    throw wrong(`liveSession must be one of ${names}, got ${describe(liveSession)}`)
  }
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw wrong(`status must be an HTTP status of a page, got ${describe(status)}`)
  }
  if (typeof title !== 'string') throw wrong(`title must be text, got ${describe(title)}`)
  if (typeof flash !== 'object' || flash === null) {
    throw wrong(`flash must be an object of messages, got ${describe(flash)}`)
  }
  if (layout !== undefined && typeof layout !== 'function') {
    throw wrong(`layout must be a function, got ${describe(layout)}`)
  }
  if (!isShell(shell)) throw wrong(`shell must be a function or false, got ${describe(shell)}`)
  checkHead(head, (message) => wrong(`head: ${message}`))
  return group
}

/** As a framework takes it: with the server's default headers in it. */
export function toOwnPage({ status, headers, defaultHeaders, body }: LiveResponse): OwnPage {
  const entries = Object.entries({ ...defaultHeaders, ...headers })
  return {
    status,
    headers: Object.fromEntries(entries.map(([name, value]) => [name, typeof value === 'string' ? value : [...value]])),
    // A page is text; bytes are those of scripts.
    body: body as string,
  }
}
