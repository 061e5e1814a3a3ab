/** What is answered where something fails: the application's error page, in the visitor's language, or a plain line when that fails too. */
import type { ErrorContext, LiveHost } from '../live/host.ts'
import { printUnder } from '../protocol/base-path.ts'
import { renderHtml } from '../template/to-html.ts'
import { directionOf } from '../texts/lang.ts'
import { randomText } from '../token/random.ts'
import type { DevelopmentServer } from './development.ts'
import { titleOf } from './error-page.ts'
import { htmlResponse, type LiveResponse } from './http.ts'
import type { ServerSettings } from './options.ts'
import { policyHeader } from './security-headers.ts'

export interface ErrorResponsesParts {
  readonly settings: ServerSettings
  readonly host: Pick<LiveHost, 'path' | 'refused' | 'report'>
  /** Whether the page may show what has failed. */
  readonly isDevelopment: boolean
  readonly development: DevelopmentServer | undefined
}

export class ErrorResponses {
  readonly #parts: ErrorResponsesParts

  constructor(parts: ErrorResponsesParts) {
    this.#parts = parts
  }

  answer(status: number, lang: string, error?: unknown, context: ErrorContext = { stage: 'http' }): LiveResponse {
    const { settings, host, development } = this.#parts
    const headers = { 'cache-control': 'no-store' }
    try {
      const nonce = randomText(18)
      const policy = settings.contentSecurityPolicy?.(nonce)
      const details = error === undefined ? undefined : development?.details(error, context)
      const shown = this.#parts.isDevelopment ? error : undefined
      const { path } = host
      const about = { status, title: titleOf(status, settings.textsIn(lang)), lang, dir: directionOf(lang) }
      const page = printUnder(settings.basePath, () =>
        renderHtml(settings.errorPage({ ...about, error: shown, details, path, nonce }), undefined, (refusal) => {
          host.refused(refusal, { stage: 'http' })
        }),
      )
      return htmlResponse(status, development?.errorPage(page, nonce) ?? page, {
        ...headers,
        ...(policy !== undefined && { 'content-security-policy': policyHeader(policy) }),
      })
    } catch (failure) {
      host.report(failure, { stage: 'http' })
      return { status, body: `Error ${status}`, headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' } }
    }
  }
}
