import { createLiveView, html } from 'liveloom'
import { createDashboard, createMetrics } from 'liveloom/metrics'
import { frame, type GalleryPage } from '../page.ts'

/** Of this process, from its start on. `server.ts` has it watch the server. */
export const metrics = createMetrics()

const dashboard = createDashboard(metrics)

/** What there is to see. An application mounts `dashboard` itself, as a route of a live session for operators. */
const view = createLiveView<object, { type: 'work' | 'block' }>({
  mount: (socket) => socket.pageTitle('Live dashboard'),

  handleEvent: async (socket, { type }) => {
    if (type === 'work') await new Promise((resolve) => setTimeout(resolve, 300))
    // What no server should do: nobody else is served meanwhile.
    if (type === 'block') for (const until = performance.now() + 300; performance.now() < until;);
  },

  render: (_, { live_view }) =>
    frame(
      page,
      html`<section class="card stack" aria-label="Something to see">
          <p class="buttons">
            <button class="primary" phx-click="work">An event of 0.3 s</button>
            <button phx-click="block">Block the process for 0.3 s</button>
          </p>
          <p class="hint">
            Open other pages of the gallery, and upload something there: it shows here. This dashboard is a view too, and
            counts itself. It says what all visitors do, so in production it stands behind a login.
          </p>
        </section>
        <section class="card">${live_view(dashboard, { id: 'dashboard' })}</section>`,
    ),
})

export const page: GalleryPage = {
  path: '/metrics',
  title: 'Live dashboard',
  about: 'The process behind these pages, each second: its sockets, its views and their mailboxes, its uploads.',
  routes: { '/metrics': view },
}
