import { createLiveView, html, live_file_input } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Context {
  readonly count: number
  readonly name: string
  readonly saved: string
  /** Seconds that the view has lived: it goes on while its page is away. */
  readonly age: number
  readonly mounted: string
  /** How often it lost its page, and had it back. */
  readonly parked: number
  readonly resumed: number
}

type Events = { readonly type: 'count' | 'choose' | 'save'; readonly name?: string }

const view = createLiveView<Context, Events, 'photos'>({
  mount: (socket) => {
    socket.pageTitle('A lost line')
    const mounted = new Date().toISOString().slice(11, 23)
    socket.assign({ count: 0, name: '', saved: '', age: 0, mounted, parked: 0, resumed: 0 })
    void socket.allowUpload('photos', { accept: ['.png', '.jpg'], maxEntries: 3 })
    socket.repeat(() => socket.assign({ age: socket.context.age + 1 }), 1000)
  },

  handlePark: (socket) => socket.assign({ parked: socket.context.parked + 1 }),
  handleResume: (socket) => socket.assign({ resumed: socket.context.resumed + 1 }),

  handleEvent: async (socket, { type, name = '' }) => {
    if (type === 'count') socket.assign({ count: socket.context.count + 1 })
    if (type === 'choose') socket.assign({ name })
    if (type !== 'save') return
    const files = await socket.consumeUploadedEntries('photos', (_, { clientName }) => clientName)
    socket.assign({ saved: [name, ...files].join(', '), name: '' })
  },

  render: ({ count, name, saved, age, mounted, parked, resumed }, { uploads }) =>
    frame(
      page,
      html`<section class="card stack" aria-label="Line">
          <h2>The line</h2>
          <p>Switch your network off for a while, and on again.</p>
          <p class="hint">The browser connects again by itself. Nothing is to change but the seconds.</p>
        </section>

        <section class="card stack" aria-label="State">
          <h2>What is in the page</h2>
          <p class="row">
            <button class="primary" phx-click="count">Count</button> <output class="stat" aria-label="Count">${count}</output>
          </p>
          <form id="album" class="stack" phx-change="choose" phx-submit="save">
            <label class="field">Album <input name="name" value="${name}" autocomplete="off" /></label>
            <label class="field">Photos ${live_file_input(uploads.photos)}</label>
            <ul class="list" aria-label="Chosen">
              ${uploads.photos.entries.map(
                ({ clientName, errors }) =>
                  html`<li>${clientName} ${errors.map((error) => html`<b>${error}</b>`)}</li>`,
              )}
            </ul>
            <div class="row"><button class="primary">Save</button></div>
          </form>
          ${saved !== '' && html`<p class="notice good" role="status">Saved: ${saved}</p>`}
        </section>

        <section class="card stack" aria-label="View">
          <h2>The view on the server</h2>
          <dl class="facts">
            <dt>Mounted</dt>
            <dd>${mounted}</dd>
            <dt>Has lived</dt>
            <dd>${age} s</dd>
            <dt>Lost its page</dt>
            <dd>${parked} times</dd>
            <dt>Had it back</dt>
            <dd>${resumed} times</dd>
          </dl>
        </section>`,
    ),
})

export const page: GalleryPage = {
  path: '/lost-line',
  title: 'A lost line',
  about: 'A view whose connection is lost goes on, and its page finds it as it was.',
  routes: { '/lost-line': view },
}
