import { createLiveView, html } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Context {
  readonly count: number
  /** The last key that was pressed anywhere on the page. */
  readonly key: string
}

// Values come from the browser: as text, and not always as the page sends them.
type Events = { type: 'add'; by?: string } | { type: 'reset' } | { type: 'key'; key?: string }

const counter = createLiveView<Context, Events>({
  mount: (socket) => {
    socket.pageTitle('Counter')
    socket.assign({ count: 0, key: '' })
  },

  handleEvent: (socket, event) => {
    const { count } = socket.context
    const change = (to: number): void => {
      socket.assign({ count: to })
      socket.pageTitle(`${to} · Counter`)
      if (to !== 0 && to % 10 === 0) socket.pushEvent('toast', { text: `${to}: a round number.` })
    }
    switch (event.type) {
      case 'add': {
        const by = Number(event.by)
        if (Number.isSafeInteger(by)) change(count + by)
        break
      }
      case 'reset':
        change(0)
        break
      case 'key':
        socket.assign({ key: event.key ?? '' })
        if (event.key === '+') change(count + 1)
        if (event.key === '-') change(count - 1)
        break
    }
  },

  render: ({ count, key }, { connected }) =>
    frame(
      page,
      html`<section class="card stack" aria-label="Counter" phx-window-keydown="key">
          <p>
            <output class="stat" aria-label="Count">${count}</output>
          </p>
          <div class="row">
            <button phx-click="add" phx-value-by="-10">−10</button>
            <button phx-click="add" phx-value-by="-1">−1</button>
            <button class="primary" phx-click="add" phx-value-by="1">+1</button>
            <button class="primary" phx-click="add" phx-value-by="10">+10</button>
            <button class="quiet" phx-click="reset" disabled=${count === 0}>Reset</button>
          </div>
          <p class="hint">
            Or press <kbd>+</kbd> and <kbd>-</kbd>. Look at the title of the tab too; a multiple of ten gets a toast.
          </p>
        </section>

        <section class="card" aria-label="Facts">
          <dl class="facts">
            <dt>Last key</dt>
            <dd>${key === '' ? html`<span class="quiet">none yet</span>` : html`<kbd>${key}</kbd>`}</dd>
            <dt>Connection</dt>
            <dd><span class="badge ${connected && 'good'}">${connected ? 'live' : 'first page, over HTTP'}</span></dd>
          </dl>
        </section>`,
    ),
})

export const page: GalleryPage = {
  path: '/counter',
  title: 'Counter',
  about:
    'A number on the server: clicks and keys are events with values, and every change reaches the page and its title.',
  routes: { '/counter': counter },
}
