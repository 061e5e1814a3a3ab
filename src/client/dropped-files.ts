/**
 * Opens folders that are dropped on an input for several files, which the official client would list as one file each; and takes in files
 * that are pasted, which it does not look at, and those that are dropped on an input whose files are made ready first.
 */
import { prepareAttribute } from '../protocol/preparation.ts'
import { filesAmong, onlyInput, opensFolders, zoneInput } from './drop-zones.ts'
import { noteFile } from './note-files.ts'
import { findInput, giveFiles, mostListed, uploadRef } from './upload-inputs.ts'

type Given = File | FileSystemEntry

/** Where the user writes, and what is pasted is text before all else. */
const textFields = 'input:not([type=file], [type=button], [type=submit], [type=checkbox], [type=radio]), textarea'

export function takeDroppedFiles(): void {
  // Before the client's own listener, and behind all those of the page.
  addEventListener('drop', onDrop)
  addEventListener('paste', onPaste)
}

function onDrop(event: DragEvent): void {
  const input = opensFolders(event) ?? preparingInput(event)
  if (input === undefined) return
  event.preventDefault()
  event.stopImmediatePropagation()
  take(input, filesAmong(event.dataTransfer))
  // Without files: the client clears the class of the drop target.
  event.target!.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true }))
}

/** The client would take in what is dropped as it is. */
function preparingInput({ target, dataTransfer }: DragEvent): HTMLInputElement | undefined {
  const input = zoneInput(target)
  return input?.hasAttribute(prepareAttribute) === true && filesAmong(dataTransfer).length > 0 ? input : undefined
}

function onPaste(event: ClipboardEvent): void {
  const { target, clipboardData, defaultPrevented } = event
  const items = filesAmong(clipboardData)
  if (defaultPrevented || items.length === 0 || !(target instanceof HTMLElement) || target.isContentEditable) return
  if (target.matches(textFields) && clipboardData!.types.includes('text/plain')) return
  const input = zoneInput(target) ?? onlyInput(target)
  if (input === undefined) return
  event.preventDefault()
  take(input, items)
}

/** One after another, so that what came first is listed first. */
let taking = Promise.resolve()

function take(input: HTMLInputElement, items: readonly DataTransferItem[]): void {
  // After the event nothing is left of the items.
  const given = items.map((item) => {
    const entry = item.webkitGetAsEntry()
    return entry?.isDirectory === true ? entry : item.getAsFile()
  })
  const ref = input.getAttribute(uploadRef)!
  const most = mostListed(input)
  taking = taking.then(async () => {
    const files: File[] = []
    for (const one of given) {
      if (one === null || files.length >= most) continue
      const before = files.length
      if (input.multiple) await collect([one], files, most)
      // Nothing came of it: as any folder that is not opened it is told.
      if (files.length === before) files.push(one instanceof File ? one : unopened(one))
    }
    const now = findInput(ref)
    if (now !== undefined) giveFiles(now, files)
  })
}

/** Adds the files in folders and theirs, by name. Of many more than may be sent the rest is not looked for. */
async function collect(given: readonly Given[], files: File[], most: number): Promise<void> {
  for (const one of given) {
    if (files.length >= most) return
    if (one instanceof File) files.push(one)
    else if (one.isFile) await addFile(one as FileSystemFileEntry, files)
    else {
      const [inside, whole] = await read(one as FileSystemDirectoryEntry, most - files.length)
      await collect(inside, files, most)
      if (!whole) files.push(unopened(one))
    }
  }
}

async function addFile(entry: FileSystemFileEntry, files: File[]): Promise<void> {
  // One that has gone meanwhile is not there any more.
  const file = await new Promise<File | undefined>((resolve) => entry.file(resolve, () => resolve(undefined)))
  if (file === undefined) return
  Object.defineProperty(file, 'webkitRelativePath', { value: entry.fullPath.slice(1) })
  files.push(file)
}

/** What is in a folder, up to so many files, and whether all of it could be read. */
async function read(
  folder: FileSystemDirectoryEntry,
  most: number,
): Promise<readonly [inside: readonly FileSystemEntry[], whole: boolean]> {
  const reader = folder.createReader()
  const inside: FileSystemEntry[] = []
  let files = 0
  let whole = true
  while (files < most) {
    // They come by the hundred.
    const some = await new Promise<readonly FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    ).catch(() => {
      whole = false
      return []
    })
    if (some.length === 0) break
    inside.push(...some)
    files += some.filter(({ isFile }) => isFile).length
  }
  // In the order of the names, whatever that of the disk is.
  return [inside.toSorted((one, other) => (one.name < other.name ? -1 : 1)), whole]
}

function unopened({ name }: FileSystemEntry): File {
  const file = new File([], name)
  noteFile(file, { folder: true })
  return file
}
