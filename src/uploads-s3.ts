/** Uploads that go to S3, or to whatever speaks it. */
export { type S3Meta, s3Writer, type S3WriterFactory, type S3WriterOptions } from './adapters/s3/writer.ts'
export { s3External, type S3ExternalFactory, type S3ExternalOptions } from './adapters/s3/external.ts'
export type { S3ExternalFile } from './adapters/s3/external-file.ts'
export type { S3ClientLike } from './adapters/s3/client.ts'
export type { S3Options } from './adapters/s3/options.ts'
export { S3Error } from './adapters/s3/s3-error.ts'
export type { Credentials as S3Credentials } from './adapters/s3/signature.ts'
