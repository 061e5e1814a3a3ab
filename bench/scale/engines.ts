/** The clients of an engine: `ENGINE` is its name and `ENGINE_PORT` where it listens. */
import { connect } from '@nats-io/transport-node'
import { Redis } from 'ioredis'
import { createNatsPubSub } from 'liveloom/pubsub-nats'
import { createRedisPubSub, type EnginePubSub } from 'liveloom/pubsub-redis'

const { ENGINE, ENGINE_PORT } = process.env
const port = Number(ENGINE_PORT)

/** `undefined` where there is no engine. */
export async function openPubSub(): Promise<EnginePubSub | undefined> {
  if (ENGINE === 'redis') return createRedisPubSub({ client: new Redis(port) })
  return ENGINE === 'nats' ? createNatsPubSub({ connection: await connect({ port }) }) : undefined
}

/** The same without us. Gives what publishes. */
export async function openBare(channel: string, hear: (text: string) => void): Promise<(text: string) => unknown> {
  if (ENGINE === 'redis') {
    const [sender, hearer] = [new Redis(port), new Redis(port)]
    hearer.on('message', (_, text: string) => hear(text))
    await hearer.subscribe(channel)
    return (text) => sender.publish(channel, text)
  }
  if (ENGINE === undefined) return hear
  const connection = await connect({ port })
  connection.subscribe(channel, { callback: (_, message) => hear(message.string()) })
  await connection.flush()
  return (text) => connection.publish(channel, text)
}
