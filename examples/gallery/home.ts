import { createLiveView, html, live_navigate, type Rendered } from 'liveloom'
import type { GalleryPage } from './page.ts'
import { groups, type PageGroup } from './pages.ts'

export const home = createLiveView({
  mount: (socket) => socket.pageTitle('Gallery'),

  render: () => html`<div class="page">
    <header class="page-head">
      <h1>Gallery</h1>
      <p class="lead">Everything a live page can do, one page each: try it, then read the file that does it.</p>
    </header>
    ${groups.map(groupSection)}
  </div>`,
})

function groupSection({ title, pages }: PageGroup): Rendered {
  return html`<section class="stack" aria-label="${title}">
    <h2>${title}</h2>
    <div class="tiles">${pages.map(pageCard)}</div>
  </section>`
}

function pageCard({ path, title, about }: GalleryPage): Rendered {
  const content = html`<h3>${title}</h3>
    <p>${about}</p>`
  return live_navigate(content, { to: path, class: 'card link-card' })
}
