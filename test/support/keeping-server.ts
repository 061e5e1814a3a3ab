/**
 * A server in a process of its own that keeps files, which tests end in bad ways and start again: `PORT` is where it listens, `DEST` where it
 * saves, `TMPDIR` where it keeps, `S3` the options of the writer of the page `/s3`; `CONSUME` is how the page `/auto` fares that saves by itself: it may `kill` its process, or `throw`.
 * Prints its address; what is reported goes to stderr, line by line.
 */
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  createLiveServer,
  createLiveView,
  type ExternalFactory,
  html,
  live_file_input,
  type LiveViewSocket,
  type MetaOf,
  type UploadEntry,
} from 'liveloom'
import { serve } from 'liveloom/node'
import { type S3Meta, type S3Options, s3Writer } from 'liveloom/uploads-s3'

const { DEST, PORT, CONSUME, S3 } = process.env

const album = createLiveView<{ saved: string }, { type: string }, 'photos' | 'kept'>({
  mount: (socket) => {
    socket.assign({ saved: '' })
    void socket.allowUpload('photos', { maxFileSize: 1e9, maxEntries: 1000 })
    void socket.allowUpload('kept', { maxFileSize: 1e9, maxEntries: 10, keep: 'visitor' })
  },
  handleEvent: async (socket, { type }) => {
    if (type !== 'save') return
    const saved = await socket.consumeUploadedEntries('photos', async ({ path, fileSystem }, { uuid }) => {
      await fileSystem.createOrAppendFile(join(DEST!, uuid), path)
      return uuid
    })
    socket.assign({ saved: saved.join() })
  },
  render: ({ saved }, { uploads }) =>
    html`<form phx-change="choose" phx-submit="save">
        ${live_file_input(uploads.photos)} ${live_file_input(uploads.kept)}
      </form>
      <p>saved ${saved}</p>
      ${[...uploads.photos.entries, ...uploads.kept.entries].map(
        ({ ref, progress, preflighted, done }) =>
          html`<i>${ref} ${progress} ${preflighted ? 'asked' : ''} ${done ? 'done' : ''}</i>`,
      )}
      ${uploads.kept.waiting.map(({ clientName, progress }) => html`<b>${clientName} ${progress}</b>`)}`,
})

/** What it saves is what the store has of it. */
const bucket = createLiveView<{ saved: string }, { type: string }, 'photos' | 'kept'>({
  mount: (socket) => {
    socket.assign({ saved: '' })
    const writer = s3Writer({ key: (_, { uuid }) => `photos/${uuid}`, ...(JSON.parse(S3 ?? '{}') as S3Options) })
    void socket.allowUpload('photos', { maxFileSize: 1e9, writer })
    void socket.allowUpload('kept', { maxFileSize: 1e9, maxEntries: 10, writer, keep: 'visitor' })
  },
  handleEvent: async (socket, { type }) => {
    if (type === 'cancel') {
      for (const { ref } of (await socket.uploadedEntries('photos')).inProgress)
        await socket.cancelUpload('photos', ref)
      return
    }
    if (type !== 'save' && type !== 'save kept') return
    const name = type === 'save kept' ? 'kept' : 'photos'
    const saved = await socket.consumeUploadedEntries(name, ({ key, size }: S3Meta) => `${key} ${size}`)
    socket.assign({ saved: saved.join() })
  },
  render: ({ saved }, { uploads }) =>
    html`<form phx-change="choose" phx-submit="save">
        ${live_file_input(uploads.photos)} ${live_file_input(uploads.kept)}
      </form>
      <p>saved ${saved}</p>
      ${[...uploads.photos.entries, ...uploads.kept.entries].map(
        ({ ref, progress, state }) => html`<i>${ref} ${progress} ${state}</i>`,
      )}
      ${uploads.kept.waiting.map(({ clientName, progress }) => html`<b>${clientName} ${progress}</b>`)}`,
})

