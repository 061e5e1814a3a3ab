/**
 * A server in a process of its own, which tests end in bad ways: `DEST` is where it saves, `SOURCE` what it saves in the place of what
 * was uploaded, `DRAIN` what it does on SIGTERM. Prints its address; what is reported goes to stderr, line by line.
 */
import { createLiveServer, createLiveView, html, live_file_input } from 'liveloom'
import { type DrainOptions, serve } from 'liveloom/node'

const { DEST, SOURCE, CLOSE_TIMEOUT, DRAIN } = process.env

const album = createLiveView<object, { type: string }, 'photos'>({
  mount: (socket) => void socket.allowUpload('photos'),
  handleEvent: async (socket, { type }) => {
    if (type === 'exit') process.exit(3)
    if (type !== 'save') return
    await socket.consumeUploadedEntries('photos', ({ path, fileSystem }) =>
      fileSystem.createOrAppendFile(DEST!, SOURCE ?? path),
    )
  },
  // What never ends, for whoever asks for it.
  shutdown: () => (DEST === 'never' ? new Promise<void>(() => {}) : undefined),
  render: (_, { uploads }) => html`<form phx-change="validate">${live_file_input(uploads.photos)}</form>`,
})

const live = createLiveServer({
  secret: 'a secret of the tests, long enough',
  routes: { '/': album },
  onError: (error) => void process.stderr.write(`reported: ${String((error as { code?: unknown }).code)} ${error}\n`),
})
const { url } = await serve(live, {
  port: 0,
  development: false,
  closeTimeout: Number(CLOSE_TIMEOUT ?? 10_000),
  drain: DRAIN === undefined ? false : (JSON.parse(DRAIN) as DrainOptions),
})
process.stdout.write(`${url}\n`)
