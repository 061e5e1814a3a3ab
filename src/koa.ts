/// <reference types="node" preserve="true" />
/** Liveloom in an application of Koa. */
export { type KoaContextLike, type KoaLive, type KoaOptions, liveloom } from './adapters/koa/koa.ts'
