/** Where the handles of files come from: the browser gives them for what is dropped, and for what its other file dialog chose. */
import { filesAmong } from './drop-zones.ts'
import { type FileHandle, mostHandles } from './handle-store.ts'

/** A file, and what the browser finds it by. */
export type Found = readonly [file: File, handle: FileHandle]

type Handle = FileHandle | { readonly kind: 'directory' } | null

/** What of the API a browser may lack. */
interface GivesHandle {
  getAsFileSystemHandle?(): Promise<Handle>
}

interface HasDialog {
  showOpenFilePicker(options: {
    readonly multiple: boolean
    readonly types?: readonly { readonly accept: Readonly<Record<string, readonly string[]>> }[]
  }): Promise<readonly FileHandle[]>
}

/** The files among what is dropped. Folders have files of their own, and are left out. */
export function dropped({ dataTransfer }: DragEvent): Promise<readonly Found[]> {
  // After the event nothing is left of the items.
  const items = filesAmong(dataTransfer).slice(0, mostHandles)
  return read(items.map((item) => (item as GivesHandle).getAsFileSystemHandle?.()))
}

/** Whether files for `input` can be chosen in the dialog that gives handles. A phone's own offers its camera; another one chooses folders. */
export function hasDialog(input: HTMLInputElement): boolean {
  const isPlain = !input.webkitdirectory && !input.hasAttribute('capture')
  return isPlain && 'showOpenFilePicker' in window && !/Android/.test(navigator.userAgent)
}

/** Shows it. `undefined` when the user chose nothing; rejects where it cannot be shown. */
export async function chosen({ multiple, accept }: HTMLInputElement): Promise<readonly Found[] | undefined> {
  const types: Record<string, string[]> = {}
  for (const kind of accept.split(',')) {
    if (kind.includes('/')) types[kind] = []
    // Endings have to stand at a type; this one has none of its own.
    else if (kind !== '') (types['application/x-liveloom'] ??= []).push(kind)
  }
  const options = { multiple, ...(accept !== '' && { types: [{ accept: types }] }) }
  try {
    return await read(await (window as unknown as HasDialog).showOpenFilePicker(options))
  } catch (error) {
    const { name, message } = error as Error
    // A test that drives the browser chooses in the plain one.
    if (name === 'AbortError' && !message.includes('Intercepted')) return undefined
    throw error
  }
}

async function read(handles: readonly (Handle | PromiseLike<Handle> | undefined)[]): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const given of handles) {
    try {
      const handle = await given
      if (handle?.kind === 'file') found.push([await handle.getFile(), handle])
    } catch {
      // One that has gone meanwhile is not there any more.
    }
  }
  return found
}
