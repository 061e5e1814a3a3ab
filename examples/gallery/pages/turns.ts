/** Files that wait for their turn: who takes all at once takes each of them slowly. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createLiveView,
  each,
  formatSize,
  html,
  live_file_input,
  type LiveViewSocket,
  type Rendered,
  type UploadEntry,
  type UploadWriter,
} from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

/** How many files of one visitor the gallery takes at once: `maxSending` in `server.ts`. */
export const atOnce = 2

interface Context {
  readonly received: readonly string[]
  /** The store takes nothing until it is let go. */
  readonly held: boolean
}

type Events = { type: 'choose' | 'hold' | 'save' } | { type: 'remove'; ref?: string }

const bytesPerMs = 100

/** A store that takes 100 kB a second, and keeps nothing. */
function slow(socket: LiveViewSocket<Context, 'files'>): UploadWriter {
  return {
    async write(chunk) {
      await sleep(chunk.length / bytesPerMs)
      while (socket.context.held && !socket.signal.aborted) await sleep(50)
    },
    close() {},
    dispose() {},
    meta: () => ({}),
  }
}

const view = createLiveView<Context, Events, 'files'>({
  mount: (socket) => {
    socket.pageTitle('Whose turn it is')
    socket.assign({ received: [], held: false })
    void socket.allowUpload('files', {
      maxEntries: 10,
      maxFileSize: 5 * 1024 * 1024,
      autoUpload: true,
      writer: () => slow(socket),
    })
  },

  handleEvent: async (socket, event) => {
    switch (event.type) {
      case 'choose':
        break
      case 'hold':
        socket.assign({ held: !socket.context.held })
        break
      case 'remove':
        if (event.ref !== undefined) void socket.cancelUpload('files', event.ref)
        break
      case 'save': {
        const names = await socket.consumeUploadedEntries('files', (_, { clientName }) => clientName)
        socket.assign({ received: [...names, ...socket.context.received].slice(0, 20) })
      }
    }
  },

  render: ({ received, held }, { uploads: { files } }) =>
    frame(
      page,
      html`<div class="columns">
        <section class="card stack" aria-label="Files">
          <h2>Files</h2>
          <form id="waiting" class="stack" phx-change="choose" phx-submit="save">
            <label class="drop-zone" phx-drop-target="${files.ref}">
              <span>Drop some files of a few hundred KB, or choose them</span>
              ${live_file_input(files, { 'aria-label': 'Files' })}
            </label>
            ${files.errors.map((error) => html`<p class="error" role="alert">${error}</p>`)}
            <button class="primary" disabled=${files.entries.length === 0} phx-disable-with="Waiting…">Save</button>
          </form>
          <ul class="list" aria-label="Chosen">${each(files.entries, ({ ref }) => ref, row)}</ul>
        </section>
        <section class="card stack" aria-label="Store">
          <h2>The store</h2>
          <p>
            It takes 100 KB a second of each file, and of each visitor ${atOnce} files at once. A third one stands in line, on this page or
            on another. The browser asks for no more than three, so that those behind it have no place yet.
          </p>
          <button type="button" phx-click="hold">${held ? 'Let it go on' : 'Have it wait'}</button>
          <ul class="list" aria-label="Saved">
            ${received.map((name) => html`<li><span class="grow">${name}</span></li>`)}
          </ul>
        </section>
      </div>`,
    ),
})

function row({ ref, clientName, clientSize, state, place, progress, errors }: UploadEntry): Rendered {
  const isWaiting = state === 'queued'
  return html`<li>
    <span class="grow">${clientName}, ${formatSize(clientSize)}</span>
    <span class="badge ${state === 'done' ? 'good' : errors.length > 0 ? 'bad' : isWaiting && 'warn'}">
      ${isWaiting && place !== undefined ? `${place} in line` : state}
    </span>
    <button class="quiet icon" phx-click="remove" phx-value-ref="${ref}" aria-label="Remove ${clientName}">✕</button>
    <progress max="100" value="${progress}" aria-label="${clientName}"></progress>
    ${errors.map((error) => html`<p class="error" role="alert">${error}</p>`)}
  </li>`
}

export const page: GalleryPage = {
  path: '/turns',
  title: 'Whose turn it is',
  about:
    'Of each visitor some files are sent at once; the others wait, and say which place they have. Nobody is refused for coming at a bad time.',
  routes: { '/turns': view },
}
