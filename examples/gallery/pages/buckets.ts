/** Files that go to a bucket of S3: through the server, or from the browser straight there. */
import {
  async_result,
  type AsyncResult,
  createLiveView,
  each,
  formatSize,
  html,
  live_file_input,
  type LiveView,
  type LiveViewSocket,
  type Rendered,
  type UploadConfig,
  type UploadEntry,
} from 'liveloom'
import { s3External, type S3Meta, s3Writer } from 'liveloom/uploads-s3'
import { bucket, type Bucket, type StoredFile } from '../bucket.ts'
import { frame, type GalleryPage } from '../page.ts'

type Way = 'through' | 'straight'

interface Context {
  readonly files: AsyncResult<readonly StoredFile[]>
}

type Events =
  | { type: 'choose' }
  | { type: 'save'; way?: Way }
  | { type: 'cancel'; way?: Way; ref?: string }
  | { type: 'download' | 'remove'; key?: string }

const limits = { maxEntries: 5, maxFileSize: 200 * 1024 * 1024 }

function viewOf({ client, name, keyOf, list, addressOf, remove }: Bucket): LiveView {
  const writer = s3Writer({ client, bucket: name, key: keyOf })
  // In parts from 8 MiB on, so that a click on a file of this size shows them.
  const external = s3External({ client, bucket: name, key: keyOf, multipartFrom: 8 * 1024 * 1024 })
  const look = (socket: LiveViewSocket<Context, Way>): void =>
    socket.assignAsync('files', async () => ({ files: await list() }))

  return createLiveView<Context, Events, Way>({
    mount: (socket) => {
      socket.pageTitle('To a bucket')
      void socket.allowUpload('through', { ...limits, writer })
      void socket.allowUpload('straight', { ...limits, external })
      look(socket)
    },

    handleEvent: async (socket, event) => {
      switch (event.type) {
        case 'choose':
          break
        case 'cancel':
          if (event.way !== undefined && event.ref !== undefined) void socket.cancelUpload(event.way, event.ref)
          break
        case 'save':
          if (event.way === undefined) break
          // Both ways give the same.
          await socket.consumeUploadedEntries(event.way, ({ key }: S3Meta) => key)
          look(socket)
          break
        case 'download':
        case 'remove': {
          // The browser says which: none but those that were listed.
          const file = socket.context.files.value?.find(({ key }) => key === event.key)
          if (file === undefined) break
          if (event.type === 'download') return socket.download(await addressOf(file.key))
          await remove(file.key)
          look(socket)
        }
      }
    },

    render: ({ files }, { uploads }) =>
      frame(
        page,
        html`<div class="columns">
            ${chooser('through', 'Through the server', uploads.through)}
            ${chooser('straight', 'Straight from the browser', uploads.straight)}
          </div>
          <section class="card stack" aria-label="Bucket">
            <h2>In the bucket <code>${name}</code></h2>
            ${async_result(files, {
              loading: () =>
                html`<p role="status"><span class="spinner" aria-hidden="true"></span> Asking the bucket…</p>`,
              failed: () => html`<p class="notice bad" role="alert">The bucket gives no list of what is in it.</p>`,
              ok: stored,
            })}
          </section>`,
      ),
  })
}

const hints: Readonly<Record<Way, string>> = {
  through: 'The server sends them on while they come, in parts, and writes nothing to its disk.',
  straight: 'The server signs what the browser may send, and sees not a byte. Files of more than 8 MiB go in parts.',
}

function chooser(way: Way, title: string, upload: UploadConfig): Rendered {
  const chosen = ({ ref, clientName, clientSize, state, progress, errors }: UploadEntry): Rendered =>
    html`<li>
      <span class="grow">${clientName}, ${formatSize(clientSize)}</span>
      <span class="badge ${state === 'done' ? 'good' : errors.length > 0 && 'bad'}">${state}</span>
      <button class="quiet icon" phx-click="cancel" phx-value-way="${way}" phx-value-ref="${ref}"
        aria-label="Remove ${clientName}">✕</button>
      <progress max="100" value="${progress}" aria-label="${clientName}"></progress>
      ${errors.map((error) => html`<p class="error" role="alert">${error}</p>`)}
    </li>`
  return html`<section class="card stack" aria-label="${title}">
    <h2>${title}</h2>
    <p class="hint">${hints[way]}</p>
    <form id="form-${way}" class="stack" phx-change="choose" phx-submit="save">
      <input type="hidden" name="way" value="${way}" />
      <label class="drop-zone" phx-drop-target="${upload.ref}">
        <span>Drop up to five files, or choose them</span>
        ${live_file_input(upload, { 'aria-label': `Files: ${title}` })}
      </label>
      ${upload.errors.map((error) => html`<p class="error" role="alert">${error}</p>`)}
      <button class="primary" disabled=${upload.entries.length === 0} phx-disable-with="Sending…">Send</button>
    </form>
    <ul class="list" aria-label="Chosen: ${title}">${each(upload.entries, (entry) => entry.ref, chosen)}</ul>
  </section>`
}

function stored(files: readonly StoredFile[]): Rendered {
  if (files.length === 0) return html`<p class="empty">Nothing yet.</p>`
  const row = ({ key, name, size }: StoredFile): Rendered => html`<li>
    <span class="grow">${name}, ${formatSize(size)}</span>
    <button class="small" phx-click="download" phx-value-key="${key}" aria-label="Download ${name}">Download</button>
    <button class="small danger" phx-click="remove" phx-value-key="${key}" aria-label="Delete ${name}">Delete</button>
  </li>`
  return html`<ul class="list" aria-label="Stored">${each(files, ({ key }) => key, row)}</ul>`
}

/** Without a bucket there is nothing to try, but a way to have one. */
const withoutBucket = createLiveView({
  mount: (socket) => socket.pageTitle('To a bucket'),
  render: () =>
    frame(
      page,
      html`<section class="card stack" aria-label="No bucket">
        <p class="notice warn">This gallery was started without a bucket.</p>
        <p><code>npm run gallery</code> brings a small one along. Or name one of yours, of S3, R2, MinIO or Ceph, by the environment:</p>
        <pre>${[
          'S3_BUCKET=photos',
          'S3_ENDPOINT=http://localhost:9000   # for all but AWS',
          'S3_REGION=eu-central-1',
          'AWS_ACCESS_KEY_ID=…',
          'AWS_SECRET_ACCESS_KEY=…',
        ].join('\n')}</pre>
        <p>
          For files that go straight from the browser it needs rules that let this page send: <code>PUT</code> and
          <code>POST</code> from this origin, all headers, and <code>ETag</code> exposed.
        </p>
      </section>`,
    ),
})

export const page: GalleryPage = {
  path: '/buckets',
  title: 'To a bucket',
  about:
    'Files go to S3, or to whatever speaks it: through the server while they come, or from the browser straight there, by what the server signs for each.',
  routes: { '/buckets': bucket === undefined ? withoutBucket : viewOf(bucket) },
}
