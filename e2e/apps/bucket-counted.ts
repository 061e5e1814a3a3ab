/** Pages whose files go to a bucket, either way, and are counted: `S3` says where it is, as JSON. */
import { createLiveView, html, live_file_input, type LiveView, type UploadEntry } from 'liveloom'
import { s3External, type S3Meta, type S3Options, s3Writer } from 'liveloom/uploads-s3'

type Way = 'through' | 'straight'

const { S3 } = process.env

export function createCounted(way: Way): LiveView {
  const where = S3 === undefined ? {} : placeFor(way, JSON.parse(S3) as S3Options)
  return createLiveView<{ readonly saved: readonly S3Meta[] }, { type: string }, 'files'>({
    mount: (socket) => {
      socket.assign({ saved: [] })
      void socket.allowUpload('files', { maxEntries: 500, maxFileSize: 10e9, ...where })
    },
    handleEvent: async (socket, { type }) => {
      if (type !== 'save') return
      socket.assign({ saved: await socket.consumeUploadedEntries('files', (meta: S3Meta) => meta) })
    },
    render: ({ saved }, { uploads: { files } }) => html`
      <form id="bucket" phx-change="validate" phx-submit="save">${live_file_input(files)}<button>Save</button></form>
      <p id="chosen">${files.entries.length}</p>
      <progress max="100" value="${files.progress}"></progress>
      <p id="saved">${saved.length} files, ${saved.reduce((sum, { size }) => sum + size, 0)} bytes</p>
    `,
  })
}

function placeFor(way: Way, { endpoint, bucket, region, credentials }: S3Options) {
  const place = { endpoint, bucket, region, credentials, key: (_: unknown, { uuid }: UploadEntry) => uuid }
  return way === 'through' ? { writer: s3Writer(place) } : { external: s3External(place) }
}
