import {
  createLiveComponent,
  createLiveView,
  each,
  html,
  live_navigate,
  portal,
  type Rendered,
  type Stream,
  topic,
} from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Lamp {
  readonly name: string
  readonly on: boolean
  readonly switched: number
}

type LampEvents = { type: 'switch' | 'crash' | 'signal' }

interface Signal {
  readonly from: string
}
const signals = topic<Signal>('gallery:lamps')

/** A view of its own: it has a state, a process of messages, and failures that are nobody else's. */
const lamp = createLiveView<Lamp, LampEvents, string, Signal>({
  mount: async (socket, session) => {
    socket.assign({ name: String(session['name']), on: false, switched: 0 })
    await socket.subscribe(signals)
  },

  handleEvent: (socket, { type }) => {
    const { name, on, switched } = socket.context
    if (type === 'crash') throw new Error(`the ${name} lamp has burnt through`)
    if (type === 'signal') socket.publish(signals, { from: name })
    else socket.assign({ on: !on, switched: switched + 1 })
  },

  handleInfo: (socket, { from }) => {
    if (from !== socket.context.name) socket.assign({ on: true })
  },

  render: ({ name, on, switched }) => html`<section class="well stack" aria-label="${name} lamp">
    <h3>${name}</h3>
    <p><span class="badge ${on && 'good'}" role="status">${on ? 'on' : 'off'}</span> switched ${switched} times</p>
    <div class="row">
      <button class="small" phx-click="switch">Switch</button>
      <button class="small" phx-click="signal">Light the others</button>
      <button class="small danger" phx-click="crash">Crash</button>
    </div>
  </section>`,
})

/** Only has to show that a component may hold a view. */
const shelf = createLiveComponent<{ label: string }, { type: 'rename' }>({
  handleEvent: (socket) => socket.assign({ label: 'A shelf with a new name' }),
  render: ({ label }, { live_view, myself }) => html`<div class="stack">
    <p class="row"><span>${label}</span> <button class="small quiet" phx-click="rename" phx-target=${myself}>Rename</button></p>
    ${live_view(lamp, { id: 'lamp-shelf', session: { name: 'Shelf' } })}
  </div>`,
})

const house = createLiveView<{ visits: number; cellar: boolean }, { type: 'visit' | 'cellar' }>({
  mount: (socket) => {
    socket.pageTitle('Nested views')
    socket.assign({ visits: 0, cellar: false })
  },

  handleEvent: (socket, { type }) => {
    const { visits, cellar } = socket.context
    socket.assign(type === 'visit' ? { visits: visits + 1 } : { cellar: !cellar })
  },

  render: ({ visits, cellar }, { live_view, live_component }) =>
    frame(
      page,
      html`<section class="card stack" aria-label="House">
          <h2>The house</h2>
          <p>The view around the lamps was visited <output aria-label="Visits">${visits}</output> times.</p>
          <div class="row">
            <button class="primary" phx-click="visit">Visit</button>
            <button phx-click="cellar">${cellar ? 'Close the cellar' : 'Open the cellar'}</button>
          </div>
        </section>
        <section class="card stack" aria-label="Lamps">
          <h2>Its lamps</h2>
          <div class="columns">
            ${room('hall', 'Hall', live_view(lamp, { id: 'lamp-hall', session: { name: 'Hall' } }))}
            ${room('kitchen', 'Kitchen', live_view(lamp, { id: 'lamp-kitchen', session: { name: 'Kitchen' } }))}
            ${cellar && room('cellar', 'Cellar', live_view(lamp, { id: 'lamp-cellar', session: { name: 'Cellar' } }))}
          </div>
          <ul class="list" aria-label="Garden">
            ${['Gate', 'Pond'].map((name) =>
              live_view(lamp, { id: `lamp-${name}`, session: { name }, container: { tag: 'li', class: 'grow' } }),
            )}
          </ul>
          ${live_component(shelf, { id: 'shelf', label: 'A shelf' })}
          <p>${live_navigate('Lamps in lists and in a portal', { to: '/nested/places' })}</p>
          <p class="hint">A lamp that crashes comes back by itself, off. The others, and the house, notice nothing. (In development the error is shown
            over the page: Escape closes it.)</p>
        </section>`,
    ),
})

