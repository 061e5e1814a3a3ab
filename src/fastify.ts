/// <reference types="node" preserve="true" />
/** Liveloom in an application of Fastify 5. */
export {
  type FastifyLike,
  type FastifyLive,
  type FastifyOptions,
  type FastifyReplyLike,
  type FastifyRequestLike,
  liveloom,
} from './adapters/fastify/fastify.ts'
