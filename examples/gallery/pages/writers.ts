/** Where the bytes of an upload go: here nothing is stored, and its digest and what gzip would make of it are all that stays. */
import { createGzip } from 'node:zlib'
import {
  createLiveView,
  each,
  formatSize,
  html,
  live_file_input,
  type MetaOf,
  type Rendered,
  type UploadConfig,
  type UploadEntry,
  type UploadWriter,
} from 'liveloom'
import { hash, tee, transform } from 'liveloom/uploads'
import { frame, type GalleryPage } from '../page.ts'

/** A writer that counts, and keeps nothing. */
function count(): UploadWriter<{ readonly bytes: number }> {
  let bytes = 0
  return {
    write: (chunk) => void (bytes += chunk.length),
    close() {},
    dispose() {},
    meta: () => ({ bytes }),
  }
}

const measured = () => tee(transform(createGzip(), count()), hash('sha256'))

/** A store that takes no more after 100 kB. */
function full(): UploadWriter {
  let room = 100_000
  return {
    ...count(),
    write(chunk) {
      room -= chunk.length
      if (room < 0) throw new Error('the store is full')
    },
  }
}

interface Measured {
  readonly id: string
  readonly name: string
  readonly size: number
  readonly packed: number
  readonly sha256: string
}

type Events = { type: 'choose' | 'save' } | { type: 'remove'; name?: 'files' | 'lost'; ref?: string }

const view = createLiveView<{ readonly measured: readonly Measured[] }, Events, 'files' | 'lost'>({
  mount: (socket) => {
    socket.pageTitle('Where the bytes go')
    socket.assign({ measured: [] })
    void socket.allowUpload('files', { maxEntries: 5, maxFileSize: 100 * 1024 * 1024, writer: measured })
    void socket.allowUpload('lost', { maxEntries: 5, maxFileSize: 100 * 1024 * 1024, writer: full })
  },

  handleEvent: async (socket, event) => {
    switch (event.type) {
      case 'choose':
        break
      case 'remove':
        if (event.name !== undefined && event.ref !== undefined) void socket.cancelUpload(event.name, event.ref)
        break
      case 'save': {
        const take = ({ bytes, sha256 }: MetaOf<typeof measured>, { uuid, clientName, clientSize }: UploadEntry) => ({
          id: uuid,
          name: clientName,
          size: clientSize,
          packed: bytes,
          sha256,
        })
        const news = await socket.consumeUploadedEntries('files', take)
        socket.assign({ measured: [...news, ...socket.context.measured].slice(0, 20) })
        await socket.consumeUploadedEntries('lost', () => undefined)
      }
    }
  },

  render: ({ measured: done }, { uploads }) =>
    frame(
      page,
      html`<div class="columns">
          ${chooser('files', 'Measured', uploads.files)} ${chooser('lost', 'A store that is full', uploads.lost)}
        </div>
        <ul class="list" aria-label="Measured files">${each(done, ({ id }) => id, row, [])}</ul>`,
    ),
})

function row({ name, size, packed, sha256 }: Measured): Rendered {
  return html`<li>
    <span class="grow">${name}: ${formatSize(size)}, with gzip ${formatSize(packed)}</span>
    <code title="${sha256}">${sha256.slice(0, 12)}…</code>
  </li>`
}

function chooser(name: string, title: string, upload: UploadConfig): Rendered {
  const chosen = (entry: UploadEntry): Rendered =>
    html`<li>
      <span class="grow">${entry.clientName}</span>
      <button class="quiet icon" phx-click="remove" phx-value-name="${name}" phx-value-ref="${entry.ref}"
        aria-label="Remove ${entry.clientName}">✕</button>
      <progress max="100" value="${entry.progress}" aria-label="${entry.clientName}"></progress>
      ${entry.errors.map((error) => html`<p class="error" role="alert">${error}</p>`)}
    </li>`
  return html`<section class="card stack" aria-label="${title}">
    <h2>${title}</h2>
    <form id="form-${name}" class="stack" phx-change="choose" phx-submit="save">
      <label class="drop-zone" phx-drop-target="${upload.ref}">
        <span>Drop up to five files, or choose them</span>
        ${live_file_input(upload, { 'aria-label': `Files: ${title}` })}
      </label>
      <button class="primary" disabled=${upload.entries.length === 0} phx-disable-with="Sending…">Send</button>
    </form>
    <ul class="list" aria-label="Chosen: ${title}">${each(upload.entries, (entry) => entry.ref, chosen)}</ul>
  </section>`
}

export const page: GalleryPage = {
  path: '/writers',
  title: 'Where the bytes go',
  about:
    'Writers of your own, and ready-made ones: files are hashed and compressed while they come, and nothing of them is stored. The other store fails after 100 kB.',
  routes: { '/writers': view },
}
