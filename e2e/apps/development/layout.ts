import { html, type LayoutPage, type Rendered } from 'liveloom'

export function layout({ title, csrfToken, clientUrl, nonce, content }: LayoutPage): Rendered {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <title>${title}</title>
        <meta name="csrf-token" content="${csrfToken}" />
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/app.css" />
        <script defer nonce="${nonce}" src="${clientUrl}"></script>
      </head>
      <body>
        <header>First layout</header>
        ${content}
      </body>
    </html>`
}
