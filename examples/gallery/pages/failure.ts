import { async_result, type AsyncResult, createLiveComponent, createLiveView, html, live_navigate } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Context {
  readonly note: string
  readonly saved: string
  readonly price: AsyncResult<number> | undefined
  /** What the next render is to fail in. */
  readonly fails: 'render' | 'component' | undefined
  readonly failsAtEnd: boolean
}

type Events = { type: 'note'; note?: string } | { type: 'save'; note?: string } | { type: 'crash'; in?: string }

/** State of the module, so that it outlives a view: how often one of this page has been mounted over a socket. */
let joins = 0

const places = [
  ['event', 'handleEvent'],
  ['later', 'handleEvent, after a moment'],
  ['info', 'handleInfo'],
  ['render', 'render'],
  ['component', 'a component’s update'],
  ['params', 'handleParams'],
  ['timer', 'a timer'],
  ['async', 'handleAsync'],
] as const

function fail(where: string): never {
  throw new Error(`The gallery failed on purpose: ${where}`)
}

const fragile = createLiveComponent<object, { type: string }, { fails: boolean }>({
  update: (_, { fails }) => {
    if (fails) fail('a component’s update')
  },
  handleEvent: () => fail('a component’s handleEvent'),
  render: (_, { myself }) =>
    html`<button class="danger" phx-click="crash" phx-target=${myself}>a component’s handleEvent</button>`,
})

const failure = createLiveView<Context, Events>({
  mount: (socket) => {
    socket.pageTitle('Failure')
    socket.assign({ note: '', saved: '', price: undefined, fails: undefined, failsAtEnd: false })
    if (socket.connected) joins++
  },

  shutdown: (socket) => {
    if (socket.context.failsAtEnd) fail('shutdown')
  },

  handleParams: (_, url) => {
    // A page that came back asks for this URL again: fail only for the one that patched it.
    if (url.searchParams.get('fail') === String(joins)) fail('handleParams')
  },

  handleEvent: async (socket, event) => {
    if (event.type === 'note') return socket.assign({ note: event.note ?? '' })
    if (event.type === 'save') return socket.assign({ saved: event.note ?? '', note: event.note ?? '' })
    switch (event.in) {
      case 'event':
        return fail('handleEvent')
      case 'later':
        await Promise.resolve()
        return fail('handleEvent, after a moment')
      case 'info':
        return socket.sendInfo('fail')
      case 'render':
      case 'component':
        return socket.assign({ fails: event.in })
      case 'params':
        return socket.pushPatch(`${page.path}?fail=${joins}`)
      case 'timer':
        socket.repeat(() => fail('a timer'), 20)
        return undefined
      case 'async':
        return socket.startAsync('work', () => 5)
      case 'shutdown':
        socket.assign({ failsAtEnd: true })
        return socket.redirect(page.path)
      case 'load':
        return socket.assignAsync('price', () => fail('the work of assignAsync'))
    }
  },

  handleInfo: () => fail('handleInfo'),
  handleAsync: () => fail('handleAsync'),

  render: ({ note, saved, price, fails }, { live_component }) => {
    if (fails === 'render') fail('render')
    return frame(
      page,
      html`<form id="note" class="card stack" phx-change="note" phx-submit="save">
          <label class="field">
            Write something, then let the view fail
            <input name="note" value="${note}" autocomplete="off" />
          </label>
          <p class="hint">The server has: <output aria-label="Note">${note}</output></p>
          <div class="row">
            <button class="primary">Save</button>
            <span>Saved: <output aria-label="Saved">${saved}</output></span>
          </div>
        </form>

        <section class="card stack" aria-label="Crashes">
          <p>
            Each button throws in another place. The view ends, the page says so, and comes back by itself; the form is filled in
            again from what you typed.
          </p>
          <div class="row">
            ${places.map(
              ([place, label]) =>
                html`<button class="danger" phx-click="crash" phx-value-in="${place}">${label}</button>`,
            )}
            ${live_component(fragile, { id: 'fragile', fails: fails === 'component' })}
          </div>
          <p class="hint">Views of this page since the server started: <output aria-label="Joins">${joins}</output></p>
        </section>

        <section class="card stack">
          <p>A view inside another that cannot begin is given up, and the page around it goes on.</p>
          <div class="row">${live_navigate('See one', { to: '/failure/nested', class: 'button' })}</div>
        </section>

        <section class="card stack" aria-label="Mounts">
          <p>
            A <code>mount</code> that throws is an error page over HTTP. When only the connected one throws, the page is shown, but
            cannot join: it says so, and loads itself anew after a while. This one throws once.
          </p>
          <div class="row">
            <a class="button danger" href="/failure/mount">mount, over HTTP</a>
            <a class="button danger" href="/failure/join">mount, only connected</a>
            <a class="button danger" href="/failure/missing">mount, with the status 404</a>
            <a class="button" href="/failure/flood">A flood of infos</a>
          </div>
          <p>
            A <code>shutdown</code> that throws is reported, and that is all: the view has ended anyway. This one ends by a redirect back
            to this page.
          </p>
          <div class="row">
            <button class="danger" phx-click="crash" phx-value-in="shutdown">shutdown</button>
          </div>
        </section>

        <section class="card stack" aria-label="Loading">
          <p>What loads and fails is state: the view goes on.</p>
          <div class="row">
            <button phx-click="crash" phx-value-in="load">Load a price</button>
            ${
              price &&
              async_result(price, {
                loading: () => html`<span class="badge">loading</span>`,
                failed: (error) => html`<span class="badge bad">${(error as Error).message}</span>`,
                ok: (value) => html`<span class="badge good">${value} €</span>`,
              })
            }
          </div>
        </section>`,
    )
  },
})

