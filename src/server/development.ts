/** What a server does for its developer: shows errors in the page, warns of likely mistakes, and brings pages up to date. */
import { LiveError } from '../errors.ts'
import type { Development, ErrorContext } from '../live/host.ts'
import type { WireEvent } from '../protocol/keys.ts'
import { developmentEvents } from '../protocol/message.ts'
import { html } from '../template/html.ts'
import { takeFreshTemplates } from '../template/parse.ts'
import type { Rendered } from '../template/rendered.ts'
import { siteOf, templateError } from '../template/site.ts'
import { renderHtml } from '../template/to-html.ts'
import { raw } from '../template/values.ts'
import { type Texts, textsIn } from '../texts/texts.ts'
import { randomText } from '../token/random.ts'
import { printDocument } from './document.ts'
import { detailsCss, type ErrorDetails, errorDetails, detailsHtml, type ErrorTrace } from './error-details.ts'
import { scriptResponse, type ShippedScript } from './encoding.ts'
import type { LiveRequest, LiveResponse } from './http.ts'
import type { LiveRoute } from './live-sessions.ts'
import { markupMistakes } from './markup-check.ts'
import { checkPage, checkStreams, slotMark } from './page-check.ts'

/** What the runtime's adapter brings for development. */
export interface DevelopmentTools {
  /** The script that pages of a development server load beside the client. */
  readonly script: ShippedScript
  /** Where an error came from. */
  trace(error: unknown): ErrorTrace
}

export interface DevelopmentServerOptions {
  readonly tools: DevelopmentTools
  /** Where the socket is; the script is beside it. */
  readonly path: string
  /** What stands before it in the browser. */
  readonly basePath: string
  readonly clientUrl: string
  /** What is shown over a page is said in. */
  readonly texts: Texts
  /** The route with that path. */
  routeOf(view: string): LiveRoute | undefined
  report(error: unknown, context: ErrorContext): void
}

/** Warnings that are kept in mind so as not to be given twice. */
const mostWarnings = 1000

export class DevelopmentServer implements Development {
  readonly #options: DevelopmentServerOptions
  /** Tells this run of the server from the one before. */
  readonly #boot = randomText(9)
  readonly #warned = new Set<string>()
  #badMarkup = false
  readonly #layouts = new WeakMap<LiveRoute, string>()

  constructor(options: DevelopmentServerOptions) {
    this.#options = options
  }

