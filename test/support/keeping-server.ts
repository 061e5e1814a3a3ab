/**
 * A server in a process of its own that keeps files, which tests end in bad ways and start again: `PORT` is where it listens, `DEST` where it
 * saves, `TMPDIR` where it keeps. Prints its address; what is reported goes to stderr, line by line.
 */
import { join } from 'node:path'
import { createLiveServer, createLiveView, html, live_file_input } from 'liveloom'
import { serve } from 'liveloom/node'

const { DEST, PORT } = process.env

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

const live = createLiveServer({
  secret: 'a secret of the tests, long enough',
  routes: { '/': album },
  onError: (error) => void process.stderr.write(`reported: ${String((error as { code?: unknown }).code)} ${error}\n`),
})
const { url } = await serve(live, { port: Number(PORT), development: false })
process.stdout.write(`${url}\n`)
