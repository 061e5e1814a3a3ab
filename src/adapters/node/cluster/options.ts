import { availableParallelism } from 'node:os'
import cluster from 'node:cluster'
import { describe, LiveError } from '../../../errors.ts'
import { postVariable } from './worker.ts'

/**
 * How many workers; `undefined` for none.
 *
 * @throws {LiveError} `ERR_SERVER_OPTIONS` for what is no number of workers, and where there can be none.
 */
export function resolveWorkers(workers: unknown): number | undefined {
  if (workers === undefined) return undefined
  const fail = (why: string): LiveError => new LiveError('ERR_SERVER_OPTIONS', `serve: workers ${why}`)
  if (workers !== 'auto' && !(typeof workers === 'number' && Number.isSafeInteger(workers) && workers > 0)) {
    throw fail(`must be a positive integer or 'auto', got ${describe(workers)}`)
  }
  const runtime = ['bun', 'deno'].find((name) => process.versions[name] !== undefined)
  if (runtime !== undefined) {
    throw fail(`needs node:cluster of Node, and this is ${runtime}; start several processes behind a proxy instead`)
  }
  if (cluster.isWorker && process.env[postVariable] === undefined) {
    throw fail('is for the first process of a program, and this one is a worker of a cluster of yours')
  }
  return workers === 'auto' ? availableParallelism() : workers
}