/** Its first page is fine; on the socket it never is: the service that it asks is down, say. */
const broken = createLiveView({
  container: { class: 'well' },

  mount: (socket) => {
    if (socket.connected) fail('a nested mount')
  },
  render: () => html`<p>As it was shown first</p>`,
})

const shelf = createLiveView({
  render: (_, { live_view }) => html`<p>A view with one inside that fails:</p>
    <div aria-label="Inside the shelf">${live_view(broken, { id: 'broken-deep' })}</div>`,
})

const around = createLiveView<{ clicks: number }, { type: 'click' }>({
  mount: (socket) => {
    socket.pageTitle('A view that cannot begin')
    socket.assign({ clicks: 0 })
  },

  handleEvent: (socket) => socket.assign({ clicks: socket.context.clicks + 1 }),

  render: ({ clicks }, { live_view }) =>
    frame(
      page,
      html`<section class="card stack">
          <h2>A view that cannot begin</h2>
          <p>After three tries it is given up: its place is left empty, and the page around it goes on.</p>
          <div class="row">
            <button class="primary" phx-click="click">Click</button>
            <span>Clicks: <output aria-label="Clicks">${clicks}</output></span>
          </div>
          ${clicks > 0 && html`<div aria-label="Placed later">${live_view(broken, { id: 'broken-later' })}</div>`}
        </section>
        <section class="card stack">
          <div aria-label="Broken">${live_view(broken, { id: 'broken' })}</div>
          ${live_view(shelf, { id: 'shelf' })}
        </section>`,
    ),
})

class NotFound extends Error {
  readonly status = 404
}

/** Whether the next connected `mount` of the page below throws: every second one does. */
let joinFails = true

const mounts = createLiveView({
  mount: (socket, _, { place }) => {
    socket.pageTitle('Failure in mount')
    if (place === 'mount') fail('mount, over HTTP')
    if (place === 'missing') throw new NotFound('The gallery has no such page')
    if (!socket.connected) return
    joinFails = !joinFails
    if (!joinFails) fail('mount, only connected')
  },
  render: () =>
    frame(
      page,
      html`<p class="notice">This page was rendered over HTTP, and has joined if the dot above is green.</p>
        <p><a class="button" href="${page.path}">Back</a></p>`,
    ),
})

interface Flood {
  readonly handled: number
  readonly inOrder: boolean
  readonly answered: number | undefined
}

/** How many infos one flood has. */
const floodSize = 1000

const flood = createLiveView<Flood, { type: 'flood' | 'trickle' | 'look' }, string, number>({
  mount: (socket) => {
    socket.pageTitle('A flood of infos')
    socket.assign({ handled: 0, inOrder: true, answered: undefined })
  },

  handleEvent: (socket, { type }) => {
    if (type === 'look') return socket.assign({ answered: socket.context.handled })
    socket.assign({ handled: 0, inOrder: true, answered: undefined })
    if (type === 'flood') for (let at = 0; at < floodSize; at++) socket.sendInfo(at)
    else {
      let at = 0
      const stop = socket.repeat(() => {
        socket.sendInfo(at++)
        if (at === floodSize) stop()
      }, 1)
    }
  },

  handleInfo: (socket, info) => {
    const { handled, inOrder } = socket.context
    socket.assign({ handled: handled + 1, inOrder: inOrder && info === handled })
  },

  render: ({ handled, inOrder, answered }) =>
    frame(
      page,
      html`<section class="card stack">
        <p>
          ${floodSize} infos for this view. Each is handled by itself, in order; they are rendered together, at the pace of a screen.
        </p>
        <div class="buttons">
          <button class="danger" phx-click="flood">All at once</button>
          <button phx-click="trickle">One every millisecond</button>
          <button class="primary" phx-click="look">Ask how many were handled</button>
        </div>
        <progress max="${floodSize}" value="${handled}">${handled}</progress>
        <dl class="facts">
          <dt>Handled</dt>
          <dd><output aria-label="Handled">${handled}</output></dd>
          <dt>In order</dt>
          <dd><output aria-label="In order">${inOrder ? 'yes' : 'no'}</output></dd>
          <dt>Answered</dt>
          <dd><output aria-label="Answered">${answered}</output></dd>
        </dl>
        <p><a class="button" href="${page.path}">Back</a></p>
      </section>`,
    ),
})

export const page: GalleryPage = {
  path: '/failure',
  title: 'Failure',
  about:
    'A callback that throws ends its view and nothing else: the page comes back by itself, and keeps what was typed.',
  routes: {
    '/failure': failure,
    '/failure/nested': around,
    '/failure/flood': flood,
    '/failure/:place': mounts,
  },
}
