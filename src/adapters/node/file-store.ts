import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { LiveError } from '../../errors.ts'
import type { FileStore } from '../../upload/writer.ts'

const blockSize = 1024 * 1024

/** Files on this machine's disk. */
export function createFileStore(): FileStore {
  /** The last append to each file that one runs for: two of them at once would mix. */
  const appending = new Map<string, Promise<void>>()
  return {
    resolve: (dest) => resolve(dest),
    append(dest, src) {
      const path = resolve(dest)
      const before = appending.get(path) ?? Promise.resolve()
      const own = before.catch(() => {}).then(() => appendFile(path, src))
      appending.set(path, own)
      const forget = (): void => {
        if (appending.get(path) === own) appending.delete(path)
      }
      own.then(forget, forget)
      return own
    },
  }
}

async function appendFile(dest: string, src: string): Promise<void> {
  const source = await open(src, 'r')
  try {
    await mkdir(dirname(dest), { recursive: true })
    const { file, isNew } = await openForAppend(dest)
    try {
      const { size, dev, ino } = await file.stat()
      const from = await source.stat()
      if (from.dev === dev && from.ino === ino) {
        throw new LiveError('ERR_UPLOAD_FILE', `createOrAppendFile('${dest}'): a file cannot be appended to itself`)
      }
      await copy(source, file).catch(async (error: unknown) => {
        // What cannot be cut back (a device) must not hide why.
        await (isNew ? unlink(dest) : file.truncate(size)).catch(() => {})
        throw error
      })
    } finally {
      await file.close()
    }
  } finally {
    await source.close()
  }
}

async function openForAppend(path: string): Promise<{ readonly file: FileHandle; readonly isNew: boolean }> {
  try {
    return { file: await open(path, 'ax'), isNew: true }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return { file: await open(path, 'a'), isNew: false }
  }
}

async function copy(from: FileHandle, to: FileHandle): Promise<void> {
  const block = Buffer.allocUnsafe(blockSize)
  for (;;) {
    const { bytesRead } = await from.read(block, 0, blockSize)
    if (bytesRead === 0) return
    for (let at = 0; at < bytesRead;) at += (await to.write(block, at, bytesRead - at)).bytesWritten
  }
}
