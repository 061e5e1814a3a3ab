/**
 * What a process is saving, written down in its folder while it lasts: when the process is killed, whoever sweeps the folder finds
 * what was left half done elsewhere.
 */
import { randomBytes } from 'node:crypto'
import { readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LiveError } from '../../errors.ts'

/** A new file is written beside its place under another name; what is appended goes to the file itself. */
export type Save =
  | { readonly kind: 'new'; readonly dest: string; readonly part: string }
  | { readonly kind: 'append'; readonly dest: string; readonly sizeBefore: number; readonly bytes: number }

/** Writes a save down before it begins. What it gives is called when the save has ended, well or not. */
export type NoteSave = (save: Save) => Promise<() => Promise<void>>

const noteName = /^save-[0-9a-f]{12}$/
const partName = /^\.liveloom-[0-9a-f]{24}\.part$/

/** A name beside `dest` for what is not whole yet. */
export function partOf(dest: string): string {
  return join(dirname(dest), `.liveloom-${randomBytes(12).toString('hex')}.part`)
}

export function isNote(name: string): boolean {
  return noteName.test(name)
}

/** Resolves to the path of the note. */
export async function writeNote(folder: string, save: Save): Promise<string> {
  const path = join(folder, `save-${randomBytes(6).toString('hex')}`)
  try {
    await writeFile(path, JSON.stringify(save), { flag: 'wx', mode: 0o600 })
    return path
  } catch (error) {
    // A disk that is full has room for an empty one.
    await rm(path, { force: true }).catch(() => {})
    throw error
  }
}

/** Deletes the unfinished new files that the notes in `folder` name, and reports the appends that were cut short. */
export async function recoverSaves(folder: string, report: (error: unknown) => void): Promise<void> {
  for (const name of (await readdir(folder)).filter(isNote)) {
    try {
      const save = parseSave(await readFile(join(folder, name), 'utf8'))
      if (save?.kind === 'new' && partName.test(basename(save.part))) await rm(save.part, { force: true })
      // Of all who read it, the one who deletes it tells.
      if (save?.kind === 'append') await unlink(join(folder, name)).then(() => reportUnfinished(save, report))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') report(error)
    }
  }
}

async function reportUnfinished(
  { dest, sizeBefore, bytes }: Extract<Save, { readonly kind: 'append' }>,
  report: (error: unknown) => void,
): Promise<void> {
  const size = await sizeOf(dest)
  // Before its first byte, or after its last.
  if (size === sizeBefore || size === sizeBefore + bytes) return
  const now = size === undefined ? 'and cannot be found now' : `and has ${size} now`
  const message =
    `createOrAppendFile('${dest}'): a process was killed while it appended ${bytes} bytes; ` +
    `the file had ${sizeBefore} bytes before, ${now}. It is left as it is`
  report(new LiveError('ERR_UPLOAD_UNFINISHED', message))
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}

/** A note that was cut short is of a save that had not begun. */
function parseSave(text: string): Save | undefined {
  try {
    return JSON.parse(text) as Save
  } catch {
    return undefined
  }
}
