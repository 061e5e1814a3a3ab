import { createLiveView, each, html, live_file_input, type LiveView, type Rendered, type UploadConfig } from 'liveloom'
import { entryList } from './entries.ts'
import { type SavedFile, store } from './storage.ts'

type UploadName = 'images' | 'texts'

type Events =
  | { readonly type: 'validate' | 'save' | 'save-images' | 'save-texts' }
  | { readonly type: 'cancel'; readonly config_name: UploadName; readonly ref: string }

/** Two uploads, whose inputs stand in the forms that `forms` makes. */
function createInputs(forms: (uploads: Readonly<Record<UploadName, UploadConfig>>) => Rendered): LiveView {
  return createLiveView<{ readonly saved: readonly SavedFile[] }, Events, UploadName>({
    mount: (socket) => {
      socket.assign({ saved: [] })
      void socket.allowUpload('images', { accept: ['image/*'], maxEntries: 2 })
      void socket.allowUpload('texts', { accept: ['.txt'], maxEntries: 2 })
    },
    handleEvent: async (socket, event) => {
      const save = async (name: UploadName): Promise<void> => {
        const files = await socket.consumeUploadedEntries(name, store)
        socket.assign({ saved: [...socket.context.saved, ...files] })
      }
      if (event.type === 'cancel') void socket.cancelUpload(event.config_name, event.ref)
      if (event.type === 'save' || event.type === 'save-images') await save('images')
      if (event.type === 'save' || event.type === 'save-texts') await save('texts')
    },
    render: ({ saved }, { uploads }) => html`
      ${forms(uploads)} ${entryList(uploads.images, 'Chosen images')} ${entryList(uploads.texts, 'Chosen texts')}
      <ul aria-label="Saved">
        ${each(
          saved,
          ({ file }) => file,
          ({ file, name }) => html`<li data-file="${file}">${name}</li>`,
        )}
      </ul>
    `,
  })
}

export const oneForm: LiveView = createInputs(
  ({ images, texts }) => html`
    <form id="both" phx-change="validate" phx-submit="save">
      <label>Images ${live_file_input(images)}</label>
      <label>Texts ${live_file_input(texts)}</label>
      <button>Save</button>
    </form>
  `,
)

export const twoForms: LiveView = createInputs(
  ({ images, texts }) => html`
    <form id="images" phx-change="validate" phx-submit="save-images">
      <label>Images ${live_file_input(images)}</label>
      <button>Save images</button>
    </form>
    <form id="texts" phx-change="validate" phx-submit="save-texts">
      <label>Texts ${live_file_input(texts)}</label>
      <button>Save texts</button>
    </form>
  `,
)
