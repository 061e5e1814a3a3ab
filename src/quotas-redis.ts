/** Quotas that many processes share, by way of Redis. */
export { createRedisDayBytes, type RedisDayBytes, type RedisDayBytesOptions } from './adapters/redis/day-bytes.ts'
export {
  createRedisJoinCounts,
  type RedisJoinCounts,
  type RedisJoinCountsOptions,
} from './adapters/redis/join-counts.ts'
export type { RedisCommands, RedisQuotaOptions } from './adapters/redis/commands.ts'
export type { DayBytes, Received } from './upload/day-bytes.ts'
export type { JoinCounts, Joined } from './server/join-counts.ts'
