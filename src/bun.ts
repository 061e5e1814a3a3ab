/** Liveloom on `Bun.serve`. */
export { type BunLive, type BunOptions, liveloom } from './adapters/bun/bun.ts'
export type { BunServerLike, BunSocketData, BunSocketLike, BunWebSocketHandler } from './adapters/web/bun-sockets.ts'
export type { WebLive } from './adapters/web/handler.ts'
