import { createLiveView, html } from 'liveloom'
import { js } from 'liveloom/js'
import { frame, type GalleryPage } from '../page.ts'

interface Context {
  readonly count: number
  /** As the page's own script names it. From the browser. */
  readonly zone: string
  readonly outdated: boolean
  /** The page claims to have a script of an older release. */
  readonly pretends: boolean
}

type Events = { type: 'count' | 'pretend' }

const latencies = [0, 300, 1500] as const

const view = createLiveView<Context, Events>({
  mount: (socket) => {
    socket.pageTitle('Connection')
    const { zone } = socket.connectParams
    socket.assign({
      count: 0,
      zone: typeof zone === 'string' ? zone.slice(0, 60) : '',
      outdated: socket.staticChanged,
      pretends: false,
    })
  },

  handleEvent: (socket, { type }) => {
    const { count, pretends } = socket.context
    socket.assign(type === 'count' ? { count: count + 1 } : { pretends: !pretends })
  },

  render: ({ count, zone, outdated, pretends }, { connected }) =>
    frame(
      page,
      html`${outdated && html`<p class="notice warn" role="alert">There is a new release. <a href="${page.path}">Load it</a></p>`}
        <section class="card stack" aria-label="Line">
          <h2>The line</h2>
          <p
            id="line"
            class="notice"
            role="status"
            phx-disconnected=${js.addClass('bad').removeClass('good').show({ to: '#lost' }).hide({ to: '#there' })}
            phx-connected=${js.addClass('good').removeClass('bad').hide({ to: '#lost' }).show({ to: '#there' })}
          >
            <span id="there">The line is there.</span>
            <span id="lost" hidden>The line is lost. What you see is what was.</span>
          </p>
          <div class="row">
            <button phx-click=${js.dispatch('gallery:offline', { detail: { ms: 2000 } })}>Cut it for two seconds</button>
          </div>
          <p class="hint">The browser shows this by itself: the server is not there to say it.</p>
        </section>

        <section class="card stack" aria-label="Latency">
          <h2>A slow line</h2>
          <div class="row">
            ${latencies.map(
              (ms) =>
                html`<button phx-click=${js.dispatch('gallery:latency', { detail: { ms } })}>${ms === 0 ? 'As it is' : `${ms} ms`}</button>`,
            )}
          </div>
          <p class="row">
            <button class="primary" phx-click="count" phx-disable-with="On its way…">Count</button>
            <output class="stat" aria-label="Count">${count}</output>
          </p>
          <p class="hint">The client’s latency simulator holds back what is sent, until the tab is closed.</p>
        </section>

        <section class="card stack" aria-label="Page">
          <h2>What the page tells when it connects</h2>
          <dl class="facts">
            <dt>Connected</dt>
            <dd>${connected ? 'yes' : 'not yet'}</dd>
            <dt>Your time zone</dt>
            <dd>${zone === '' ? html`<span class="quiet">known once connected</span>` : zone}</dd>
            <dt>Its scripts and styles</dt>
            <dd>${outdated ? 'of an older release' : 'as the server has them'}</dd>
          </dl>
          ${pretends && html`<link rel="x-pretended" phx-track-static href="/gallery-of-before.css" />`}
          <div class="row">
            <button phx-click="pretend" aria-pressed="${pretends ? 'true' : 'false'}">Pretend to be an old page</button>
          </div>
          <p class="hint">It shows with the next connection: cut the line above.</p>
        </section>`,
    ),
})

export const page: GalleryPage = {
  path: '/connection',
  title: 'Connection',
  about: 'What a page does while its line is slow or lost, and what it tells the server when it connects.',
  routes: { '/connection': view },
}
