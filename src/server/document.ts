/** The document around whatever is shown: what its layout is told, how it is printed, and the headers that it goes out with. */
import type { Flash } from '../live/flash.ts'
import { type HeadOptions, headTags } from '../live/head.ts'
import { printUnder } from '../protocol/base-path.ts'
import { html } from '../template/html.ts'
import type { Refuse } from '../template/safe-values.ts'
import { renderHtml } from '../template/to-html.ts'
import type { Raw } from '../template/values.ts'
import { besideTags } from './beside.ts'
import { directionOf } from '../texts/lang.ts'
import type { Texts } from '../texts/texts.ts'
import type { LiveResponse } from './http.ts'
import type { Layout, LayoutPage } from './layout.ts'
import type { PageSettings } from './live-sessions.ts'
import type { ServerSettings } from './options.ts'
import { policyHeader } from './security-headers.ts'

export interface Document {
  readonly layout: Layout
  readonly page: PageSettings
  /** `undefined`: the one of `page`. */
  readonly title: string | undefined
  readonly head: HeadOptions
  /** The visitor's language, and what is said in it. */
  readonly lang: string
  readonly texts: Texts
  readonly csrfToken: string
  readonly clientUrl: string
  readonly nonce: string
  readonly flash: Flash
  readonly url: URL
  readonly path: (path: string) => string
  readonly content: Raw
}

export function printDocument(document: Document, basePath: string, refuse?: Refuse): string {
  return printUnder(basePath, () => renderHtml(document.layout(toLayoutPage(document)), undefined, refuse))
}

function toLayoutPage({
  page,
  title,
  head,
  lang,
  texts,
  csrfToken,
  clientUrl,
  nonce,
  flash,
  url,
  path,
  content,
}: Document): LayoutPage {
  const more = [besideTags(clientUrl, nonce), page.head, headTags(head, nonce, page.description)].filter(
    (part) => part !== undefined,
  )
  return {
    title: title ?? page.title,
    titleOptions: { prefix: page.titlePrefix, suffix: page.titleSuffix, default: page.title },
    lang,
    dir: directionOf(lang),
    texts,
    head: more.length < 2 ? more[0] : html`${more}`,
    description: head.description ?? page.description,
    bodyClass: head.bodyClass ?? page.bodyClass,
    ...{ csrfToken, clientUrl, nonce, flash, url, path, content },
  }
}

export function documentHeaders(
  { contentSecurityPolicy }: Pick<ServerSettings, 'contentSecurityPolicy'>,
  nonce: string,
  cookies: readonly string[],
): LiveResponse['headers'] {
  const policy = contentSecurityPolicy?.(nonce)
  return {
    'cache-control': 'no-store',
    ...(policy !== undefined && { 'content-security-policy': policyHeader(policy) }),
    ...withCookies(cookies),
  }
}

export function withCookies(cookies: readonly string[]): LiveResponse['headers'] {
  if (cookies.length === 0) return {}
  return { 'set-cookie': cookies.length === 1 ? cookies[0]! : cookies }
}
