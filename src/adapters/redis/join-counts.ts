import { type JoinCounts, joinStep, joinSteps } from '../../server/join-counts.ts'
import { type RedisQuotaOptions, resolveQuotaOptions } from './commands.ts'
import { RedisStepSums } from './step-sums.ts'

/** What `createRedisJoinCounts` takes. */
export interface RedisJoinCountsOptions extends RedisQuotaOptions {}

/** {@link JoinCounts} that many processes share. */
export interface RedisJoinCounts extends JoinCounts {
  /** Tells Redis what is left to tell, unless it is away. Call it when your server is closed. */
  close(): Promise<void>
}

/**
 * Counts in Redis or Valkey what visitors join, so that `limits.maxVisitorJoins` holds over all processes: for the option `joins.joined` of
 * `createLiveServer`. The minute is one of the clock, in steps of ten seconds. While Redis is away nobody is kept out, and joins are told later.
 *
 * @throws {LiveError} `ERR_SERVER_OPTIONS` for a wrong option, and for a client of another shape.
 * @example
 * import { createLiveServer } from 'liveloom'
 * import { createRedisJoinCounts, type RedisCommands } from 'liveloom/quotas-redis'
 *
 * export const serverOn = (client: RedisCommands) =>
 *   createLiveServer({ routes: {}, joins: { joined: createRedisJoinCounts({ client }) } })
 */
export function createRedisJoinCounts(options: RedisJoinCountsOptions): RedisJoinCounts {
  const settings = resolveQuotaOptions('createRedisJoinCounts', 'ERR_SERVER_OPTIONS', options)
  const sums = new RedisStepSums(settings, 'joined', joinStep, joinSteps)
  return {
    add: (who) => sums.add(who, 1),
    async of(who) {
      const { sum, resetsIn } = await sums.of(who)
      return { joins: sum, resetsIn }
    },
    close: () => sums.close(),
  }
}
