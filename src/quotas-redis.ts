/** Quotas that many processes share, by way of Redis. */
export {
  createRedisDayBytes,
  type RedisCommands,
  type RedisDayBytes,
  type RedisDayBytesOptions,
} from './adapters/redis/day-bytes.ts'
export type { DayBytes, Received } from './upload/day-bytes.ts'
