import { describe, LiveError } from '../../errors.ts'
import type { UploadEntry } from '../../upload/entry.ts'
import type { UploadWriter, WriterTools } from '../../upload/writer.ts'
import { type MultipartOptions, MultipartUpload } from './multipart.ts'
import { readS3Note, type S3Note, wholeParts } from './notes.ts'
import { readKey } from './object-key.ts'
import { S3Object, type StoredObject } from './objects.ts'
import { resolveS3Options, type S3Options } from './options.ts'
import { checkPartSize, partSizeFor } from './part-size.ts'
import { S3Requests } from './requests.ts'

/** What {@link s3Writer} takes. `Socket` is the view's own. */
export interface S3WriterOptions<Socket = unknown> extends S3Options {
  /** What the object is called. Never made of `clientName` without checking it: the browser has chosen that. */
  readonly key: (socket: Socket, entry: UploadEntry) => string
  /**
   * Headers of the object: `content-type`, `cache-control`, `x-amz-meta-…`, in small letters.
   *
   * @default none: the type that a browser claims is not to be trusted
   */
  readonly headers?: ((socket: Socket, entry: UploadEntry) => Readonly<Record<string, string>>) | undefined
  /** Bytes of a part: from 5 MiB to 5 GiB. Grows for files of which there would be more than 10,000. @default 8388608 (8 MiB) */
  readonly partSize?: number | undefined
  /** How many parts of one file are on their way at once. So many are held in memory. @default 3 */
  readonly parallel?: number | undefined
}

type Notes = Pick<WriterTools, 'note' | 'keep'>

/** Opens a writer for one file: named by the option `writer`, or called by one of yours. */
export interface S3WriterFactory<Socket = unknown> {
  (socket: Socket, entry: UploadEntry): UploadWriter<S3Meta>
  /** With the tools that yours was given the file outlives a restart of the server. Not where something stands before it that has a state of its own. */
  (socket: Socket, entry: UploadEntry, tools: Notes): UploadWriter<S3Meta> | Promise<UploadWriter<S3Meta>>
}

/** What is consumed of a file that {@link s3Writer} has stored. */
export interface S3Meta {
  readonly bucket: string
  readonly key: string
  /** As the store has it, in quotes. */
  readonly etag: string
  /** Bytes that were stored. */
  readonly size: number
}

const MiB = 1024 * 1024

/**
 * Has an upload go to S3, or to whatever speaks it (R2, MinIO, Garage, Ceph), while it comes: in parts, each of which is proven by its SHA-256 and sent
 * again when it fails. The bytes pass through the server, which holds a few parts of each file in memory, and nothing on its disk. What is not
 * consumed is deleted. After a restart of the server it goes on behind the parts that the store has.
 *
 * @throws {LiveError} `ERR_UPLOAD_OPTIONS` at once for a wrong option. Later, as failures of an entry: {@link S3Error}.
 * @example
 * import { createLiveView, html, live_file_input } from 'liveloom'
 * import { type S3Meta, s3Writer } from 'liveloom/uploads-s3'
 *
 * const writer = s3Writer({
 *   bucket: 'photos',
 *   region: 'eu-central-1',
 *   credentials: { accessKeyId: process.env['S3_KEY']!, secretAccessKey: process.env['S3_SECRET']! },
 *   key: (_, entry) => `albums/${entry.uuid}`,
 * })
 *
 * export const album = createLiveView({
 *   mount: (socket) => socket.allowUpload('photos', { accept: ['image/*'], maxEntries: 10, writer }),
 *   handleEvent: async (socket, { type }) => {
 *     if (type !== 'save') return
 *     const keys = await socket.consumeUploadedEntries('photos', ({ key }: S3Meta) => key)
 *     socket.assign({ keys })
 *   },
 *   render: (_, { uploads }) => html`<form phx-change="choose" phx-submit="save">${live_file_input(uploads['photos']!)}</form>`,
 * })
 */
