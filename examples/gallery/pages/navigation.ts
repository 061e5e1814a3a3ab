import {
  createLiveView,
  each,
  html,
  live_file_input,
  live_navigate,
  live_patch,
  type Params,
  type Rendered,
} from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Star {
  readonly id: number
  readonly name: string
  readonly sky: 'north' | 'south'
  /** In light years. */
  readonly distance: number
}

const stars: readonly Star[] = Array.from({ length: 60 }, (_, at) => ({
  id: at + 1,
  name: `Star ${at + 1}`,
  sky: at % 3 === 0 ? 'south' : 'north',
  distance: 4 + ((at * 37) % 97),
}))
const perPage = 12

const skies = ['all', 'north', 'south'] as const
const orders = ['name', 'distance'] as const

/** All that the list shows is in its URL. */
interface Place {
  readonly sky: (typeof skies)[number]
  readonly sort: (typeof orders)[number]
  readonly search: string
  readonly page: number
}

const start: Place = { sky: 'all', sort: 'name', search: '', page: 1 }

/** What a visitor typed into the address bar is as good as a link. */
function toPlace({ sky, sort, search, page }: Params): Place {
  const number = Number(page)
  return {
    sky: skies.find((known) => known === sky) ?? start.sky,
    sort: orders.find((known) => known === sort) ?? start.sort,
    search: typeof search === 'string' ? search.slice(0, 40) : start.search,
    page: Number.isSafeInteger(number) && number > 0 ? number : start.page,
  }
}

function toUrl(place: Place): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(place)) {
    if (value !== start[name as keyof Place]) query.set(name, String(value))
  }
  return query.size === 0 ? page.path : `${page.path}?${query}`
}

function find({ sky, sort, search }: Place): readonly Star[] {
  const found = stars.filter((star) => (sky === 'all' || star.sky === sky) && star.name.includes(search))
  return sort === 'name' ? found : found.toSorted((a, b) => a.distance - b.distance)
}

interface Context {
  readonly place: Place
  readonly found: readonly Star[]
  /** How many URLs this view was given: it is the same view for all of them. */
  readonly urls: number
}

type Events = { type: 'search'; search?: string } | { type: 'last' } | { type: 'choose' }

const list = createLiveView<Context, Events, 'file'>({
  container: { class: 'stars', 'aria-description': 'All stars' },

  mount: (socket) => {
    socket.pageTitle('Navigation')
    socket.assign({ urls: 0 })
    void socket.allowUpload('file', { autoUpload: true, maxFileSize: 200 * 1024 * 1024 })
  },

  handleParams: (socket, _url, params) => {
    const place = toPlace(params)
    const found = find(place)
    const pages = pagesOf(found)
    // There is no such page: the URL that led here is taken out of the history.
    if (place.page > pages) socket.pushPatch(toUrl({ ...place, page: pages }), { replace: true })
    else socket.assign({ place, found, urls: socket.context.urls + 1 })
  },

  handleEvent: (socket, event) => {
    const { place, found } = socket.context
    // A URL for each letter would fill the history.
    if (event.type === 'search') {
      socket.pushPatch(toUrl({ ...place, search: event.search ?? '', page: 1 }), { replace: true })
    }
    if (event.type === 'last') socket.pushPatch(toUrl({ ...place, page: pagesOf(found) }))
  },

  render: ({ place, found, urls }, { uploads }) =>
    frame(
      page,
      html`<nav class="tabs" aria-label="Sky">
          ${skies.map((sky) =>
            live_patch(sky, {
              to: toUrl({ ...place, sky, page: 1 }),
              'aria-current': sky === place.sky ? 'page' : undefined,
            }),
          )}
        </nav>

        <section class="card stack" aria-label="Stars">
          <form id="search-form" class="row" phx-change="search" phx-submit="search" phx-auto-recover="ignore">
            <div class="field grow">
              <label for="search">Search</label>
              <input id="search" name="search" value="${place.search}" autocomplete="off" />
            </div>
          </form>
          <table class="table">
            <thead>
              <tr>
                <th>${live_patch('Name', { to: toUrl({ ...place, sort: 'name' }) })}</th>
                <th>Sky</th>
                <th class="number">${live_patch('Light years', { to: toUrl({ ...place, sort: 'distance' }) })}</th>
              </tr>
            </thead>
            <tbody>
              ${each(shownOf(found, place), ({ id }) => id, starRow, [])}
            </tbody>
          </table>
          ${pager(found, place)}
          <p class="hint">
            This view has been given <output aria-label="URLs">${urls}</output> URLs. Reload the page, or send its address to
            somebody: the tab, the order, the search and the page are in it.
          </p>
        </section>

        <section class="card stack" aria-label="Upload">
          <form id="choose-form" class="stack" phx-change="choose" phx-submit="choose">
            <div class="field">
              <label for="${uploads.file.ref}">A file that is sent as soon as it is chosen</label>
              ${live_file_input(uploads.file)}
            </div>
          </form>
          ${uploads.file.entries.map(
            ({ clientName, progress }) =>
              html`<p>
                ${clientName}: <progress max="100" value="${progress}"></progress>
                <output aria-label="Progress">${progress}%</output>
              </p>`,
          )}
          <p class="hint">
            Choose a large one and turn the pages: a patch leaves it alone. Open a star: the view ends, and the file with it.
          </p>
        </section>

        <section class="card stack" aria-label="Elsewhere">
          <ul class="list">
            <li>${live_navigate('A star that does not exist', { to: `${page.path}/star/0` })}</li>
            <li>${live_navigate('A star that ends its view', { to: `${page.path}/star/black-hole` })}</li>
            <li>${live_patch('Another view, by a patch', { to: `${page.path}/star/1` })}</li>
            <li>${live_navigate('Page 999, which is the last one', { to: `${page.path}?page=999` })}</li>
          </ul>
        </section>`,
    ),
})

