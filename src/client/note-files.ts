/**
 * Notes of chosen files what the official client keeps quiet about: it drops an empty one without a word, and takes a folder that was
 * dropped for a file that is never read.
 */
import { type FileNote, writeNote } from '../protocol/file-notes.ts'
import { opensFolders } from './drop-zones.ts'
import { type ChosenFile, isUploadInput, trackedFiles } from './upload-inputs.ts'

/** A browser may make a new object of the same file each time it is asked, without the notes on the old one. */
const kept = new WeakMap<HTMLInputElement, readonly ChosenFile[]>()
const noted = new WeakSet<ChosenFile>()

export function noteFiles(): void {
  /** The folders among what is being dropped, by name. */
  let folders: ReadonlySet<string> = new Set()

  const onDrop = (event: DragEvent): void => {
    if (opensFolders(event) !== undefined) return
    const { dataTransfer } = event
    const entries = [...(dataTransfer?.items ?? [])].map((item) => item.webkitGetAsEntry())
    folders = new Set(entries.filter((entry) => entry?.isDirectory).map((entry) => entry!.name))
    // The client takes them in while the event lasts.
    if (folders.size > 0) setTimeout(() => (folders = new Set()))
  }
  // Whatever way a file comes, the client lets its input say so: chosen, dropped, or handed over by a hook.
  const onInput = ({ target }: Event): void => {
    if (!isUploadInput(target)) return
    const files: readonly ChosenFile[] = [...(target.files ?? []), ...trackedFiles(target)]
    kept.set(target, files)
    for (const file of files) {
      const folder = file._phxRef === undefined && folders.has(file.name)
      if (folder || file.size === 0) noteFile(file, { folder })
    }
  }
  // Before the client's own listeners.
  addEventListener('drop', onDrop, true)
  addEventListener('input', onInput, true)
  addEventListener('change', onInput, true)
}

export function noteFile(file: ChosenFile, note: Pick<FileNote, 'folder' | 'spoiled'>): void {
  if (noted.has(file)) return
  noted.add(file)
  const empty = file.size === 0
  // The client looks at the size alone.
  if (empty) Object.defineProperty(file, 'size', { value: 1 })
  let { meta } = file
  Object.defineProperty(file, 'meta', {
    get: () => () =>
      writeNote({ ...note, empty, meta: typeof meta === 'function' ? (meta as () => unknown)() : undefined }),
    set: (own: unknown) => {
      meta = own
    },
  })
}

/** What is noted of a file says that it has nothing in it. */
export function isNoted(file: ChosenFile): boolean {
  return noted.has(file)
}
