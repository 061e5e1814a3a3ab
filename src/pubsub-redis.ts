/** Messages between the views of many processes by way of Redis. */
export { createRedisPubSub, type RedisPubSubOptions } from './adapters/redis/pubsub.ts'
export type { IoRedisClient, NodeRedisClient, RedisClient } from './adapters/redis/lines.ts'
export type { EnginePubSub } from './pubsub/engine.ts'
export type { EngineOptions } from './pubsub/engine-options.ts'
