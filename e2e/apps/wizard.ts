import { createLiveView, html, live_file_input, type LiveView, type UploadConfigOptions } from 'liveloom'
import { entryList } from './entries.ts'
import { type SavedFile, store } from './storage.ts'

interface Context {
  readonly step: number
  /** How often `progress` was told that a file is there. */
  readonly told: number
  readonly saved: readonly SavedFile[]
}

type Events =
  | { readonly type: 'choose' | 'save' | 'step' }
  | { readonly type: 'cancel'; readonly config_name: 'photos'; readonly ref: string }

/** A form in steps: the one with the file input leaves the page, with `hides` it is only hidden. */
export function createWizard({
  hides = false,
  ...options
}: UploadConfigOptions & { readonly hides?: boolean }): LiveView {
  return createLiveView<Context, Events, 'photos'>({
    mount: (socket) => {
      socket.assign({ step: 1, told: 0, saved: [] })
      void socket.allowUpload('photos', {
        ...options,
        progress: (_, entry) => {
          if (entry.done) socket.assign({ told: socket.context.told + 1 })
        },
      })
    },
    handleEvent: async (socket, event) => {
      const { step, saved } = socket.context
      if (event.type === 'step') socket.assign({ step: step === 1 ? 2 : 1 })
      if (event.type === 'cancel') void socket.cancelUpload(event.config_name, event.ref)
      if (event.type === 'save') {
        socket.assign({ saved: [...saved, ...(await socket.consumeUploadedEntries('photos', store))] })
      }
    },
    render: ({ step, told, saved }, { uploads: { photos } }) => html`
      <button type="button" id="step" phx-click="step">Step ${step}</button>
      ${
        (step === 1 || hides) &&
        html`<form id="album" phx-change="choose" phx-submit="save">
        <div hidden=${step !== 1}><label>Photos ${live_file_input(photos)}</label></div>
        <button>Save</button>
      </form>`
      }
      ${entryList(photos, 'Chosen')}
      <output id="told">${told}</output>
      <ul aria-label="Saved">
        ${saved.map(({ file, name }) => html`<li data-file="${file}">${name}</li>`)}
      </ul>
    `,
  })
}
