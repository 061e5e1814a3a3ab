/** The document around every page: the list of pages, the view, and what says that the connection is lost. */
import { html, type LayoutPage, type Rendered } from 'liveloom'
import type { GalleryPage } from './page.ts'
import { groups, type PageGroup } from './pages.ts'

export function layout({ title, lang, csrfToken, clientUrl, content }: LayoutPage): Rendered {
  return html`<!doctype html>
    <html lang="${lang}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="csrf-token" content="${csrfToken}" />
        <title data-suffix=" · Liveloom">${title} · Liveloom</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/gallery.css" />
        <script defer src="/gallery.js"></script>
        <script defer src="${clientUrl}"></script>
      </head>
      <body>
        <a class="skip" href="#content">Skip to the page</a>
        <div class="shell">
          <header class="bar">
            <a class="brand" href="/"><span class="brand-mark" aria-hidden="true"></span>Liveloom <small>gallery</small></a>
            <button class="menu-button" popovertarget="pages">Pages</button>
          </header>
          <nav id="pages" class="sidebar" popover aria-label="Pages">
            ${groups.map(groupLinks)}
          </nav>
          <main id="content" tabindex="-1">${content}</main>
        </div>
        <p id="toast" class="toast" role="status"></p>
        <p class="offline offline-client" role="status">You are offline. Trying to reconnect…</p>
        <p class="offline offline-server" role="status">Something went wrong. Getting back on track…</p>
      </body>
    </html>`
}

function groupLinks({ title, pages }: PageGroup): Rendered {
  return html`<section>
    <h2>${title}</h2>
    <ul>
      ${pages.map(pageLink)}
    </ul>
  </section>`
}

function pageLink({ path, title }: GalleryPage): Rendered {
  return html`<li><a href="${path}">${title}</a></li>`
}
