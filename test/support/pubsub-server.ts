/**
 * A server in a process of its own whose views hear those of others by Redis: `PORT` is where it listens, `REDIS` where that does. Prints its
 * address; what is reported goes to stderr, line by line.
 */
import { Redis } from 'ioredis'
import { createLiveServer, createLiveView, html, topic } from 'liveloom'
import { serve } from 'liveloom/node'
import { createPresence, type PresenceInfo } from 'liveloom/presence'
import { createRedisPubSub } from 'liveloom/pubsub-redis'

const { PORT, REDIS } = process.env

interface Said {
  readonly text: string
}
const said = topic<Said>('said')
const piece = '.'.repeat(500_000)

interface Context {
  readonly texts: readonly string[]
  readonly gaps: number
  readonly bytes: number
}

type Events = { readonly type: 'say'; readonly value: string } | { readonly type: 'flood'; readonly value: string }

const client = new Redis(Number(REDIS), { retryStrategy: () => 50 })
client.on('error', () => {})
const pubsub = createRedisPubSub({ client })

const wall = createLiveView<Context, Events, never, Said>({
  mount: async (socket) => {
    await socket.subscribe(said)
    socket.assign({ texts: [], gaps: 0, bytes: 0 })
  },
  handleEvent: async (socket, { type, value }) => {
    if (type === 'say') socket.publish(said, { text: value })
    // No faster than Redis takes it.
    else for (let sent = 0; sent < Number(value); sent += piece.length) await pubsub.publish(said.name, { text: piece })
  },
  handleInfo: (socket, { text }) => {
    const { texts, bytes } = socket.context
    if (text.startsWith('.')) socket.assign({ bytes: bytes + text.length })
    else socket.assign({ texts: [...texts, text] })
  },
  handleGap: (socket, topics) => socket.assign({ gaps: socket.context.gaps + topics.length }),
  render: ({ texts, gaps, bytes }) => html`<p>${texts.join()}</p><p>gaps ${gaps}</p><p>bytes ${bytes}</p>`,
})

const here = createPresence<{ readonly name: string }>({
  ...{ pubsub, heartbeat: 300, deadAfter: 4000, linger: 2000 },
  onError: (error) => void process.stderr.write(`presence: ${error}\n`),
})
const room = topic<never>('room')

/** Who is here, by the parameter `name`. */
const lobby = createLiveView<{ told: readonly string[] }>({
  mount: (socket, _session, params) => {
    socket.assign({ told: [] })
    here.subscribe(socket, room)
    const name = String(params['name'])
    if (name !== 'nobody') here.track(socket, room, name, { name })
  },
  handleInfo: (socket, info) => {
    const { joins, leaves } = info as PresenceInfo<{ readonly name: string }>
    const said = [...joins.map(({ key }) => `+${key}`), ...leaves.map(({ key }) => `-${key}`)]
    socket.assign({ told: [...socket.context.told, ...said] })
  },
  render: ({ told }) =>
    html`<p>here ${here.list(room).map(({ key, metas }) => `${key}${metas.length} `)}</p><p>told ${told.join(' ')}</p>`,
})

const { url } = await serve(
  createLiveServer({
    secret: 'a secret of the tests, long enough',
    routes: { '/': wall, '/lobby/:name': lobby },
    pubsub,
    onError: (error) => void process.stderr.write(`reported: ${error}\n`),
  }),
  { port: Number(PORT), development: false },
)
process.stdout.write(`${url}\n`)
