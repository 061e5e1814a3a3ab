/** Forms with files, as they come: by the parser that Fastify keeps. Here it is given bytes no faster than its files are read. */
import { Busboy, type BusboyEvents, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy'
import type { MultipartEnd, MultipartLimits, MultipartSink } from '../../server/multipart.ts'

/** Bytes of the headers of one part: names of files in folders are long. */
const maxHeaderSize = 16 * 1024

export async function readMultipart(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
  limits: MultipartLimits,
  sink: MultipartSink,
): Promise<MultipartEnd> {
  const reading = startReading(contentType, limits, sink)
  if (reading === undefined) return 'broken'
  try {
    for await (const chunk of body) {
      const ended = await Promise.race([reading.take(chunk), reading.ended])
      if (ended !== undefined) return ended
    }
    return await reading.finish()
  } finally {
    await reading.giveUp()
  }
}

interface Reading {
  /** Resolves when more may come. */
  take(chunk: Uint8Array): Promise<undefined>
  /** What ends it before its time; rejects with what the sink throws. */
  readonly ended: Promise<MultipartEnd>
  finish(): Promise<MultipartEnd>
  giveUp(): Promise<void>
}

/** `undefined` for a type that names no boundary. */
function startReading(contentType: string, limits: MultipartLimits, sink: MultipartSink): Reading | undefined {
  const busboy = createParser(contentType, limits)
  if (busboy === undefined) return undefined
  const open = new Set<BusboyFileStream>()
  let end = (_how: MultipartEnd): void => {}
  let fail = (_error: unknown): void => {}
  const ended = new Promise<MultipartEnd>((resolve, reject) => {
    end = resolve
    fail = reject
  })
  // Nobody may be waiting for it when it comes.
  ended.catch(() => {})
  /** The files, one after the other: several small ones may come in one chunk. */
  let handling: Promise<void> = Promise.resolve()
  const attempt = (run: () => void): void => {
    try {
      run()
    } catch (error) {
      fail(error)
    }
  }
  const onField: BusboyEvents['field'] = (name: string | undefined, value, _nameCut, valueCut) => {
    if (valueCut) end('too_large')
    else if (name === undefined) end('broken')
    else attempt(() => sink.field(name, value))
  }
  const onFile: BusboyEvents['file'] = (name: string | undefined, stream, fileName, _encoding, type) => {
    open.add(stream)
    // It says so without ending itself.
    stream.on('error', (error: Error) => stream.destroy(error))
    const bytes = stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>
    const file = { field: name ?? '', fileName, type, bytes }
    handling = handling
      .then(() => sink.file(file))
      .then(() => {
        open.delete(stream)
        stream.resume()
      })
    handling.catch(fail)
  }
  busboy.on('field', onField)
  busboy.on('file', onFile)
  busboy.on('partsLimit', () => end('too_large'))
  busboy.on('error', () => end('broken'))
  const finished = new Promise<MultipartEnd>((resolve) => busboy.once('finish', () => resolve('complete')))
  return {
    ended,
    take: (chunk) => new Promise((resolve) => busboy.write(chunk, () => resolve(undefined))),
    async finish() {
      busboy.end()
      const how = await Promise.race([finished, ended])
      if (how === 'complete') await handling
      return how
    },
    async giveUp() {
      for (const stream of open) stream.destroy(new Error('the form was given up'))
      busboy.destroy()
      // Whoever has one of them lets go of it first.
      await handling.catch(() => {})
    },
  }
}

function createParser(contentType: string, { maxParts, maxFieldSize }: MultipartLimits): BusboyInstance | undefined {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      // What a folder's files are called has its place in it.
      preservePath: true,
      isPartAFile: (_name, _type, fileName) => fileName !== undefined,
      limits: { parts: maxParts, fieldSize: maxFieldSize, headerSize: maxHeaderSize },
    })
  } catch {
    return undefined
  }
}