export function s3Writer<Socket = unknown>(options: S3WriterOptions<Socket>): S3WriterFactory<Socket> {
  const settings = resolveS3Options('s3Writer', options, ['key', 'headers', 'partSize', 'parallel'])
  const { key: keyOf, headers, partSize = 8 * MiB, parallel = 3 } = options
  const fail = (message: string): never => {
    throw new LiveError('ERR_UPLOAD_OPTIONS', `s3Writer: ${message}`)
  }
  if (typeof keyOf !== 'function') fail(`key must be a function (socket, entry) => string, got ${describe(keyOf)}`)
  if (headers !== undefined && typeof headers !== 'function')
    fail(`headers must be a function, got ${describe(headers)}`)
  checkPartSize(partSize, fail)
  if (!Number.isSafeInteger(parallel) || parallel < 1)
    fail(`parallel must be a positive integer, got ${describe(parallel)}`)
  const requests = new S3Requests(settings)

  const begin = (socket: Socket, entry: UploadEntry, keep?: WriterTools['keep']): UploadWriter<S3Meta> => {
    const key = readKey('s3Writer', keyOf(socket, entry))
    const size = entry.clientSize
    const sizeOfParts = partSizeFor(size, partSize)
    return writerOf(new S3Object(requests, key), {
      ...{ partSize: sizeOfParts, parallel, size, keep },
      headers: headers?.(socket, entry) ?? {},
    })
  }

  const goOn = async (note: S3Note, socket: Socket, entry: UploadEntry, keep: WriterTools['keep']) => {
    const object = new S3Object(requests, note.key)
    if (note.what === 'stored') return storedWriter(object, note)
    const parts = await object.parts(note.id)
    if (parts !== undefined) {
      const begun = { id: note.id, parts: wholeParts(parts, note.partSize) }
      return writerOf(object, { partSize: note.partSize, parallel, size: entry.clientSize, headers: {}, begun, keep })
    }
    // It was put together, and the process ended before it could say so.
    const found = await object.look()
    if (found?.size === entry.clientSize) return storedWriter(object, found)
    return begin(socket, entry, keep)
  }

  function open(socket: Socket, entry: UploadEntry): UploadWriter<S3Meta>
  function open(socket: Socket, entry: UploadEntry, tools: Notes): UploadWriter<S3Meta> | Promise<UploadWriter<S3Meta>>
  function open(
    socket: Socket,
    entry: UploadEntry,
    tools?: Notes,
  ): UploadWriter<S3Meta> | Promise<UploadWriter<S3Meta>> {
    const note = readS3Note(tools?.note)
    return note === undefined ? begin(socket, entry, tools?.keep) : goOn(note, socket, entry, tools!.keep)
  }
  return open

  function writerOf(
    object: S3Object,
    { keep, ...how }: Omit<MultipartOptions, 'onBegun'> & { readonly keep: WriterTools['keep'] | undefined },
  ): UploadWriter<S3Meta> {
    const { key } = object
    const { partSize: sizeOfParts } = how
    const note = (said: S3Note): Promise<void> | undefined => keep?.(said)
    const upload = new MultipartUpload(object, {
      ...how,
      onBegun: async (id) => note({ what: 'begun', key, id, partSize: sizeOfParts }),
    })
    const offset = upload.received
    let etag = ''
    return {
      offset,
      write: (chunk) => upload.write(chunk),
      async close(reason) {
        if (reason !== 'done') return upload.abort()
        etag = await upload.end()
        await note({ what: 'stored', key, etag, size: upload.received })
      },
      pause: () => upload.pause(),
      dispose: (outcome) => (outcome === 'dropped' ? upload.delete() : undefined),
      meta: () => ({ bucket: settings.bucket, key, etag, size: upload.received }),
    }
  }

  /** Of what is stored already: to be consumed, or deleted. */
  function storedWriter(object: S3Object, { etag, size }: StoredObject): UploadWriter<S3Meta> {
    return {
      offset: size,
      write() {
        throw new LiveError('ERR_UPLOAD_WRITER', `s3Writer: ${object.key} is stored already`)
      },
      close: (reason) => (reason === 'done' ? undefined : object.delete()),
      pause() {},
      dispose: (outcome) => (outcome === 'dropped' ? object.delete() : undefined),
      meta: () => ({ bucket: settings.bucket, key: object.key, etag, size }),
    }
  }
}
