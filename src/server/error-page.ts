import { html } from '../template/html.ts'
import type { Rendered } from '../template/rendered.ts'
import { raw } from '../template/values.ts'
import type { Texts } from '../texts/texts.ts'
import type { PageStatus } from '../texts/words.ts'
import { detailsCss, detailsHtml, type ErrorDetails } from './error-details.ts'

/** What an error page shows. */
export interface ErrorPage {
  readonly status: number
  /** What the status means, in the visitor's language: `texts` of `createLiveServer` has it. */
  readonly title: string
  /** The visitor's language, as far as it is known. */
  readonly lang: string
  /** Which way it is written. */
  readonly dir: 'ltr' | 'rtl'
  /** What was thrown; only in development, where it may be shown. */
  readonly error: unknown
  /** The same told whole, with the place in the code; only in development. */
  readonly details?: ErrorDetails | undefined
  /** A path of this site as the browser has it, with the `basePath` of the server. */
  readonly path: (path: string) => string
  /** For the `nonce` of scripts and styles, when the server has a `contentSecurityPolicy`. */
  readonly nonce: string
}

/** What a status means; one without a title of its own is called as the first of its kind. */
export function titleOf(status: number, { pages }: Texts): string {
  const known = status in pages ? (status as PageStatus) : status >= 500 ? 500 : 400
  return pages[known]({})
}

export function defaultErrorPage({ status, title, lang, dir, details, nonce }: ErrorPage): Rendered {
  return html`<!doctype html>
    <html lang="${lang}" dir="${dir}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${status} · ${title}</title>
        <link rel="icon" href="data:," />
        <style nonce="${nonce}">
          body {
            margin: 0;
            min-height: 100vh;
            display: grid;
            place-content: center;
            grid-template-columns: minmax(0, max-content);
            gap: 0.5rem;
            padding: 2rem;
            box-sizing: border-box;
            font:
              1rem/1.5 system-ui,
              sans-serif;
          }
          h1 {
            margin: 0;
            font-size: 1.5rem;
          }
          p {
            margin: 0;
            opacity: 0.7;
          }
        </style>
        ${details !== undefined && raw(`<style nonce="${nonce}">${detailsCss}</style>`)}
      </head>
      <body>
        ${
          details === undefined
            ? html`<h1>${title}</h1>
                <p>${status}</p>`
            : html`<main>
                <p>${status} · ${title}</p>
                ${detailsHtml(details)}
              </main>`
        }
      </body>
    </html>`
}
