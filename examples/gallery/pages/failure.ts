import { async_result, type AsyncResult, createLiveComponent, createLiveView, html, live_navigate } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Context {
  readonly note: string
  readonly saved: string
  readonly price: AsyncResult<number> | undefined
  /** What the next render is to fail in. */
  readonly fails: 'render' | 'component' | undefined
}

type Events = { type: 'note'; note?: string } | { type: 'save'; note?: string } | { type: 'crash'; in?: string }

/** How often a view of this page has been mounted over a socket, in this process. */
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
    socket.assign({ note: '', saved: '', price: undefined, fails: undefined })
    if (socket.connected) joins++
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
  mount: (socket) => {
    if (socket.connected) fail('a nested mount')
  },
  render: () => html`<p>As it was shown first</p>`,
})

const shelf = createLiveView({
  render: (_, { live_view }) => html`<p>A view with one inside that fails:</p>
    <div aria-label="Inside the shelf">${live_view(broken, { id: 'broken-deep', class: 'well' })}</div>`,
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
          ${clicks > 0 && html`<div aria-label="Placed later">${live_view(broken, { id: 'broken-later', class: 'well' })}</div>`}
        </section>
        <section class="card stack">
          <div aria-label="Broken">${live_view(broken, { id: 'broken', class: 'well' })}</div>
          ${live_view(shelf, { id: 'shelf' })}
        </section>`,
    ),
})

export const page: GalleryPage = {
  path: '/failure',
  title: 'Failure',
  about:
    'A callback that throws ends its view and nothing else: the page comes back by itself, and keeps what was typed.',
  routes: { '/failure': failure, '/failure/nested': around },
}
