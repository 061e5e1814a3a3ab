import type { DayBytes } from '../../upload/day-bytes.ts'
import { type RedisQuotaOptions, resolveQuotaOptions } from './commands.ts'
import { RedisStepSums } from './step-sums.ts'

/** What `createRedisDayBytes` takes. */
export interface RedisDayBytesOptions extends RedisQuotaOptions {}

/** A {@link DayBytes} that many processes share. */
export interface RedisDayBytes extends DayBytes {
  /** Tells Redis what is left to tell, unless it is away. Call it when your server is closed. */
  close(): Promise<void>
}

const hour = 60 * 60 * 1000
const hours = 24

/**
 * Counts in Redis or Valkey what visitors send, so that `uploads.maxReceived` holds over all processes: for the option `uploads.received` of
 * `createLiveServer`. The hours are those of the clock. While Redis is away nobody is kept from sending, and what has come is told later.
 *
 * @throws {LiveError} `ERR_UPLOAD_OPTIONS` for a wrong option, and for a client of another shape.
 * @example
 * import { createLiveServer } from 'liveloom'
 * import { createRedisDayBytes, type RedisCommands } from 'liveloom/quotas-redis'
 *
 * export const serverOn = (client: RedisCommands) =>
 *   createLiveServer({ routes: {}, uploads: { received: createRedisDayBytes({ client }) } })
 */
export function createRedisDayBytes(options: RedisDayBytesOptions): RedisDayBytes {
  const settings = resolveQuotaOptions('createRedisDayBytes', 'ERR_UPLOAD_OPTIONS', options)
  const sums = new RedisStepSums(settings, 'received', hour, hours)
  return {
    add: (visitorId, bytes) => sums.add(visitorId, bytes),
    async of(visitorId) {
      const { sum, resetsIn } = await sums.of(visitorId)
      return { bytes: sum, resetsIn }
    },
    close: () => sums.close(),
  }
}
