import { createLiveView, html, live_file_input, type UploadEntry } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Context {
  readonly count: number
  /** What the page said of its transport when it connected. */
  readonly transport: string
  /** The bytes of the files that arrived. */
  readonly received: number
}

type Events = { type: 'count' | 'choose' | 'save' }

const view = createLiveView<Context, Events, 'files'>({
  mount: (socket) => {
    socket.pageTitle('Long polling')
    void socket.allowUpload('files', { maxEntries: 3, maxFileSize: 20 * 1024 * 1024 })
    const { transport } = socket.connectParams
    socket.assign({ count: 0, received: 0, transport: typeof transport === 'string' ? transport : '' })
  },

  handleEvent: async (socket, { type }) => {
    const { count, received } = socket.context
    if (type === 'count') socket.assign({ count: count + 1 })
    if (type !== 'save') return
    // Only counted: the temporary files go by themselves.
    const sizes = await socket.consumeUploadedEntries('files', async (_, { clientSize }) => clientSize)
    socket.assign({ received: sizes.reduce((sum, size) => sum + size, received) })
  },

  render: ({ count, transport, received }, { uploads: { files } }) =>
    frame(
      page,
      html`<nav class="tabs" aria-label="Transport">
          <a href="/long-polling" aria-current=${transport === 'WebSocket' && 'page'}>With a WebSocket</a>
          <a href="/long-polling?poll" aria-current=${transport === 'long polling' && 'page'}>Where none gets through</a>
        </nav>
        <section class="card stack">
          <p>This page is connected by <output aria-label="Transport">${transport}</output>.</p>
          <button class="primary" phx-click="count">Count: ${count}</button>
        </section>
        <section class="card stack">
          <h2>Files take the same way</h2>
          <form id="files" class="stack" phx-change="choose" phx-submit="save">
            ${live_file_input(files, { 'aria-label': 'Files' })}
            <button>Send</button>
          </form>
          <ul class="list">
            ${files.entries.map((file: UploadEntry) => html`<li>${file.clientName} ${file.progress} % ${file.errors}</li>`)}
          </ul>
          <p><output aria-label="Received">${received}</output> bytes have arrived.</p>
        </section>`,
    ),
})

export const page: GalleryPage = {
  path: '/long-polling',
  title: 'Long polling',
  about: 'The same page over plain requests, as the client falls back to where a network lets no WebSocket through.',
  routes: { '/long-polling': view },
}
