/** Gives a file that is whole its final name, without ever taking the place of another. */
import { link, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What file systems say that have no hard links; Windows calls it EISDIR. */
const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EISDIR'])
/** What systems say that do not write through folders. */
const noSync = new Set(['EPERM', 'EISDIR', 'EINVAL', 'ENOTSUP', 'EBADF', 'EACCES'])

/** Calls the file `part` `dest` too, which is in the same folder; or instead. False when there is something at `dest` already. */
export async function place(part: string, dest: string): Promise<boolean> {
  try {
    await link(part, dest)
    return true
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') return false
    if (code === undefined || !noLinks.has(code)) throw error
    return placeByRename(part, dest)
  }
}

/**
 * A rename would take the place of a file that another process has just made. So the name is claimed first, by an empty file: for a
 * moment, and when the process is killed in that moment for ever, this is what stands at `dest`.
 */
async function placeByRename(part: string, dest: string): Promise<boolean> {
  try {
    await (await open(dest, 'wx')).close()
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
  try {
    await rename(part, dest)
  } catch (error) {
    await unlink(dest).catch(() => {})
    throw error
  }
  return true
}

/** Writes through which names `folder` has; and up to where `made` stands, when folders were made on the way to it. */
export async function syncFolders(folder: string, made: string | undefined): Promise<void> {
  const last = made === undefined ? folder : dirname(made)
  for (let path = folder; ; path = dirname(path)) {
    await syncFolder(path)
    if (path === last || path === dirname(path)) return
  }
}

async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined || !noSync.has(code)) throw error
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
