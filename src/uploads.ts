/** Where the bytes of uploads go: writers that are ready-made, for the option `writer` of `allowUpload`. */
export { hash, type HashMeta } from './writers/hash.ts'
export { tee } from './writers/tee.ts'
export { toWritable, type ToWritableOptions } from './writers/to-writable.ts'
export { type NodeTransformLike, transform, type WebTransformLike } from './writers/transform.ts'
export type { NodeWritableLike } from './writers/sink.ts'
export type { DigestAlgorithm } from './token/digest.ts'
