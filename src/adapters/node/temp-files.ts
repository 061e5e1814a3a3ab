/**
 * The default writer: each upload is a file in a folder of this process under the system's temporary folder. The folder is private,
 * has a lease while the process lives, and goes with it; one that a killed process left is swept by others.
 */
import { randomBytes } from 'node:crypto'
import { readdirSync, renameSync, rmSync, unlinkSync } from 'node:fs'
import { access, type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { LiveError } from '../../errors.ts'
import type { TempFileMeta, UploadWriter } from '../../upload/writer.ts'
import { leaseName, leaseRound, renewLease } from './lease.ts'
import { type NoteSave, type Save, writeNote } from './save-notes.ts'
import { folderPrefix, Sweeper } from './sweep.ts'

export interface TempFolder {
  openWriter(): Promise<UploadWriter<TempFileMeta>>
  /** Writes down what is being saved, for whoever finds the folder when this process was killed. Never rejects. */
  readonly noteSave: NoteSave
  /** Deletes the folder, and whatever is left in it; but for the notes of appends that still run. */
  close(): Promise<void>
}

/** A folder that was made. */
interface Folder {
  readonly path: string
  /** The files of writers that were not disposed of. */
  readonly files: Set<string>
  /** The saves that run, by the path of their note. */
  readonly saves: Map<string, Save>
  /** Somebody has deleted it. */
  lost: LiveError | undefined
}

/** Makes the folder when the first file needs it. `report` gets what goes wrong while it is kept, and what sweeping finds. */
export function createTempFolder(report: (error: unknown) => void, parent: string = tmpdir()): TempFolder {
  /** What was made last, and is there as far as we know. */
  let made: Folder | undefined
  let making: Promise<Folder> | undefined
  let closed = false
  /** What failed the last time: it is reported once, until it has worked again. */
  let renewalFails = false
  let notingFails = false
  const sweeper = new Sweeper(parent, (path) => path === made?.path, report)
  const removeAtExit = (): void => {
    if (made !== undefined) leaveBehind(made)
  }

  async function make(): Promise<Folder> {
    // mkdtemp makes it 0700.
    const path = await mkdtemp(join(parent, folderPrefix))
    made = { path, files: new Set(), saves: new Map(), lost: undefined }
    process.once('exit', removeAtExit)
    // Without one it is still not swept before others have watched it for long, and the next minute tries again.
    await renewLease(path).catch(report)
    return made
  }

  function forget(): void {
    making = undefined
    made = undefined
    process.removeListener('exit', removeAtExit)
  }

  /** The next file has a folder again. What was in it has failed, and is reported together. */
  function lose(folder: Folder): void {
    if (made !== folder) return
    forget()
    const { path, files } = folder
    folder.lost = new LiveError(
      'ERR_UPLOAD_FOLDER',
      `the temporary folder ${path} is gone, with ${count(files, 'upload')}`,
    )
    if (files.size > 0) report(folder.lost)
  }

  /** Does something in the folder; once more in a new one when somebody has deleted it. */
  async function inFolder<T>(act: (folder: Folder) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      // What comes this late would get a folder that nobody deletes before the process ends.
      if (closed) throw new LiveError('ERR_UPLOAD_FOLDER', 'the temporary folder is closed, as its server is')
      const current = (making ??= make())
      const folder = await current.catch((error: unknown) => {
        if (making === current) forget()
        throw error
      })
      try {
        return await act(folder)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === 2) throw error
        lose(folder)
      }
    }
  }

  async function renew(): Promise<void> {
    const folder = made
    if (folder === undefined) return
    try {
      await renewLease(folder.path)
      renewalFails = false
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return lose(folder)
      if (!renewalFails) report(error)
      renewalFails = true
    }
  }

  /** Never rejects. */
  let renewing: Promise<void> = Promise.resolve()
  const round = (): void => {
    renewing = renew().catch(report)
    void renewing.then(() => sweeper.round())
  }
  const rounds = setInterval(round, leaseRound)
  rounds.unref()
  round()

  return {
    openWriter: () =>
      inFolder(async (folder) => {
        const path = join(folder.path, randomBytes(12).toString('hex'))
        const file = await open(path, 'wx', 0o600)
        folder.files.add(path)
        return createFileWriter(folder, path, file)
      }),
    async noteSave(save) {
      try {
        return await inFolder(async ({ path, saves }) => {
          const note = await writeNote(path, save)
          saves.set(note, save)
          notingFails = false
          return async () => {
            saves.delete(note)
            await rm(note, { force: true }).catch(report)
          }
        })
      } catch (error) {
        // What is saved matters more than the note of it.
        if (!notingFails) report(error)
        notingFails = true
        return async () => {}
      }
    },
    async close() {
      closed = true
      clearInterval(rounds)
      const last = await making?.catch(() => undefined)
      forget()
      if (last === undefined) return
      // What it writes into the folder could not be deleted with it.
      await renewing
      if (last.saves.size > 0) leaveBehind(last)
      else await deleteFolder(last.path)
    },
  }
}

/** One that is gone already is fine. */
async function deleteFolder(path: string): Promise<void> {
  try {
    await rm(putAside(path), { recursive: true, force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/**
 * Ends what is saved to new files, and deletes the folder. What may outlast it stays written down, for whoever sweeps the folder: what
 * appends, and a new file that is not there yet. The system may still make it, since threads go on until the process has ended.
 */
function leaveBehind(folder: Folder): void {
  const kept = new Set<string>()
  for (const [note, save] of folder.saves) if (save.kind === 'append' || !isDeleted(save.part)) kept.add(basename(note))
  try {
    const path = putAside(folder.path)
    if (kept.size === 0) return deleteNow(path)
    for (const name of readdirSync(path)) {
      if (name !== leaseName && !kept.has(name)) rmSync(join(path, name), { force: true })
    }
  } catch {
    // Whoever sweeps does the rest. A process that exits has nobody left to tell.
  }
}

/** A thread that was looking for the place of its file when the folder was renamed may still make it: four threads, as many files. */
function deleteNow(path: string): void {
  for (let tries = 1; ; tries++) {
    try {
      return rmSync(path, { recursive: true, force: true })
    } catch (error) {
      if (tries === 5) throw error
    }
  }
}

/** Under a name of its own nobody makes files in it any more, who has been told the one before. Else it may not get empty. */
function putAside(path: string): string {
  const aside = join(dirname(path), folderPrefix + randomBytes(6).toString('hex'))
  renameSync(path, aside)
  return aside
}

/** Deletes it, and says whether it was there: once it was made it is not made again. */
function isDeleted(path: string): boolean {
  try {
    unlinkSync(path)
    return true
  } catch {
    return false
  }
}

function createFileWriter(folder: Folder, path: string, file: FileHandle): UploadWriter<TempFileMeta> {
  return {
    async write(chunk) {
      // The system would go on writing to a file that nobody can find.
      if (folder.lost !== undefined) throw folder.lost
      // A write may take less than it was given, as on a disk that is about to be full.
      for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at, chunk.length - at)).bytesWritten
    },
    async close(reason) {
      await file.close()
      // Nobody shall be told that it is done when it is gone.
      if (reason === 'done') await access(path)
    },
    dispose: () => {
      folder.files.delete(path)
      // The view may have moved it away.
      return rm(path, { force: true })
    },
    meta: () => ({ path }),
  }
}

function count({ size }: ReadonlySet<unknown>, what: string): string {
  return `${size} ${what}${size === 1 ? '' : 's'} in it`
}
