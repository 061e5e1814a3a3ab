/** Files that the browser sends straight to a bucket: `S3` has the options of `s3External`, as JSON. */
import {
  createLiveView,
  html,
  live_file_input,
  type LiveView,
  type UploadConfigOptions,
  type UploadEntry,
} from 'liveloom'
import { s3External, type S3ExternalOptions, type S3Meta } from 'liveloom/uploads-s3'
import { entryList } from './entries.ts'

const { S3 } = process.env
const place = JSON.parse(S3 ?? '{}') as Omit<S3ExternalOptions, 'key'>

/** Where the bucket is, for the page's content security policy. */
export const bucketOrigin = place.endpoint === undefined ? '' : new URL(place.endpoint).origin

type Events =
  | { readonly type: 'validate' | 'save' }
  | { readonly type: 'cancel' | 'retry'; readonly ref: string; readonly config_name: 'files' }

export function createBucket(options: UploadConfigOptions): LiveView {
  return createLiveView<{ saved: readonly string[] }, Events, 'files'>({
    mount: (socket) => {
      socket.assign({ saved: [] })
      const external = S3 === undefined ? undefined : s3External({ ...place, key: (_, { uuid }) => uuid })
      void socket.allowUpload('files', { ...options, progress: undefined, external })
    },
    handleEvent: async (socket, event) => {
      if (event.type === 'cancel') return void socket.cancelUpload('files', event.ref)
      if (event.type === 'retry') return void socket.retryUpload('files', event.ref)
      if (event.type !== 'save') return
      const saved = await socket.consumeUploadedEntries(
        'files',
        ({ key }: S3Meta, { clientName }) => `${clientName} ${key}`,
      )
      socket.assign({ saved: [...socket.context.saved, ...saved] })
    },
    render: ({ saved }, { uploads }) => html`
      <h1>Bucket</h1>
      <form id="bucket" phx-change="validate" phx-submit="save">
        <label>Files ${live_file_input(uploads.files)}</label>
        <button>Save</button>
      </form>
      ${entryList(uploads.files, 'Chosen', retryOf)}
      <ul aria-label="Waiting">
        ${uploads.files.waiting.map(
          ({ ref, clientName, progress }) => html`<li data-waiting="${clientName}">
            <output>${progress}</output>
            <button type="button" phx-click="cancel" phx-value-config_name="files" phx-value-ref="${ref}">Forget</button>
          </li>`,
        )}
      </ul>
      <ul aria-label="Saved">
        ${saved.map((name) => html`<li>${name}</li>`)}
      </ul>
    `,
  })
}

function retryOf({ state, ref, clientName }: UploadEntry) {
  if (state !== 'failed') return undefined
  return html`<button type="button" phx-click="retry" phx-value-ref="${ref}">Retry ${clientName}</button>`
}
