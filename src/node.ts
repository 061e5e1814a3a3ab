// A project with `types: []`, as TypeScript 7 begins one, would have `any` for whatever is of Node, without a word.
/// <reference types="node" preserve="true" />
/** Liveloom on Node, with `node:http` and `ws`. */
export {
  type CloseOptions,
  createHandler,
  type HandlerOptions,
  type LiveHandler,
  type Middleware,
} from './adapters/node/handler.ts'
export type { NodeServer, ServeOptions } from './adapters/node/node-server.ts'
export { serve } from './adapters/node/server.ts'
export type { DrainOptions } from './server/drain.ts'
export type { ServerStats, StatsOptions, ViewStats } from './server/stats.ts'
export { sendUpload, type SendUploadOptions } from './adapters/node/send-upload.ts'
