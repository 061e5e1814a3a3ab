import { createLiveComponent, createLiveView, html, type LiveView } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Row {
  readonly id: number
  readonly name: string
}

interface Context {
  readonly rows: readonly Row[]
  /** Which query of this server brought the rows. */
  readonly query: number
  /** As the page's own script names it. From the browser. */
  readonly zone: string
}

const islands = ['Amrum', 'Föhr', 'Sylt', 'Pellworm', 'Hooge', 'Langeneß', 'Gröde', 'Oland', 'Süderoog', 'Habel']

/** How often the rows were asked for, by everybody: it stands for a database. */
let queries = 0

function askForRows(): Pick<Context, 'rows' | 'query'> {
  queries++
  return { rows: islands.map((name, id) => ({ id, name })), query: queries }
}

/** A row with a state of its own: it is what it was over HTTP. */
const line = createLiveComponent<Row & { readonly stars: number }, { type: 'star' }, Row>({
  mount: (socket) => socket.assign({ stars: 0 }),
  handleEvent: (socket) => socket.assign({ stars: socket.context.stars + 1 }),
  render: ({ name, stars }, { myself }) =>
    html`<li class="row">
      <span class="grow">${name}</span>
      <button class="small" phx-click="star" phx-target=${myself} aria-label="★ ${stars}: a star for ${name}">★ ${stars}</button>
    </li>`,
})

function viewOf(adopt: boolean): LiveView {
  return createLiveView<Context>({
    adopt,
    mount: (socket) => {
      socket.pageTitle('One mount')
      socket.assign({ ...askForRows(), zone: '' })
    },

    handleConnect: (socket) => {
      const { zone } = socket.connectParams
      if (typeof zone === 'string') socket.assign({ zone: zone.slice(0, 60) })
    },

    render: ({ rows, query, zone }, { live_component, connected }) =>
      frame(
        page,
        html`<p class="tabs">
            <a href="/one-mount" aria-current=${adopt && 'page'}>One mount</a>
            <a href="/one-mount/twice" aria-current=${!adopt && 'page'}>Two, as without it</a>
          </p>
          <section class="card stack" aria-label="Server">
            <dl class="facts">
              <dt>These rows came with query</dt>
              <dd><output aria-label="Query">${query}</output></dd>
              <dt>Connected</dt>
              <dd>${connected ? 'yes' : 'not yet'}</dd>
              <dt>Your time zone</dt>
              <dd>${zone === '' ? html`<span class="quiet">known once connected</span>` : zone}</dd>
            </dl>
            <p class="hint">Load the page anew: the number goes up by one with one mount, and by two without.</p>
          </section>
          <section class="card" aria-label="Islands">
            <ul class="list">
              ${rows.map((row) => live_component(line, row))}
            </ul>
          </section>`,
      ),
  })
}

export const page: GalleryPage = {
  path: '/one-mount',
  title: 'One mount',
  about: 'A page that asks for its rows once: the view that made its HTML goes on when the page connects.',
  routes: { '/one-mount': viewOf(true), '/one-mount/twice': viewOf(false) },
}
