import { createLiveView, hook, html, live_file_input, type LiveView, type UploadConfigOptions } from 'liveloom'
import { entryList } from './entries.ts'
import { type SavedFile, store } from './storage.ts'

interface Context {
  readonly saved: readonly SavedFile[]
}

type Events =
  | { readonly type: 'choose' | 'save' }
  | { readonly type: 'cancel'; readonly config_name: 'photos'; readonly ref: string }

/** Hands over an empty file and one of four bytes, as a page's own script does: a camera, a clipboard. */
const hander = hook(
  'Hander',
  `{
    mounted() {
      this.el.onclick = () => this.upload('photos', [new File([], 'nothing.png'), new File(['four'], 'four.png')])
    },
  }`,
)

/** A form with an upload and all ways to fill and to empty it. */
export function createChooser(options: UploadConfigOptions): LiveView {
  return createLiveView<Context, Events, 'photos'>({
    mount: (socket) => {
      socket.assign({ saved: [] })
      void socket.allowUpload('photos', { ...options, progress: undefined })
    },
    handleEvent: async (socket, event) => {
      if (event.type === 'cancel') void socket.cancelUpload(event.config_name, event.ref)
      if (event.type !== 'save') return
      const saved = await socket.consumeUploadedEntries('photos', store)
      socket.assign({ saved: [...socket.context.saved, ...saved] })
    },
    render: ({ saved }, meta) => html`
      <form id="album" phx-change="choose" phx-submit="save">
        <label>Name <input name="name" value="" /></label>
        <label>Photos ${live_file_input(meta.uploads.photos)}</label>
        <button>Save</button>
        <button type="reset">Reset</button>
      </form>
      <p id="drop-zone" phx-drop-target="${meta.uploads.photos.ref}">Drop photos here</p>
      <button type="button" id="hander" phx-hook=${hander}>Hand over</button>
      ${hander.script(meta)} ${entryList(meta.uploads.photos, 'Chosen')}
      <ul aria-label="Saved">
        ${saved.map(({ file, name }) => html`<li data-file="${file}">${name}</li>`)}
      </ul>
    `,
  })
}
