/** What a page of the gallery is, and the frame around its demo. */
import { html, type LiveServer, type LiveSessionOptions, type LiveView, type Rendered } from 'liveloom'

export interface GalleryPage {
  /** Where it is, and what its file is called: `/lists` is `pages/lists.ts`. */
  readonly path: `/${string}`
  readonly title: string
  /** One sentence, as plain text: what there is to see. */
  readonly about: string
  /** Its views by route, each at `path` or below it. */
  readonly routes: Readonly<Record<string, LiveView>>
  /** More routes of it, in live sessions of their own, by names that no other page uses. */
  readonly liveSessions?: Readonly<Record<string, LiveSessionOptions>>
  /** Its forms that are submitted over HTTP. */
  readonly posts?: (server: LiveServer) => void
}

/** Puts a page's heading, its sentence and a link to its source around the demo. Each `render` of a page returns one. */
export function frame({ path, title, about }: GalleryPage, demo: Rendered): Rendered {
  return html`<article class="page">
    <header class="page-head">
      <h1>${title}</h1>
      <p class="lead">${about}</p>
      <p class="source">Source <a href="${path}.ts">pages${path}.ts</a></p>
    </header>
    ${demo}
  </article>`
}
