/**
 * The default writer: each upload is a file in a folder of this process under the system's temporary folder. The folder is
 * private, is touched while the process lives, and goes with it; one that a killed process left is swept by the next.
 */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { type FileHandle, lstat, mkdtemp, open, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TempFileMeta, UploadWriter } from '../../upload/writer.ts'

const prefix = 'liveloom-'
const touchEvery = 60_000
/** Ten missed touches: whoever owned the folder is gone. Asking for its pid would not do, since containers share numbers. */
const abandonedAfter = 600_000

export interface TempFolder {
  openWriter(): Promise<UploadWriter<TempFileMeta>>
  /** Deletes the folder, and whatever is left in it. */
  close(): Promise<void>
}

/** Makes the folder when the first file needs it. `report` gets what goes wrong while touching and sweeping. */
export function createTempFolder(report: (error: unknown) => void, parent: string = tmpdir()): TempFolder {
  let folder: Promise<string> | undefined
  let made: string | undefined
  let touching: NodeJS.Timeout | undefined
  const removeAtExit = (): void => {
    if (made !== undefined) rmSync(made, { recursive: true, force: true })
  }

  async function make(): Promise<string> {
    // mkdtemp makes it 0700.
    made = await mkdtemp(join(parent, prefix))
    process.once('exit', removeAtExit)
    touching = setInterval(() => {
      const now = new Date()
      utimes(made!, now, now).catch(report)
    }, touchEvery)
    touching.unref()
    return made
  }

  function forget(): void {
    folder = undefined
    clearInterval(touching)
    process.removeListener('exit', removeAtExit)
  }

  async function openIn(parent: Promise<string>): Promise<UploadWriter<TempFileMeta>> {
    const path = join(await parent, randomBytes(12).toString('hex'))
    return createFileWriter(path, await open(path, 'wx', 0o600))
  }

  sweepAbandoned(parent, Date.now()).catch(report)
  return {
    async openWriter() {
      const current = (folder ??= make())
      try {
        return await openIn(current)
      } catch (error) {
        if (folder === current) forget()
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
        // Somebody has cleaned the system's temporary folder. The next one has a folder again.
        return openIn((folder ??= make()))
      }
    },
    async close() {
      const last = folder
      forget()
      if (last !== undefined) await rm(await last, { recursive: true, force: true })
    },
  }
}

function createFileWriter(path: string, file: FileHandle): UploadWriter<TempFileMeta> {
  return {
    async write(chunk) {
      // A write may take less than it was given, as on a disk that is about to be full.
      for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at, chunk.length - at)).bytesWritten
    },
    close: () => file.close(),
    // The view may have moved it away.
    dispose: () => rm(path, { force: true }),
    meta: () => ({ path }),
  }
}

/** Deletes the folders of our own user that nobody has touched for long. */
export async function sweepAbandoned(parent: string, now: number): Promise<void> {
  const names = (await readdir(parent)).filter((name) => name.startsWith(prefix))
  await Promise.all(
    names.map(async (name) => {
      const path = join(parent, name)
      try {
        // Not followed when it is a link: that would let others choose what we delete.
        const found = await lstat(path)
        if (!found.isDirectory() || !isOurs(found.uid) || now - found.mtimeMs < abandonedAfter) return
        await rm(path, { recursive: true, force: true })
      } catch (error) {
        // Another process was faster.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
    }),
  )
}

/** Windows has no user ids; there the temporary folder itself is the user's own. */
function isOurs(uid: number): boolean {
  return process.getuid === undefined || process.getuid() === uid
}
