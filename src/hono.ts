/// <reference types="node" preserve="true" />
/** Liveloom in an application of Hono, on Node, Bun and Deno. */
export { type HonoContextLike, type HonoLive, type HonoOptions, liveloom } from './adapters/hono/hono.ts'
export type { BunServerLike, BunSocketData, BunSocketLike, BunWebSocketHandler } from './adapters/web/bun-sockets.ts'
export type { WebLive } from './adapters/web/handler.ts'
