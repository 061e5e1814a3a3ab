import { createLiveView, html, type OnMount } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Activity {
  readonly events: number
  readonly infos: number
  /** As of the render before. */
  readonly renders: number
  readonly last: string
}

/** Counts what happens in a view, whatever view it is: that knows nothing of it. */
const countActivity: OnMount = (socket) => {
  socket.assign({ events: 0, infos: 0, renders: 0, last: 'mounted' } satisfies Activity)
  const activity = (): Activity => socket.context as unknown as Activity
  socket.attachHook('activity', 'handleEvent', (_, { type }) => {
    socket.assign({ events: activity().events + 1, last: `event ${type}` })
  })
  socket.attachHook('activity', 'handleInfo', () => {
    socket.assign({ infos: activity().infos + 1, last: 'info' })
  })
  // What it assigns causes no further render.
  socket.attachHook('activity', 'afterRender', () => {
    socket.assign({ renders: activity().renders + 1 })
  })
}

interface Context extends Activity {
  readonly total: number
  readonly guarded: boolean
}

type Events = { type: 'add' | 'send' | 'guard' | 'unguard' | 'ask' }

const hooked = createLiveView<Context, Events>({
  onMount: [countActivity],

  mount: (socket) => {
    socket.pageTitle('Lifecycle hooks')
    socket.assign({ total: 0, guarded: false })
    // An event of a browser's hook, answered by one of ours: the view's own handler never sees it.
    socket.attachHook('answers', 'handleEvent', (_, { type }) => {
      if (type !== 'ask') return 'continue'
      socket.pushEvent('toast', { text: `The total is ${socket.context.total}.` })
      return 'halt'
    })
  },

  handleEvent: (socket, { type }) => {
    if (type === 'add') socket.assign({ total: socket.context.total + 1 })
    if (type === 'send') socket.sendInfo('add')
    if (type === 'guard') {
      socket.assign({ guarded: true })
      socket.attachHook('guard', 'handleInfo', () => 'halt')
    }
    if (type === 'unguard') {
      socket.assign({ guarded: false })
      socket.detachHook('guard', 'handleInfo')
    }
  },

  handleInfo: (socket) => socket.assign({ total: socket.context.total + 1 }),

  render: ({ total, guarded, events, infos, renders, last }) =>
    frame(
      page,
      html`<section class="card stack" aria-label="The view">
          <p><output class="stat" aria-label="Total">${total}</output></p>
          <div class="buttons">
            <button class="primary" phx-click="add">Add by an event</button>
            <button phx-click="send">Add by an info</button>
            ${
              guarded
                ? html`<button phx-click="unguard">Detach the guard</button>`
                : html`<button phx-click="guard">Attach a guard that halts infos</button>`
            }
            <button class="quiet" phx-click="ask">Ask a hook</button>
          </div>
        </section>

        <section class="card" aria-label="Activity">
          <dl class="facts">
            <dt>Events</dt>
            <dd><output aria-label="Events">${events}</output></dd>
            <dt>Infos</dt>
            <dd><output aria-label="Infos">${infos}</output></dd>
            <dt>Renders before this one</dt>
            <dd><output aria-label="Renders">${renders}</output></dd>
            <dt>Last</dt>
            <dd><output aria-label="Last">${last}</output></dd>
          </dl>
          <p class="hint">Counted by hooks that the view does not know; any view can be given them.</p>
        </section>`,
    ),
})

export const page: GalleryPage = {
  path: '/hooks',
  title: 'Lifecycle hooks',
  about: 'Functions that take part in the life of a view: they count its events, answer some, and keep others from it.',
  routes: { '/hooks': hooked },
}
