/** Runs with a real NATS: `npm run test:engines` installs one. */
import { connect } from '@nats-io/transport-node'
import { createNatsPubSub } from 'liveloom/pubsub-nats'
import { subjectOf } from '../../src/adapters/nats/subject.ts'
import { engineMetricsContract } from '../contracts/engine-metrics.ts'
import { type EngineCase, enginePubSubContract } from '../contracts/engine-pubsub.ts'

const nats: EngineCase = {
  engine: 'nats',
  intrude: async (port, topic, payload) => {
    const connection = await connect({ port })
    connection.publish(subjectOf('liveloom', topic), payload)
    await connection.flush()
    await connection.close()
  },
  join: async (port, options) => {
    const connection = await connect({ port, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
    return {
      pubsub: createNatsPubSub({ connection, ...options }),
      isOpen: () => connection.flush().then(() => true),
      closeClient: () => connection.close(),
    }
  },
}

enginePubSubContract('@nats-io/transport-node', nats)
engineMetricsContract('NATS', nats)
