/**
 * A server with workers, in processes of their own: `WORKERS` of them, listening at `PORT`, saving in `DEST` and keeping in `TMPDIR`. Each page says
 * which process it is of. Prints its address; what is reported goes to stderr, line by line.
 */
import cluster from 'node:cluster'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createLiveServer, createLiveView, html, live_file_input, topic } from 'liveloom'
import { serve } from 'liveloom/node'

const { DEST, PORT, WORKERS, FAILS, TAKES, LEAVES } = process.env

const said = topic<string>('said')
/** One of a flood: heard, and not shown. */
const piece = '.'.repeat(100_000)

type Events =
  | { readonly type: 'say' | 'flood'; readonly value: string }
  | { readonly type: 'choose' | 'save' | 'download' }

const wall = createLiveView<{ texts: readonly string[]; saved: string; gaps: number }, Events, 'photos', string>({
  mount: async (socket) => {
    await socket.subscribe(said)
    socket.assign({ texts: [], saved: '', gaps: 0 })
    void socket.allowUpload('photos', { maxFileSize: 1e9 })
  },
  handleEvent: async (socket, event) => {
    if (event.type === 'say') socket.publish(said, event.value)
    if (event.type === 'flood') {
      for (let sent = 0; sent < Number(event.value); sent += piece.length) await server.publish(said, piece)
      socket.publish(said, 'flooded')
    }
    if (event.type === 'download') socket.download(new Blob(['what it says']), { name: 'said.txt' })
    if (event.type !== 'save') return
    const saved = await socket.consumeUploadedEntries('photos', async ({ path, fileSystem }, { uuid }) => {
      await fileSystem.createOrAppendFile(join(DEST!, uuid), path)
      return uuid
    })
    socket.assign({ saved: saved.join() })
  },
  handleInfo: (socket, text) => {
    if (!text.startsWith('.')) socket.assign({ texts: [...socket.context.texts, text] })
  },
  handleGap: (socket) => socket.assign({ gaps: socket.context.gaps + 1 }),
  render: ({ texts, saved, gaps }, { uploads }) =>
    html`<b>process ${process.pid}</b>
      <p>${texts.join()}</p>
      <form phx-change="choose" phx-submit="save">${live_file_input(uploads.photos)}</form>
      <p>saved ${saved}</p>
      <p>gaps ${gaps}</p>`,
})

if (FAILS === 'worker' && cluster.isWorker) process.exit(4)
if (cluster.isWorker && TAKES !== undefined) {
  process.stderr.write('a worker begins\n')
  await delay(Number(TAKES))
}
const server = await serve(
  createLiveServer({
    secret: 'a secret of the tests, long enough',
    routes: { '/': wall },
    onError: (error) => void process.stderr.write(`reported: ${String(error)}\n`),
  }),
  {
    port: Number(PORT),
    workers: Number(WORKERS),
    development: false,
    drain: { over: 200, grace: 10_000 },
    use: [
      (request, response, next) => {
        if (request.url === '/who') response.end(`${process.pid} ${request.socket.remoteAddress} ${server.worker}`)
        else if (request.url === '/flags') response.end(process.execArgv.join(' '))
        else if (request.url === '/headers') response.end(JSON.stringify(request.headersDistinct))
        else if (request.url === '/told') {
          process.stderr.write('told\n')
          response.end()
        } else if (request.url === '/body') {
          response.flushHeaders()
          request.on('data', (piece) => response.write(piece)).on('end', () => response.end())
        } else next()
      },
    ],
  },
)
if (cluster.isPrimary) process.stdout.write(`${server.url}\n`)
process.on('SIGHUP', () => {
  if (cluster.isWorker) return
  const left = LEAVES === 'drain' ? server.drain({ over: 0 }) : server.close()
  void left.then(() => process.stderr.write(`after ${LEAVES}\n`))
})
process.on('SIGUSR2', () => {
  if (cluster.isPrimary) void server.publish(said, 'of the primary')
})
