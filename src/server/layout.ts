import type { Flash } from '../live/flash.ts'
import { html } from '../template/html.ts'
import type { Rendered } from '../template/rendered.ts'
import { attrs, type Raw } from '../template/values.ts'

/** What a layout puts around a view. */
export interface LayoutPage {
  /** What the view set with `pageTitle`, else the `page.title` of its live session, else the server's. */
  readonly title: string
  /** From `page` of the live session or the server: what `live_title` takes. */
  readonly titleOptions: TitleOptions
  readonly lang: string
  /** More of the head, from `page.head` of the live session or the server. */
  readonly head: Rendered | undefined
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

/** A plain page that says when its connection is lost. */
export function defaultLayout(page: LayoutPage): Rendered {
  const { title, titleOptions, lang, head, csrfToken, clientUrl, nonce, content } = page
  return html`<!doctype html>
    <html lang="${lang}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="csrf-token" content="${csrfToken}" />
        ${live_title(title, titleOptions)}
        <link rel="icon" href="data:," />
        ${head}
        <script defer phx-track-static nonce="${nonce}" src="${clientUrl}"></script>
      </head>
      <body>
        ${content}
        <p class="liveloom-offline liveloom-offline-client" role="status" hidden>You are offline. Trying to reconnect…</p>
        <p class="liveloom-offline liveloom-offline-server" role="status" hidden>
          Something went wrong. Getting back on track…
        </p>
      </body>
    </html>`
}
