import { createLiveView, type Flash, html, live_navigate, live_patch, type Rendered } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

type Events =
  | { type: 'put'; kind?: string }
  | { type: 'clear' }
  | { type: 'patch' }
  | { type: 'navigate' }
  | { type: 'redirect' }
  | { type: 'title'; title?: string }

interface Context {
  readonly where: string
}

const flashes = createLiveView<Context, Events>({
  mount: (socket) => socket.pageTitle('Flash and title'),

  handleParams: (socket, url) => socket.assign({ where: url.pathname + url.search }),

  handleEvent: (socket, event) => {
    switch (event.type) {
      case 'put': {
        const kind = event.kind === 'error' ? 'error' : 'info'
        socket.putFlash(kind, kind === 'info' ? 'That went well.' : 'That did not.')
        break
      }
      case 'clear':
        socket.clearFlash()
        break
      case 'patch':
        socket.putFlash('info', 'Put before a patch.')
        socket.pushPatch(`${page.path}?patched`)
        break
      case 'navigate':
        socket.putFlash('info', 'Put before a navigation.')
        socket.pushNavigate(`${page.path}/next`)
        break
      case 'redirect':
        socket.putFlash('error', 'Put before a redirect.')
        socket.redirect(`${page.path}/next`)
        break
      case 'title':
        socket.pageTitle((event.title ?? '').slice(0, 60))
    }
  },

  render: ({ where }, { flash }) =>
    frame(
      page,
      html`<section class="card stack" aria-label="Messages">
          ${messages(flash)}
          <div class="buttons">
            <button class="primary" phx-click="put" phx-value-kind="info">Good news</button>
            <button class="danger" phx-click="put" phx-value-kind="error">Bad news</button>
            <button class="quiet" phx-click="clear">Clear all</button>
          </div>
          <div class="buttons">
            <button phx-click="patch">Message and patch</button>
            <button phx-click="navigate">Message and navigate</button>
            <button phx-click="redirect">Message and redirect</button>
          </div>
          <p>You are at <code>${where}</code>.</p>
          <p class="row">
            ${live_patch('A patch link clears them', { to: `${page.path}?clicked` })}
            ${live_navigate('So does another page', { to: `${page.path}/next` })}
          </p>
        </section>

        <section class="card stack" aria-label="Title">
          <form id="title-form" class="row" phx-change="title" phx-submit="title">
            <div class="field grow">
              <label for="title">The title of the tab</label>
              <input id="title" name="title" maxlength="60" autocomplete="off" />
            </div>
          </form>
          <p class="hint">Its suffix stays; without a title the page has that of the gallery.</p>
        </section>`,
    ),
})

const next = createLiveView<Context>({
  mount: (socket) => socket.pageTitle('The next page'),

  render: (_, { flash }) =>
    frame(
      page,
      html`<section class="card stack" aria-label="Messages">
        ${messages(flash)}
        <p>This is the next page. What was put before you came is shown here, until it is cleared or you go on.</p>
        <p>${live_navigate('Back', { to: page.path, class: 'button' })}</p>
      </section>`,
    ),
})

/** Each has a button that clears it; the view has no code for that. */
function messages(flash: Flash): Rendered {
  return html`${Object.entries(flash).map(
    ([kind, message]) =>
      html`<p class="notice row ${kind === 'error' ? 'bad' : 'good'}" role="alert">
        <span class="grow">${message}</span>
        <button class="quiet small" phx-click="lv:clear-flash" phx-value-key="${kind}" aria-label="Close">×</button>
      </p>`,
  )}`
}

export const page: GalleryPage = {
  path: '/flash',
  title: 'Flash and title',
  about: 'Messages that are shown once, here or on the page that is gone to, and the title of the tab.',
  routes: { '/flash': flashes, '/flash/next': next },
}
