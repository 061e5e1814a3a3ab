import { html } from '../template/html.ts'
import type { Rendered } from '../template/rendered.ts'
import { raw } from '../template/values.ts'
import { detailsCss, detailsHtml, type ErrorDetails } from './error-details.ts'

/** What an error page shows. */
export interface ErrorPage {
  readonly status: number
  /** What was thrown; only in development, where it may be shown. */
  readonly error: unknown
  /** The same told whole, with the place in the code; only in development. */
  readonly details?: ErrorDetails | undefined
  /** A path of this site as the browser has it, with the `basePath` of the server. */
  readonly path: (path: string) => string
  /** For the `nonce` of scripts and styles, when the server has a `contentSecurityPolicy`. */
  readonly nonce: string
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Please sign in',
  403: 'Not allowed',
  404: 'Page not found',
  405: 'Method not allowed',
  410: 'Page gone',
  500: 'Something went wrong',
}

export function defaultErrorPage({ status, details, nonce }: ErrorPage): Rendered {
  const title = titles[status] ?? (status >= 500 ? titles[500]! : titles[400]!)
  return html`<!doctype html>
    <html lang="en">
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