function pagesOf(found: readonly Star[]): number {
  return Math.max(1, Math.ceil(found.length / perPage))
}

function shownOf(found: readonly Star[], { page }: Place): readonly Star[] {
  return found.slice((page - 1) * perPage, page * perPage)
}

function starRow({ id, name, sky, distance }: Star): Rendered {
  return html`<tr id="star-${id}">
    <td>${live_navigate(name, { to: `${page.path}/star/${id}` })}</td>
    <td>${sky}</td>
    <td class="number">${distance}</td>
  </tr>`
}

function pager(found: readonly Star[], place: Place): Rendered {
  const pages = pagesOf(found)
  const to = (number: number, text: string): Rendered | string =>
    number < 1 || number > pages ? '' : live_patch(text, { to: toUrl({ ...place, page: number }), class: 'button' })
  return html`<nav class="row" aria-label="Turn the pages">
    ${to(place.page - 1, 'Previous')}
    <span class="grow">Page ${place.page} of ${pages}</span>
    ${to(place.page + 1, 'Next')}
    <button phx-click="last" disabled=${place.page === pages}>Last</button>
  </nav>`
}

class NoSuchStar extends Error {
  /** The visitor gets the page for it. */
  readonly status = 404
}

const detail = createLiveView<{ star: Star }, { type: 'back' }>({
  container: { 'aria-description': 'One star' },

  mount: (_socket, _session, { id }) => {
    if (id === 'black-hole') throw new Error('nothing comes back from a black hole')
  },

  handleParams: (socket, _url, { id }) => {
    const star = stars.find((known) => String(known.id) === id)
    if (star === undefined) throw new NoSuchStar(`there is no star ${String(id)}`)
    socket.pageTitle(star.name)
    socket.assign({ star })
  },

  handleEvent: (socket) => socket.pushNavigate(page.path),

  render: ({ star }) =>
    frame(
      page,
      html`<section class="card stack" aria-label="Star">
        <h2>${star.name}</h2>
        <p>It is in the ${star.sky} and ${star.distance} light years away.</p>
        <nav class="row" aria-label="Stars">
          ${star.id > 1 && live_patch('Before', { to: `${page.path}/star/${star.id - 1}`, class: 'button' })}
          ${star.id < stars.length && live_patch('After', { to: `${page.path}/star/${star.id + 1}`, class: 'button' })}
          ${live_navigate('All stars', { to: page.path, class: 'button' })}
          <button class="quiet" phx-click="back">All stars, says the server</button>
        </nav>
        <p class="hint">Another view, over the same socket. The back button leads to where you were, scrolled as it was.</p>
      </section>`,
    ),
})

export const page: GalleryPage = {
  path: '/navigation',
  title: 'Navigation',
  about: 'Links within a view and between views, without loading the page: what the list shows is in its URL.',
  routes: { '/navigation': list, '/navigation/star/:id': detail },
}
