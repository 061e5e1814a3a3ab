/** Uploads whose scan waits for the page to say what it comes to. */
import { createLiveView, html, live_file_input, type LiveView, type UploadConfigOptions } from 'liveloom'
import { entryList } from './entries.ts'
import { type SavedFile, store } from './storage.ts'

interface Context {
  readonly saved: readonly SavedFile[]
  /** What was not consumable when the form came. */
  readonly early: readonly string[]
}

type Events =
  | { readonly type: 'choose' | 'save' | 'pass' | 'reject' }
  | { readonly type: 'cancel'; readonly config_name: 'photos'; readonly ref: string }

export function createScanned(options: UploadConfigOptions): LiveView {
  return createLiveView<Context, Events, 'photos'>({
    mount: (socket) => {
      socket.assign({ saved: [], early: [] })
      void socket.allowUpload('photos', {
        ...options,
        progress: undefined,
        validate: undefined,
        // A button of the page decides; one file at a time.
        scan: (_, __, { signal }) =>
          new Promise((resolve, reject) => {
            decide = resolve
            signal.addEventListener('abort', () => reject(signal.reason as Error))
          }),
      })
    },
    handleEvent: async (socket, event) => {
      if (event.type === 'cancel') void socket.cancelUpload(event.config_name, event.ref)
      if (event.type === 'pass') decide(true)
      if (event.type === 'reject') decide('It has a virus')
      if (event.type !== 'save') return
      const { inProgress } = await socket.uploadedEntries('photos')
      socket.assign({ early: inProgress.map(({ clientName, state }) => `${clientName} ${state}`) })
      const saved = await socket.consumeUploadedEntries('photos', store)
      socket.assign({ saved: [...socket.context.saved, ...saved] })
    },
    render: ({ saved, early }, { uploads: { photos } }) => html`
      <form id="album" phx-change="choose" phx-submit="save">
        <label>Name <input name="name" value="" /></label>
        <label>Photos ${live_file_input(photos)}</label>
        <button>Save</button>
      </form>
      <button type="button" phx-click="pass">Pass</button>
      <button type="button" phx-click="reject">Reject</button>
      <p id="early">${early.join(', ')}</p>
      ${entryList(photos, 'Chosen')}
      <ul aria-label="Saved">
        ${saved.map(({ file, name }) => html`<li data-file="${file}">${name}</li>`)}
      </ul>
    `,
  })
}

let decide: (verdict: true | string) => void = () => {}
