import type { Flash } from '../live/flash.ts'
import { html } from '../template/html.ts'
import type { Rendered } from '../template/rendered.ts'
import { attrs, type Raw, raw } from '../template/values.ts'
import type { Texts } from '../texts/texts.ts'

/** What a layout puts around a view. */
export interface LayoutPage {
  /** What the view set with `pageTitle`, else the `page.title` of its live session, else the server's. */
  readonly title: string
  /** From `page` of the live session or the server: what `live_title` takes. */
  readonly titleOptions: TitleOptions
  /** The visitor's language, for `<html lang>`: `page.lang` of the live session or the server. */
  readonly lang: string
  /** Which way it is written, for `<html dir>`. */
  readonly dir: 'ltr' | 'rtl'
  /** What a page says by itself, in that language: `texts.lines.offline({})`. */
  readonly texts: Texts
  /**
   * More of the head: `page.head` of the live session or the server, and the tags of what the view said with `socket.head`, its
   * description among them.
   */
  readonly head: Rendered | undefined
  /** What the view said with `socket.head`, else `page.description`. It stands in `head` already. */
  readonly description: string | undefined
  /** For the `class` of the body: what the view said with `socket.head`, else `page.bodyClass`. */
  readonly bodyClass: string | undefined
  /** Must stand in `<meta name="csrf-token" content="…">`: without it no view connects. */
  readonly csrfToken: string
  /** Where the prebuilt client is. A page with a bundle of its own leaves it out. */
  readonly clientUrl: string
  /** For the `nonce` of scripts and styles, when the server has a `contentSecurityPolicy`. */
  readonly nonce: string
  /** The messages that the page shows. A layout shows them once; a view shows `meta.flash`. */
  readonly flash: Flash
  /** Where the page is, without the `basePath` of the server. */
  readonly url: URL
  /** A path of this site as the browser has it, with the `basePath` of the server: for stylesheets, icons, plain links. */
  readonly path: (path: string) => string
  /** The view. Must stand in the body, once. */
  readonly content: Raw
}

/** What stands around the title of each view. */
export interface TitleOptions {
  readonly prefix?: string | undefined
  readonly suffix?: string | undefined
  /** For views that set none. */
  readonly default?: string | undefined
}

/** The title of the page, for a layout: `pageTitle` changes it while the page lives, with the same prefix and suffix. */
export function live_title(title: string, { prefix = '', suffix = '', default: none }: TitleOptions = {}): Rendered {
  const shown = title.trim() === '' && none !== undefined ? none : title
  const data = { 'data-prefix': prefix || undefined, 'data-suffix': suffix || undefined, 'data-default': none }
  return html`<title ${attrs(data)}>${prefix}${shown}${suffix}</title>`
}

/** The document around a view. */
export type Layout = (page: LayoutPage) => Rendered

/** What `live_head` takes beside the page. */
export interface LiveHeadOptions {
  /** The address of the icon, or `false` when `page.head` has one. @default an empty one, so that the browser asks for none */
  readonly icon?: string | false | undefined
  /** Load the prebuilt client. `false` for a page with a bundle of its own, which calls `connect`. @default true */
  readonly client?: boolean | undefined
}

/**
 * What the head of every layout needs: charset and viewport, the CSRF token, without which no view connects, the title, whatever the
 * view and the live session say more of it, an icon, and the client.
 *
 * @example
 * import { html, type LayoutPage, live_head, live_offline } from 'liveloom'
 *
 * export const layout = (page: LayoutPage) => html`<!doctype html>
 *   <html lang="${page.lang}" dir="${page.dir}">
 *     <head>
 *       ${live_head(page)}
 *       <link rel="stylesheet" phx-track-static href="/site.css" />
 *     </head>
 *     <body class=${page.bodyClass}>
 *       ${page.content} ${live_offline(page)}
 *     </body>
 *   </html>`
 */
export function live_head(page: LayoutPage, { icon = 'data:,', client = true }: LiveHeadOptions = {}): Rendered {
  const { title, titleOptions, head, csrfToken, clientUrl, nonce } = page
  return html`<meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="csrf-token" content="${csrfToken}" />
    ${live_title(title, titleOptions)} ${icon !== false && html`<link rel="icon" href="${icon === 'data:,' ? noIcon : icon}" />`}
    ${head} ${client && html`<script defer phx-track-static nonce="${nonce}" src="${clientUrl}"></script>`}`
}

/** An address that the browser need not ask anybody for. */
const noIcon = raw('data:,')

/** The lines that say that the connection is lost. The served client shows them; where it is not loaded they stay hidden. */
export function live_offline({ texts }: LayoutPage): Rendered {
  const { offline, trouble } = texts.lines
  return html`<p class="liveloom-offline liveloom-offline-client" role="status" hidden>${offline({})}</p>
    <p class="liveloom-offline liveloom-offline-server" role="status" hidden>${trouble({})}</p>`
}

/** A plain page that says when its connection is lost. */
export function defaultLayout(page: LayoutPage): Rendered {
  return html`<!doctype html>
    <html lang="${page.lang}" dir="${page.dir}">
      <head>
        ${live_head(page)}
      </head>
      <body class=${page.bodyClass}>
        ${page.content} ${live_offline(page)}
      </body>
    </html>`
}
