import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Bytes that are free where a folder is, or will be; `undefined` when nobody can tell. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch (error) {
    const above = dirname(folder)
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return isMissing && above !== folder ? freeBytes(above) : undefined
  }
}
