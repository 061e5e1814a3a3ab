/** Liveloom on `Deno.serve`. */
export { type DenoLive, type DenoOptions, liveloom } from './adapters/deno/deno.ts'
export type { WebLive } from './adapters/web/handler.ts'
