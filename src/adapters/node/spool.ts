/** Bytes that are put aside in a private temporary file, until somebody knows what becomes of them. */
import { createReadStream } from 'node:fs'
import type { Spool } from '../../server/multipart.ts'
import type { TempFolder } from './temp-files.ts'

export async function openSpool(temp: Pick<TempFolder, 'openWriter'>): Promise<Spool> {
  const writer = await temp.openWriter()
  let open = true
  const close = async (reason: 'done' | 'cancel'): Promise<void> => {
    if (!open) return
    open = false
    await writer.close(reason)
  }
  return {
    write: async (chunk) => writer.write(chunk),
    async *read(size) {
      await close('done')
      yield* createReadStream(writer.meta().path, { highWaterMark: size }) as AsyncIterable<Uint8Array>
    },
    async remove() {
      try {
        await close('cancel')
      } finally {
        await writer.dispose('dropped')
      }
    },
  }
}
