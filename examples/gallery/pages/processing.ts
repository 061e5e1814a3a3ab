/** Work after the upload: photos become thumbnails beside the view, which stays quick and says how far the work is. */
import {
  type ConsumeTools,
  type ConsumeUploadedEntriesMeta,
  createLiveView,
  each,
  html,
  live_file_input,
  type LiveViewSocket,
  type Rendered,
  type UploadEntry,
} from 'liveloom'
import sharp from 'sharp'
import { frame, type GalleryPage } from '../page.ts'

interface Thumbnail {
  readonly id: string
  readonly name: string
  readonly width: number
  readonly height: number
  /** What the photo said of where and when it was taken, in bytes. */
  readonly exif: number
  /** A WebP, as a data URL. */
  readonly picture: string
}

interface Context {
  readonly thumbnails: readonly Thumbnail[]
  readonly failure: string
}

type Events = { type: 'choose' | 'save' } | { type: 'remove'; ref?: string }

/** Turned upright, small, and without a word of where it was taken: sharp writes no metadata by itself. */
async function thumbnailOf(
  { path }: ConsumeUploadedEntriesMeta,
  { uuid, clientName }: UploadEntry,
  { progress, signal }: ConsumeTools,
): Promise<Thumbnail> {
  const original = sharp(path, { limitInputPixels: 50_000_000 }).autoOrient()
  const { exif } = await original.metadata()
  progress(30)
  signal.throwIfAborted()
  const { data, info } = await original
    .resize(240, 240, { fit: 'inside' })
    .webp({ quality: 70 })
    .toBuffer({ resolveWithObject: true })
  progress(100)
  const picture = `data:image/webp;base64,${data.toString('base64')}`
  return { id: uuid, name: clientName, width: info.width, height: info.height, exif: exif?.length ?? 0, picture }
}

const view = createLiveView<Context, Events, 'photos', Thumbnail>({
  mount: (socket) => {
    socket.pageTitle('Work after the upload')
    socket.assign({ thumbnails: [], failure: '' })
    void socket.allowUpload('photos', { accept: ['image/*'], maxEntries: 8, maxFileSize: 20 * 1024 * 1024 })
  },

  handleEvent: async (socket, event) => {
    switch (event.type) {
      case 'choose':
        break
      case 'remove':
        if (event.ref !== undefined) void socket.cancelUpload('photos', event.ref)
        break
      case 'save':
        socket.assign({ failure: '' })
        // The submit is answered at once.
        socket.startAsync('thumbnails', () => makeThumbnails(socket))
    }
  },

  handleInfo: (socket, thumbnail) =>
    socket.assign({ thumbnails: [thumbnail, ...socket.context.thumbnails].slice(0, 12) }),

  handleAsync: (socket, _, outcome) => {
    if (!outcome.ok)
      socket.assign({ failure: 'One of them is no picture that can be read. Remove it, and make the others.' })
  },

  render: ({ thumbnails, failure }, { uploads }) =>
    frame(
      page,
      html`<form id="photos-form" class="card stack" phx-change="choose" phx-submit="save">
          <label class="drop-zone" phx-drop-target="${uploads.photos.ref}">
            <span>Drop up to eight photos, or choose them</span>
            ${live_file_input(uploads.photos, { 'aria-label': 'Photos' })}
          </label>
          <ul class="list" aria-label="Chosen">${each(uploads.photos.entries, ({ ref }) => ref, chosen)}</ul>
          ${uploads.photos.errors.map((error) => html`<p class="error" role="alert">${error}</p>`)}
          ${failure !== '' && html`<p class="error" role="alert">${failure}</p>`}
          <button class="primary" disabled=${uploads.photos.entries.length === 0} phx-disable-with="Sending…">
            Make thumbnails
          </button>
        </form>
        <ul class="tiles" aria-label="Thumbnails">${each(thumbnails, ({ id }) => id, tile)}</ul>`,
    ),
})

/** One after another; each is shown when it is there. */
async function makeThumbnails(socket: LiveViewSocket<Context, 'photos', Thumbnail>): Promise<void> {
  await socket.consumeUploadedEntries('photos', async (meta: ConsumeUploadedEntriesMeta, entry, tools) =>
    socket.sendInfo(await thumbnailOf(meta, entry, tools)),
  )
}

function chosen({ ref, clientName, state, progress, processed, errors }: UploadEntry): Rendered {
  const works = state === 'processing'
  return html`<li>
    <span class="grow">${clientName}</span>
    <span class="muted">${works ? (processed === undefined ? 'waits' : 'is made smaller') : `${progress} %`}</span>
    <button type="button" class="quiet icon" phx-click="remove" phx-value-ref="${ref}" aria-label="Remove ${clientName}">✕</button>
    <progress max="100" value="${works ? (processed ?? 0) : progress}" aria-label="${clientName}"></progress>
    ${errors.map((error) => html`<p class="error" role="alert">${error}</p>`)}
  </li>`
}

function tile({ name, width, height, exif, picture }: Thumbnail): Rendered {
  const said = exif === 0 ? 'said nothing of itself' : `said ${exif} bytes of itself, which are gone`
  return html`<li class="card tile">
    <img src="${picture}" width="${width}" height="${height}" alt="${name}" />
    <p>${name}</p>
    <p class="muted">${width} × ${height}; ${said}</p>
  </li>`
}

export const page: GalleryPage = {
  path: '/processing',
  title: 'Work after the upload',
  about:
    'Photos become thumbnails beside the view, and lose what they say of where they were taken. The submit is answered at once; each file shows how far the work with it is.',
  routes: { '/processing': view },
}
