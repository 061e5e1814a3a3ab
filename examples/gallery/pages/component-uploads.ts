import {
  createLiveComponent,
  createLiveView,
  each,
  html,
  live_file_input,
  live_img_preview,
  type Rendered,
  type UploadEntry,
} from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Box {
  readonly title: string
  /** The pictures that this visitor saved, the newest first: paths that the gallery serves. */
  readonly saved: readonly string[]
}

type BoxEvents = { type: 'choose' | 'save' } | { type: 'cancel'; ref?: string }

const extensions: Readonly<Record<string, string>> = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/gif': 'gif' }

/** Each box has an upload of its own: both are called `pictures`, and neither knows of the other. */
const box = createLiveComponent<Box, BoxEvents, { readonly title: string }, 'pictures'>({
  mount: (socket) => {
    socket.assign({ saved: [] })
    void socket.allowUpload('pictures', {
      accept: Object.keys(extensions),
      maxEntries: 2,
      maxFileSize: 5 * 1024 * 1024,
    })
  },

  handleEvent: async (socket, event) => {
    switch (event.type) {
      case 'choose':
        break
      case 'cancel':
        if (event.ref !== undefined) void socket.cancelUpload('pictures', event.ref)
        break
      case 'save': {
        const paths = await socket.consumeUploadedEntries('pictures', async ({ path, fileSystem }, entry) => {
          // Never a name of the browser's choice.
          const name = `${entry.uuid}.${extensions[entry.clientType] ?? 'png'}`
          await fileSystem.createOrAppendFile(`./assets/saved/${name}`, path)
          return `/saved/${name}`
        })
        socket.assign({ saved: [...paths, ...socket.context.saved] })
      }
    }
  },

  render: ({ title, saved }, { uploads: { pictures }, myself }) => {
    const chosen = (entry: UploadEntry): Rendered =>
      html`<li>
        ${entry.valid && live_img_preview(entry, { width: 48, height: 48, alt: '' })}
        <span class="grow">${entry.clientName}</span>
        <button class="quiet icon" phx-click="cancel" phx-value-ref="${entry.ref}" phx-target=${myself}
          aria-label="Cancel ${entry.clientName}">✕</button>
        <progress max="100" value="${entry.progress}" aria-label="${entry.clientName}"></progress>
        ${entry.errors.map((error) => html`<p class="error" role="alert">${error}</p>`)}
      </li>`
    return html`<section class="card stack" aria-label="${title}">
      <h2>${title}</h2>
      <form id="form-${pictures.ref}" class="stack" phx-change="choose" phx-submit="save" phx-target=${myself}>
        <label class="drop-zone" phx-drop-target="${pictures.ref}">
          <span>Drop up to two pictures, or choose them</span>
          ${live_file_input(pictures, { 'aria-label': `Pictures for ${title}` })}
        </label>
        ${pictures.errors.map((error) => html`<p class="error" role="alert">${error}</p>`)}
        <button class="primary" disabled=${pictures.entries.length === 0} phx-disable-with="Saving…">Save</button>
      </form>
      <ul class="list" aria-label="Chosen for ${title}">${each(pictures.entries, (entry) => entry.ref, chosen)}</ul>
      <ul class="list" aria-label="Saved for ${title}">
        ${each(saved, (path) => path, savedPicture, [])}
      </ul>
    </section>`
  },
})

function savedPicture(path: string): Rendered {
  return html`<li><img src="${path}" width="48" height="48" alt="Saved picture" /><a class="grow" href="${path}">${path.slice(7, 15)}…</a></li>`
}

const view = createLiveView({
  mount: (socket) => socket.pageTitle('Uploads in components'),
  render: (_, { live_component }) =>
    frame(
      page,
      html`<div class="columns">
        ${live_component(box, { id: 'cover', title: 'Cover' })} ${live_component(box, { id: 'portrait', title: 'Portrait' })}
      </div>`,
    ),
})

export const page: GalleryPage = {
  path: '/component-uploads',
  title: 'Uploads in components',
  about: 'A live component that allows an upload on its own socket: two of them on one page, sending at the same time.',
  routes: { '/component-uploads': view },
}
