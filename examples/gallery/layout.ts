/** The document around every page: the list of pages, the view, and what says that the connection is lost. */
import { html, type LayoutPage, live_head, live_navigate, type Rendered } from 'liveloom'
import type { GalleryPage } from './page.ts'
import { groups, type PageGroup } from './pages.ts'

export function layout(page: LayoutPage): Rendered {
  const { lang, nonce, url, content } = page
  return html`<!doctype html>
    <html lang="${lang}">
      <head>
        <link rel="stylesheet" phx-track-static href="/gallery.css" />
        <script defer phx-track-static nonce="${nonce}" src="/gallery.js"></script>
        ${live_head(page)}
      </head>
      <body>
        <a class="skip" href="#content">Skip to the page</a>
        <div class="shell">
          <header class="bar">
            ${live_navigate(brand, { to: '/', class: 'brand' })}
            <button class="menu-button" popovertarget="pages">Pages</button>
          </header>
          <nav id="pages" class="sidebar" popover aria-label="Pages">
            ${groups.map((group) => groupLinks(group, url))}
          </nav>
          <main id="content" tabindex="-1">${content}</main>
        </div>
        <p id="toast" class="toast" role="status"></p>
        <p class="offline offline-client" role="status">You are offline. Trying to reconnect…</p>
        <p class="offline offline-server" role="status">Something went wrong. Getting back on track…</p>
      </body>
    </html>`
}

const brand = html`<span class="brand-mark" aria-hidden="true"></span>Liveloom <small>gallery</small>`

function groupLinks({ title, pages }: PageGroup, url: URL): Rendered {
  return html`<section>
    <h2>${title}</h2>
    <ul>
      ${pages.map((page) => pageLink(page, url))}
    </ul>
  </section>`
}

/** The document stays when the view in it changes; `gallery.js` moves the mark then. */
function pageLink({ path, title }: GalleryPage, { pathname }: URL): Rendered {
  const current = `${pathname}/`.startsWith(`${path}/`) ? 'page' : undefined
  return html`<li>${live_navigate(title, { to: path, 'aria-current': current })}</li>`
}