function room(id: string, name: string, content: unknown): Rendered {
  return html`<div id="room-${id}" aria-label="${name}">${content}</div>`
}

/** Its form is filled in again when the view around it has crashed: it has an id. */
const note = createLiveView<{ note: string }, { type: 'note'; note?: string }>({
  mount: (socket) => socket.assign({ note: '' }),
  handleEvent: (socket, event) => socket.assign({ note: event.note ?? '' }),
  render: ({ note }) => html`<form id="house-note" class="card stack" phx-change="note">
    <label class="field">A note on the door <input name="note" value="${note}" autocomplete="off" /></label>
    <p class="hint">The server has: <output aria-label="Note">${note}</output></p>
  </form>`,
})

interface Places {
  /** The lamps that live, by their ids. */
  readonly living: ReadonlySet<string>
  readonly rows: readonly string[]
  readonly items: Stream<{ id: string }>
  readonly next: number
  readonly open: boolean
}

type PlaceEvents =
  | { type: 'turn' | 'add' | 'clear' | 'garden' | 'crash' }
  | { type: 'drop' | 'remove' | 'put'; id?: string }

/** Lamps in every place that comes and goes: rows, items of a stream, a portal. */
const places = createLiveView<Places, PlaceEvents>({
  mount: (socket) => {
    socket.pageTitle('Nested views in lists')
    socket.assign({ living: new Set(), rows: ['a', 'b', 'c'], next: 2, open: false })
    socket.stream('items', [{ id: '1' }])
  },

  handleEvent: (socket, event) => {
    const { rows, next, open } = socket.context
    switch (event.type) {
      case 'turn':
        return socket.assign({ rows: rows.toReversed() })
      case 'drop':
        return socket.assign({ rows: rows.filter((row) => row !== event.id) })
      case 'add':
        socket.streamInsert('items', { id: String(next) })
        return socket.assign({ next: next + 1 })
      case 'put':
        return socket.streamInsert('items', { id: String(event.id) })
      case 'remove':
        return socket.streamDelete('items', { id: String(event.id) })
      case 'clear':
        return socket.stream('items', [], { reset: true })
      case 'garden':
        return socket.assign({ open: !open })
      case 'crash':
        throw new Error('the house has burnt down')
    }
  },

  handleChild: (socket, { type, id }) => {
    if (!id.startsWith('lamp-')) return
    const living = new Set(socket.context.living)
    if (type === 'mounted') living.add(id)
    else living.delete(id)
    socket.assign({ living })
  },

  render: ({ living, rows, items, open }, { live_view }) => {
    const place = (id: string): unknown => live_view(lamp, { id: `lamp-${id}`, session: { name: id } })
    return frame(
      page,
      html`<section class="card stack" aria-label="House">
          <p>Of its lamps live <output aria-label="Living">${living.size}</output>.</p>
          <div class="row">
            <button phx-click="turn">Turn the rows</button>
            <button phx-click="add">Add an item</button>
            <button phx-click="put" phx-value-id="1">Put item 1</button>
            <button phx-click="clear">Clear the items</button>
            <button phx-click="garden">${open ? 'Close the garden' : 'Open the garden'}</button>
            <button class="danger" phx-click="crash">Crash the house</button>
          </div>
        </section>
        ${live_view(note, { id: 'note' })}
        <ul class="list" aria-label="Rows">
          ${each(
            rows,
            String,
            (row) => html`<li>
              <div class="grow">${place(`row-${row}`)}</div>
              <button class="quiet small" phx-click="drop" phx-value-id="${row}">Drop ${row}</button>
            </li>`,
            [],
          )}
        </ul>
        <ul id="lamp-items" class="list" phx-update="stream" aria-label="Items">
          ${each(
            items,
            ({ id }, domId) => html`<li id="${domId}">
              <div class="grow">${place(`item-${id}`)}</div>
              <button class="quiet small" phx-click="remove" phx-value-id="${id}">Remove ${id}</button>
            </li>`,
          )}
        </ul>
        ${open && portal(html`<div class="card">${place('garden')}</div>`, { id: 'garden' })}`,
    )
  },
})

export const page: GalleryPage = {
  path: '/nested',
  title: 'Nested views',
  about: 'Views inside a view: each has a state and a life of its own, and talks to the others by publishing.',
  routes: { '/nested': house, '/nested/places': places },
}
