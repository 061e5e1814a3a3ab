/** Messages between the views of many processes by way of NATS. */
export { createNatsPubSub, type NatsConnection, type NatsPubSubOptions } from './adapters/nats/pubsub.ts'
export type { EnginePubSub } from './pubsub/engine.ts'
export type { EngineOptions } from './pubsub/engine-options.ts'
