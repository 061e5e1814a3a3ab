/// <reference types="node" preserve="true" />
/** Liveloom in an application of Express 5. */
export { type ExpressLive, type ExpressOptions, liveloom } from './adapters/express/express.ts'
