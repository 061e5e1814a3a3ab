/** What our client module says at a join: the files that were chosen on the page and went with the view before. */
import { ownText } from './own-text.ts'

/** The key of a join's params. */
export const lostFilesParam = 'liveloomLostFiles'

/** The key by which it says that it gives the files of a page back to their inputs, where the view goes on. */
export const filesBackParam = 'liveloomFilesBack'

/** In the answer of a join: the view is the one that was there before, and what it does not list any more it has let go of. */
export const resumedKey = 'liveloomResumed'

/** The id of the component that an input is in; the same after a rejoin, unlike its number. */
export const componentAttribute = 'data-liveloom-component'

/** What of them the page shows stays on its input, so that they are not lost again. */
export const lostFilesAttribute = 'data-liveloom-lost'

/** A file that was chosen and is lost. Both are what the browser claims. */
export interface LostFile {
  /** The file's name: never a path. At most 1,024 characters are kept. */
  readonly clientName: string
  /** In bytes. */
  readonly clientSize: number
}

/** `given`: the page has it still, and gives it back to an input of the same ref. */
export interface ToldFile extends LostFile {
  readonly given?: boolean | undefined
}

/** The files of one input. */
export interface LostFiles {
  /** What the server called the input. */
  readonly ref?: string | undefined
  /** What the upload is called. */
  readonly upload: string
  /** The id of the component that it was in, as text; absent for a view's own. */
  readonly component?: string | undefined
  readonly files: readonly ToldFile[]
}

const maxName = 1024
const maxRef = 64
/** What all of them may hold, counted in characters of names and {@link each} for whatever else. */
const most = 16 * 1024
const each = 50

/** Reads them of a join's params. What does not have the shape is left out, and so is what is too much. */
export function readLostFiles(params: Readonly<Record<string, unknown>>): readonly LostFiles[] {
  const given = params[lostFilesParam]
  if (!Array.isArray(given)) return []
  const lost: LostFiles[] = []
  let room = most
  for (const one of given as readonly unknown[]) {
    room -= each
    if (room < 0) return lost
    if (!isObject(one)) continue
    const { ref, upload, component, files } = one
    if (typeof upload !== 'string' || upload.length > maxName || !Array.isArray(files)) continue
    if (component !== undefined && (typeof component !== 'string' || component.length > maxName)) continue
    room -= upload.length + (component?.length ?? 0)
    const read: ToldFile[] = []
    for (const file of files as readonly unknown[]) {
      const known = readLostFile(file)
      room -= each + (known?.clientName.length ?? 0)
      if (room < 0) break
      if (known !== undefined) read.push(known)
    }
    if (read.length > 0)
      lost.push({
        ref: typeof ref === 'string' ? ownText(ref, maxRef) : undefined,
        upload: ownText(upload, maxName),
        component: component && ownText(component, maxName),
        files: read,
      })
  }
  return lost
}

function readLostFile(file: unknown): ToldFile | undefined {
  if (!isObject(file)) return undefined
  const { clientName, clientSize, given } = file
  if (typeof clientName !== 'string' || !Number.isSafeInteger(clientSize) || (clientSize as number) < 0)
    return undefined
  const name = ownText(clientName, maxName)
  return { clientName: name, clientSize: clientSize as number, ...(given === true && { given }) }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
