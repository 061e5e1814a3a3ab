/** One of the processes: `PLACE` is its name, `PORT` where it listens, `REDIS_PORT` where Redis does, `FILES` the folder that all of them keep uploads in. */
import { Redis } from 'ioredis'
import { createLiveServer } from 'liveloom'
import { type Middleware, serve } from 'liveloom/node'
import { createRedisPubSub } from 'liveloom/pubsub-redis'
import { chatView } from './chat-view.ts'

const { PLACE = 'a', REDIS_PORT = '6379', FILES } = process.env

const redis = new Redis(Number(REDIS_PORT))
redis.on('error', (error) => console.error(error))

/** What HAProxy asks. It takes 404 for: nobody new, and go on with those that are there. */
const health: Middleware = (request, response, next) => {
  if (request.url === '/healthz') response.writeHead(200).end('alive')
  else if (request.url === '/readyz') response.writeHead(server.isReady() ? 200 : 404).end()
  else next()
}

const live = createLiveServer({
  name: 'cluster',
  routes: { '/': chatView(redis, PLACE) },
  page: { title: 'Chat' },
  pubsub: createRedisPubSub({ client: redis, whileAway: 'queue' }),
  uploads: { folder: FILES },
})

const over = Number(process.env['DRAIN_OVER'] ?? 30_000)
const server = await serve(live, { trustProxy: true, use: [health], drain: { notice: 1500, over } })
console.log(`${PLACE} ${server.url}`)
