/** Messages between the views of many processes by way of Postgres. */
export { createPostgresPubSub, type PostgresPubSubOptions } from './adapters/postgres/pubsub.ts'
export type { PgPool, PgPoolClient, PostgresClient, PostgresSql } from './adapters/postgres/lines.ts'
export type { EnginePubSub } from './pubsub/engine.ts'
export type { EngineOptions } from './pubsub/engine-options.ts'
