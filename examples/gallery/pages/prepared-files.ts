/** What the browser does before a file is listed: it makes photos smaller, has the page's own function write on them, and opens the camera. */
import {
  createLiveView,
  each,
  formatSize,
  html,
  live_file_icon,
  live_file_input,
  live_file_preview,
  type Rendered,
  type UploadConfig,
  type UploadEntry,
} from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Saved {
  /** A path that the gallery serves. */
  readonly path: string
  readonly name: string
  /** In bytes: as it was chosen, and as it came. */
  readonly before: number
  readonly size: number
}

interface Context {
  readonly saved: readonly Saved[]
}

type UploadName = 'photos' | 'files'
type Events = { type: 'choose' | 'save' } | { type: 'remove'; name?: UploadName; ref?: string }

const extensions: Readonly<Record<string, string>> = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp' }

const view = createLiveView<Context, Events, UploadName>({
  mount: (socket) => {
    socket.pageTitle('Made ready in the browser')
    socket.assign({ saved: [] })
    void socket.allowUpload('photos', {
      accept: ['image/*'],
      maxEntries: 30,
      maxFileSize: 1024 * 1024,
      autoUpload: true,
      capture: 'environment',
      // `stamp` is a function of the page: see the start of `assets/gallery.js`.
      transform: 'stamp',
      resize: { maxWidth: 1200, maxHeight: 1200, quality: 0.8 },
    })
    void socket.allowUpload('files', { maxEntries: 20, maxFileSize: 1024 * 1024 * 1024 })
  },

  handleEvent: async (socket, event) => {
    switch (event.type) {
      case 'choose':
        break
      case 'remove':
        if (event.name !== undefined && event.ref !== undefined) void socket.cancelUpload(event.name, event.ref)
        break
      case 'save': {
        const saved = await socket.consumeUploadedEntries('photos', async ({ path, fileSystem }, entry) => {
          // Never a name of the browser's choice.
          const name = `${entry.uuid}.${extensions[entry.clientType] ?? 'jpg'}`
          await fileSystem.createOrAppendFile(`./assets/saved/${name}`, path)
          return { path: `/saved/${name}`, name: entry.clientName, before: before(entry), size: entry.clientSize }
        })
        socket.assign({ saved: [...saved, ...socket.context.saved].slice(0, 30) })
      }
    }
  },

  render: ({ saved }, { uploads: { photos, files } }) =>
    frame(
      page,
      html`<div class="columns">
        <section class="card stack" aria-label="Photos">
          <h2>Photos</h2>
          <p>
            They are made at most 1200 pixels wide and high, and stamped with today’s date. A phone opens its camera. What is called
            “secret” the stamp does not take.
          </p>
          <form id="photos" class="stack" phx-change="choose" phx-submit="save">
            <label class="drop-zone" phx-drop-target="${photos.ref}">
              <span>Drop up to thirty photos, of any size, or choose them</span>
              ${live_file_input(photos, { 'aria-label': 'Photos' })}
            </label>
            <p class="preparing" role="status"><span class="spinner" aria-hidden="true"></span> Photos are being made ready…</p>
            <button class="primary" disabled=${photos.entries.length === 0} phx-disable-with="Sending…">Save</button>
          </form>
          ${chosen(photos)}
          <ul class="list" aria-label="Saved">
            ${each(saved, ({ path }) => path, savedPhoto, [])}
          </ul>
        </section>
        <section class="card stack" aria-label="All kinds of files">
          <h2>All kinds of files</h2>
          <p>Images have a preview, and whatever else a picture of what it is. These are not sent.</p>
          <form id="files" class="stack" phx-change="choose">
            <label class="drop-zone" phx-drop-target="${files.ref}">
              <span>Drop up to twenty files, or choose them</span>
              ${live_file_input(files, { 'aria-label': 'Files' })}
            </label>
          </form>
          ${chosen(files)}
          <p class="row" role="group" aria-label="Kinds">${kinds.map(kind)}</p>
        </section>
      </div>`,
    ),
})

/** What `stamp` noted of the file, in the browser: a claim like any other. */
function before({ clientMeta, clientSize }: UploadEntry): number {
  const { size } = (clientMeta ?? {}) as { readonly size?: unknown }
  return typeof size === 'number' ? size : clientSize
}

function sizes(before: number, size: number): string {
  return before === size ? formatSize(size) : `${formatSize(before)} → ${formatSize(size)}`
}

function chosen({ name, entries, errors }: UploadConfig): Rendered {
  const row = (entry: UploadEntry): Rendered => html`<li>
    ${live_file_preview(entry, { width: 48, height: 48 })}
    <span class="grow">${entry.clientName}</span>
    <span class="badge">${sizes(before(entry), entry.clientSize)}</span>
    <button class="quiet icon" phx-click="remove" phx-value-name="${name}" phx-value-ref="${entry.ref}"
      aria-label="Remove ${entry.clientName}">✕</button>
    ${entry.errors.map((error) => html`<p class="error" role="alert">${error}</p>`)}
  </li>`
  return html`${errors.map((error) => html`<p class="error" role="alert">${error}</p>`)}
    <ul class="list" aria-label="Chosen ${name}">${each(entries, (entry) => entry.ref, row)}</ul>`
}

function savedPhoto({ path, name, before, size }: Saved): Rendered {
  return html`<li>
    <img src="${path}" width="48" height="48" alt="" />
    <a class="grow" href="${path}">${name}</a>
    <span class="badge good">${sizes(before, size)}</span>
  </li>`
}

const kinds = ['a.pdf', 'a.docx', 'a.xlsx', 'a.pptx', 'a.zip', 'a.mp3', 'a.mp4', 'a.heic', 'a.ts', 'a.txt', 'a.bin']

function kind(clientName: string): Rendered {
  return live_file_icon({ clientName, clientType: '' }, { 'aria-label': clientName.slice(2) })
}

export const page: GalleryPage = {
  path: '/prepared-files',
  title: 'Made ready in the browser',
  about:
    'Before a photo is sent the browser makes it smaller and turns it upright, the page’s own function has its say, and files that are no images have an icon.',
  routes: { '/prepared-files': view },
}
