/** The Redis by which the gallery's processes hear each other, as the environment names it; `undefined` where it names none. */
import { Redis } from 'ioredis'
import { createRedisPubSub } from 'liveloom/pubsub-redis'

export type GalleryRedis = NonNullable<typeof redis>

/** How long the connection that hears stays away when it was cut, in ms: else nobody would see that anything is missing. */
const away = 4000
const { REDIS_URL } = process.env

export const redis = REDIS_URL === undefined ? undefined : open(REDIS_URL)

function open(url: string) {
  const prefix = 'gallery:'
  const connect = (options = {}): Redis => {
    const client = new Redis(url, options)
    // The pubsub tells of it.
    client.on('error', () => {})
    return client
  }
  const subscriber = connect({ autoResubscribe: false, retryStrategy: () => away })
  return {
    pubsub: createRedisPubSub({ client: connect(), subscriber, prefix, whileAway: 'queue' }),
    /** In place of another process: a pubsub with a connection of its own. */
    another: createRedisPubSub({ client: connect(), prefix }),
    /** Ends the connection by which this process hears others. It comes back by itself. */
    cut: () => subscriber.disconnect(true),
  }
}
