/** Who asks: the visitor that the signed cookie names, the session that views of theirs are given, and what a response says of them. */
import type { Flash } from '../live/flash.ts'
import type { SessionData } from '../live/definitions.ts'
import { isCsrfToken } from '../token/csrf.ts'
import type { Signer } from '../token/signer.ts'
import type { LiveRequest } from './http.ts'
import { langOf, type PageLang } from './live-sessions.ts'
import type { ServerSettings } from './options.ts'
import { toUrl } from './own-addresses.ts'
import { flashCookie, readVisitor, type Visitor, visitorCookie, withSession } from './visitor.ts'

type VisitSettings = Pick<ServerSettings, 'cookie' | 'session' | 'lang'>

export class Visits {
  readonly #settings: VisitSettings
  readonly #signer: Signer
  readonly #newId: () => string
  readonly #report: (error: unknown) => void

  /** `report`: what a function of the application has thrown while an error was to be shown. */
  constructor(settings: VisitSettings, signer: Signer, newId: () => string, report: (error: unknown) => void) {
    this.#settings = settings
    this.#signer = signer
    this.#newId = newId
    this.#report = report
  }

  /**
   * The `Set-Cookie` header that gives a visitor the session `data`, for a response of yours: a login, say. The visitor's id stays, the
   * CSRF secret is a new one: a page that was opened before is loaded anew when it connects again, and its forms fit no more.
   * Signed, not encrypted.
   *
   * @throws {LiveError} `ERR_COOKIE` when the data is too large for a cookie, or no object.
   */
  sessionCookie(request: LiveRequest, data: SessionData): string {
    const visitor = withSession(this.visitor(request), data)
    return visitorCookie(request, this.#signer, this.#settings.cookie, visitor)
  }

  /** The session of a request, as views are given it. */
  async sessionOf(request: LiveRequest, fromCookie: SessionData = this.visitor(request).session): Promise<SessionData> {
    const { session } = this.#settings
    return session === undefined ? fromCookie : await session(request)
  }

  /**
   * The `Set-Cookie` header that has the next page show `flash`, for a redirect of yours. Signed, not encrypted.
   *
   * @throws {LiveError} `ERR_COOKIE` when the messages are too large for a cookie.
   */
  flashCookie(request: LiveRequest, flash: Flash): string {
    return flashCookie(request, this.#signer, this.#settings.cookie, flash)
  }

  /** Whether `token` is one that a page of this visitor carried: `meta.csrfToken`, sent back by a form. */
  isCsrfToken(request: LiveRequest, token: unknown): boolean {
    return this.isCsrfTokenOf(this.visitor(request), token)
  }

  isCsrfTokenOf({ csrfSecret, isNew }: Visitor, token: unknown): boolean {
    return !isNew && typeof token === 'string' && isCsrfToken(this.#signer, csrfSecret, token)
  }

  visitor(request: LiveRequest): Visitor {
    return readVisitor(request, this.#signer, this.#settings.cookie, this.#newId)
  }

  /** The language of an error page. The session is that of the cookie: one of your own may take its time, or be what failed. */
  langFor(request: LiveRequest, lang: PageLang = this.#settings.lang): string {
    if (typeof lang === 'string') return langOf(lang, request, {})
    // Such an address is none, and your function is handed addresses alone.
    if (toUrl(request.url) === undefined) return 'en'
    try {
      const session = this.#settings.session === undefined ? this.visitor(request).session : {}
      return langOf(lang, request, session)
    } catch (error) {
      this.#report(error)
      return 'en'
    }
  }

  /** Where nothing is known of a visitor. */
  get ownLang(): string {
    const { lang } = this.#settings
    return typeof lang === 'string' ? lang : 'en'
  }
}
