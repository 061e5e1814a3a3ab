/** What `serve({ workers })` gives to the process that started them. */
import { createServer } from 'node:http'
import { LiveError } from '../../../errors.ts'
import { type AnyTopic, topicName } from '../../../pubsub/topic.ts'
import { type DrainOptions, resolveDrain } from '../../../server/drain.ts'
import type { LiveServer } from '../../../server/live-server.ts'
import type { NodeServer } from '../node-server.ts'
import { findSecret } from '../secret.ts'
import { leaveOnSignals } from '../signals.ts'
import { Crew } from './crew.ts'
import { primaryPubSub } from './drivers.ts'

export interface PrimaryOptions {
  readonly workers: number
  readonly development: boolean
  readonly signals: boolean
  readonly closeTimeout: number
}

export async function servePrimary(live: LiveServer, options: PrimaryOptions): Promise<NodeServer> {
  const { workers, development, closeTimeout } = options
  // In development it is made up, and written down: here, once, before they look.
  if (live.settings.secret === undefined) findSecret(development)
  const crew = new Crew(workers)
  const pubsub = live.settings.pubsub ?? primaryPubSub(crew.hub)
  const stopSignals = options.signals
    ? leaveOnSignals(
        async (signal) => failedOnes(await crew.signal(signal)),
        (signal) => void crew.signal(signal),
      )
    : () => {}
  const url = await crew.start().catch((error: unknown) => {
    stopSignals()
    throw error
  })
  const inWorker = (name: string) => (): never => {
    throw new LiveError(
      'ERR_WORKER',
      `${name}: the process that started the workers answers no request; ask in a worker`,
    )
  }
  let closing: Promise<void> | undefined
  let draining: Promise<void> | undefined
  return {
    url,
    server: createServer(),
    worker: undefined,
    post: live.post,
    publish: (topic: string | AnyTopic, info: unknown) => pubsub.publish(topicName('publish', topic), info),
    sessionCookie: inWorker('sessionCookie'),
    page: inWorker('page'),
    render: inWorker('render'),
    stats: inWorker('stats'),
    sessionOf: inWorker('sessionOf'),
    flashCookie: inWorker('flashCookie'),
    isCsrfToken: inWorker('isCsrfToken'),
    disconnect: inWorker('disconnect'),
    isReady: () => crew.ready,
    drain(drainOptions: DrainOptions = {}) {
      resolveDrain('drain', drainOptions, development)
      return (draining ??= crew.drain(drainOptions))
    },
    close() {
      closing ??= crew.close(closeTimeout).then(failedOnes).finally(stopSignals)
      return closing
    },
  }
}

function failedOnes(count: number): void {
  if (count === 0) return
  const who = count === 1 ? 'a worker has' : `${count} workers have`
  throw new LiveError('ERR_WORKER', `close: ${who} not ended well; what was given up stands before this`)
}
