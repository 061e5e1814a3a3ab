/** The server of ours that is measured: `PORT` is where it listens, or any port. */
import { createLiveServer, createLiveView, html, topic } from 'liveloom'
import { serve } from 'liveloom/node'
import { answerAsks } from './asks.ts'
import { openPubSub } from './engines.ts'
import { figures } from './figures.ts'

const counter = createLiveView<{ count: number }, { type: 'inc' }>({
  mount: (socket) => socket.assign({ count: 0 }),
  handleEvent: (socket) => socket.assign({ count: socket.context.count + 1 }),
  render: ({ count }) => html`<p><output>${count}</output> <button phx-click="inc">+</button></p>`,
})

const news = topic<string>('news')
const reader = createLiveView<{ news: string }, never, never, string>({
  mount: async (socket) => {
    socket.assign({ news: '' })
    await socket.subscribe(news)
  },
  handleInfo: (socket, text) => socket.assign({ news: text }),
  render: ({ news: text }) => html`<p>${text}</p>`,
})

const pubsub = await openPubSub()
const over = Number(process.env['DRAIN'] ?? 0)
const server = await serve(
  createLiveServer({
    routes: { '/counter': counter, '/news': reader },
    secret: 'a secret of the benches, long enough',
    ...(pubsub !== undefined && { pubsub }),
    onError: (error, { stage }) => void process.stderr.write(`reported (${stage}): ${String(error)}\n`),
  }),
  {
    host: '127.0.0.1',
    port: Number(process.env['PORT'] ?? 0),
    development: false,
    ...(over > 0 && { drain: { over } }),
  },
)

const answers = { ...figures, url: () => server.url, publish: (text: string) => server.publish(news, text) }
export type Answers = typeof answers
answerAsks(answers)
