import { html } from '../template/html.ts'
import type { Rendered } from '../template/rendered.ts'
import type { Raw } from '../template/values.ts'

/** What a layout puts around a view. */
export interface LayoutPage {
  /** What the view set with `pageTitle`, else the server's `page.title`. */
  readonly title: string
  readonly lang: string
  /** More of the head, from the server's `page.head`. */
  readonly head: Rendered | undefined
  /** Must stand in `<meta name="csrf-token" content="…">`: without it no view connects. */
  readonly csrfToken: string
  /** Where the prebuilt client is. A page with a bundle of its own leaves it out. */
  readonly clientUrl: string
  /** The view. Must stand in the body, once. */
  readonly content: Raw
}

/** A plain page that says when its connection is lost. */
export function defaultLayout({ title, lang, head, csrfToken, clientUrl, content }: LayoutPage): Rendered {
  return html`<!doctype html>
    <html lang="${lang}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="csrf-token" content="${csrfToken}" />
        <title>${title}</title>
        <style>
          .liveloom-offline {
            display: none;
            position: fixed;
            inset: auto 0 0;
            z-index: 2147483647;
            margin: 0;
            padding: 0.6rem 1rem;
            text-align: center;
            font:
              500 0.95rem/1.4 system-ui,
              sans-serif;
            color: #fff;
            background: #8a1c1c;
          }
          body:has([data-phx-main].phx-client-error) .liveloom-offline-client,
          body:has([data-phx-main].phx-server-error) .liveloom-offline-server {
            display: block;
          }
        </style>
        <link rel="icon" href="data:," />
        ${head}
        <script defer src="${clientUrl}"></script>
      </head>
      <body>
        ${content}
        <p class="liveloom-offline liveloom-offline-client" role="status">You are offline. Trying to reconnect…</p>
        <p class="liveloom-offline liveloom-offline-server" role="status">
          Something went wrong. Getting back on track…
        </p>
      </body>
    </html>`
}