/** What a page asks of the files that its browser sends elsewhere is in their names; each call is a line in `DEST`. */
const external = (async (_, { clientName, uuid }, { note, keep, isChosenAgain }) => {
  const call = (what: string): Promise<void> => appendFile(join(DEST!, 'calls'), `${what} ${clientName}\n`)
  const key = (note as { readonly key: string } | undefined)?.key ?? `key-${uuid}`
  await call(`external ${note === undefined ? 'new' : 'noted'}${isChosenAgain ? ' again' : ''}`)
  if (clientName.includes('breaks') && note !== undefined) throw new Error('the store is away')
  if (!clientName.includes('forgotten')) await keep({ key })
  return {
    meta: { uploader: 'Ours', key },
    offset: note === undefined ? 0 : 300,
    answer: (question) => ({ question, key }),
    confirm: async () => {
      await call('confirm')
      return { key }
    },
    dispose: (outcome) => call(outcome),
  }
}) satisfies ExternalFactory

/** Its files go elsewhere. */
const elsewhere = createLiveView<{ saved: string }, { type: string; ref: string }, 'photos' | 'kept'>({
  mount: (socket) => {
    socket.assign({ saved: '' })
    void socket.allowUpload('photos', { maxEntries: 10, external })
    void socket.allowUpload('kept', { maxEntries: 10, external, keep: 'visitor' })
  },
  handleEvent: async (socket, { type, ref }) => {
    if (type === 'cancel') return socket.cancelUpload('photos', ref)
    if (type === 'forget') return socket.cancelUpload('kept', ref)
    if (type === 'retry') return socket.retryUpload('photos', ref)
    if (!type.startsWith('save')) return
    const name = type === 'save kept' ? 'kept' : 'photos'
    const saved = await socket.consumeUploadedEntries(name, ({ key }: MetaOf<typeof external>) => key)
    socket.assign({ saved: saved.join() })
  },
  render: ({ saved }, { uploads }) =>
    html`<form phx-change="choose" phx-submit="save">
        ${live_file_input(uploads.photos)} ${live_file_input(uploads.kept)}
      </form>
      <p>saved ${saved}</p>
      ${[...uploads.photos.entries, ...uploads.kept.entries].map(
        ({ ref, progress, state, errors }) =>
          html`<i>${ref} ${progress} ${state} ${errors.map(({ code }) => code)}</i>`,
      )}
      ${uploads.kept.waiting.map(
        ({ ref, clientName, progress }) => html`<b data-ref="${ref}">${clientName} ${progress}</b>`,
      )}`,
})

const auto = createLiveView<Record<string, unknown>, { type: string }, 'photos'>({
  mount: (socket) =>
    void socket.allowUpload('photos', {
      ...{ autoUpload: true, maxEntries: 10, keep: 'visitor' },
      progress: (view, entry) => (entry.done ? save(view, entry) : undefined),
    }),
  handleEvent: async (socket, { type }) => {
    if (type !== 'save') return
    for (const entry of (await socket.uploadedEntries('photos')).completed) await save(socket, entry)
  },
  render: (_, { uploads }) =>
    html`<form phx-change="choose" phx-submit="save">${live_file_input(uploads.photos)}</form>
      ${uploads.photos.entries.map(({ ref, state }) => html`<i>${ref} ${state}</i>`)}`,
})

async function save(
  socket: { consumeUploadedEntry: LiveViewSocket['consumeUploadedEntry'] },
  entry: UploadEntry,
): Promise<void> {
  await socket.consumeUploadedEntry(entry, async ({ path, fileSystem }) => {
    await appendFile(join(DEST!, 'calls'), `${entry.clientName}\n`)
    if (CONSUME === 'kill') process.kill(process.pid, 'SIGKILL')
    if (CONSUME === 'throw') throw new Error('as asked')
    await fileSystem.createOrAppendFile(join(DEST!, entry.uuid), path)
  })
}

const live = createLiveServer({
  secret: 'a secret of the tests, long enough',
  routes: { '/': album, '/auto': auto, '/s3': bucket, '/elsewhere': elsewhere },
  // Its disk may be one of 1 MiB: how that is when it is full is what is tested.
  uploads: { minFree: 0 },
  onError: (error) => void process.stderr.write(`reported: ${String((error as { code?: unknown }).code)} ${error}\n`),
})
const { url } = await serve(live, { port: Number(PORT), development: false })
process.stdout.write(`${url}\n`)