  /** Answers what the script asks: for itself, and for which server runs now. */
  answer(url: URL, request: LiveRequest): LiveResponse | undefined {
    const { path, tools } = this.#options
    const headers = { 'cache-control': 'no-store' }
    if (url.pathname === `${path}/development.js`) return scriptResponse(request, tools.script, 'no-store')
    if (url.pathname !== `${path}/development`) return undefined
    return { status: 200, headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' }, body: this.#boot }
  }

  /** A page of the first load: looked over, and with the script. */
  page(document: string, nonce: string, route: LiveRoute): string {
    this.#checkTemplates()
    for (const mistake of checkPage(document)) this.warn(mistake, route.path)
    // Told without a place in the program, so only what no template has shown by itself.
    if (!this.#badMarkup)
      for (const what of markupMistakes(document)) this.warn(new LiveError('ERR_PAGE', what), route.path)
    return this.#withScript(document, { nonce, 'data-layout': this.#layoutOf(route) })
  }

  /** A page that is no view of the server: looked over. */
  checkOwnPage(document: string, path: string): void {
    for (const mistake of checkPage(document, { hasView: false })) this.warn(mistake, path)
  }

  /** An error page: it loads itself again when the server has been started anew. */
  errorPage(document: string, nonce: string): string {
    return this.#withScript(document, { nonce, 'data-error-page': '' })
  }

  details(error: unknown, context: ErrorContext): ErrorDetails {
    return errorDetails(error, context, this.#traceOf(error))
  }

  #traceOf(error: unknown): ErrorTrace | undefined {
    try {
      return this.#options.tools.trace(error)
    } catch {
      // Its stack is none. What it says is shown all the same.
      return undefined
    }
  }

  /** Reports a likely mistake, the first time that it is met. */
  warn(mistake: LiveError, view?: string): void {
    const key = `${view} ${mistake.message}`
    if (this.#warned.has(key) || this.#warned.size >= mostWarnings) return
    this.#warned.add(key)
    this.#options.report(mistake, { stage: 'development', view })
  }

  /** A page came with tokens that are not this server's. */
  stale(what: 'csrf' | 'token'): void {
    this.warn(
      new LiveError(
        'ERR_SECRET',
        what === 'csrf'
          ? 'a page may not connect: its CSRF token does not fit its cookie. Is <meta name="csrf-token"> in the layout, are ' +
              'cookies allowed, and is LIVELOOM_SECRET the same in every process? After a login in another tab all is well. The ' +
              'page loads itself anew'
          : 'a page may not connect: its tokens were signed with another secret, or are older than 14 days. Is LIVELOOM_SECRET ' +
              'the same in every process? The page loads itself anew',
      ),
    )
  }

  // What views ask for.

  checkRender(rendered: Rendered): void {
    this.#checkTemplates()
    for (const mistake of checkStreams(rendered)) this.warn(mistake)
  }

  /** Looks at the templates that were met for the first time. */
  #checkTemplates(): void {
    for (const strings of takeFreshTemplates()) {
      for (const what of markupMistakes(strings.join(slotMark))) {
        this.#badMarkup = true
        const site = siteOf(strings)
        this.warn(templateError('ERR_PAGE', strings, `html: ${what}${site === '' ? '' : `, in ${site}`}`))
      }
    }
  }

  crashed(error: unknown, context: ErrorContext, joining: boolean): WireEvent {
    const { overlay } = this.#options.texts
    const shown = renderHtml(detailsHtml(this.details(error, context), overlay))
    const words = { close: overlay.close({}), tryAgain: overlay.tryAgain({}) }
    return [developmentEvents.error, { html: shown, css: detailsCss, joining, words }, true]
  }

  joined(view: string, staticChanged: boolean): WireEvent {
    const route = this.#options.routeOf(view)
    const layout = route === undefined ? null : this.#layoutOf(route)
    return [developmentEvents.joined, { boot: this.#boot, layout, staticChanged }]
  }

  #withScript(document: string, attributes: Readonly<Record<string, string>>): string {
    const list = Object.entries({
      src: `${this.#options.basePath}${this.#options.path}/development.js`,
      'data-liveloom-boot': this.#boot,
      ...attributes,
    })
    const script = `<script defer ${list.map(([name, value]) => `${name}="${value}"`).join(' ')}></script>`
    // Before the client's own script, which looks for it.
    const head = /<head(?:\s[^>]*)?>/i.exec(document)
    const at = head === null ? 0 : head.index + head[0].length
    return at === 0 ? document + script : document.slice(0, at) + script + document.slice(at)
  }

  /** What of a layout does not depend on the view: when it differs after a restart, the page has to be loaded anew. */
  #layoutOf(route: LiveRoute): string {
    let mark = this.#layouts.get(route)
    if (mark === undefined) this.#layouts.set(route, (mark = markOf(printLayout(route, this.#options))))
    return mark
  }
}

/** Whatever the visitor's language: that is no difference of the layout. */
const english = textsIn(undefined)('en')

function printLayout({ layout, group }: LiveRoute, { basePath, clientUrl }: DevelopmentServerOptions): string {
  const nothing = {
    title: undefined,
    head: {},
    csrfToken: '',
    nonce: '',
    flash: {},
    lang: 'en',
    texts: english,
    content: raw(renderHtml(html``)),
  }
  const url = new URL('http://localhost/')
  const path = (to: string): string => basePath + to
  try {
    return printDocument({ ...nothing, layout, page: group.page, clientUrl, url, path }, basePath)
  } catch {
    // It needs a page of its own. Nothing is known of it then.
    return ''
  }
}

/** A short mark of a text: FNV-1a. */
function markOf(text: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(36)
}
