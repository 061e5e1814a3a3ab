import { createLiveComponent, createLiveView, html, type Rendered } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Lamp {
  readonly name: string
  readonly on: boolean
  readonly switched: number
}

type LampEvents = { type: 'switch' | 'crash' | 'signal' }

const topic = 'gallery:lamps'

/** A view of its own: it has a state, a process of messages, and failures that are nobody else's. */
const lamp = createLiveView<Lamp, LampEvents, string, { readonly from: string }>({
  mount: (socket, session) => {
    socket.assign({ name: String(session['name']), on: false, switched: 0 })
    socket.subscribe(topic)
  },

  handleEvent: (socket, { type }) => {
    const { name, on, switched } = socket.context
    if (type === 'crash') throw new Error(`the ${name} lamp has burnt through`)
    if (type === 'signal') socket.publish(topic, { from: name })
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
          ${live_component(shelf, { id: 'shelf', label: 'A shelf' })}
          <p class="hint">A lamp that crashes comes back by itself, off. The others, and the house, notice nothing. (In development the error is shown
            over the page: Escape closes it.)</p>
        </section>`,
    ),
})

function room(id: string, name: string, content: unknown): Rendered {
  return html`<div id="room-${id}" aria-label="${name}">${content}</div>`
}

export const page: GalleryPage = {
  path: '/nested',
  title: 'Nested views',
  about: 'Views inside a view: each has a state and a life of its own, and talks to the others by publishing.',
  routes: { '/nested': house },
}
