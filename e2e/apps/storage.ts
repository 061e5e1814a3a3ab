import { join } from 'node:path'
import type { ConsumeUploadedEntriesMeta, UploadEntry } from 'liveloom'

/** A file that was saved, under the name that the server gave it. */
export interface SavedFile {
  readonly file: string
  readonly name: string
  readonly path: string
}

/** Appends the bytes of an entry to a file of its own in the folder `FILES`. Not awaited, as on the page of the contract. */
export function store(meta: ConsumeUploadedEntriesMeta, entry: UploadEntry): SavedFile {
  void meta.fileSystem.createOrAppendFile(join(process.env['FILES']!, entry.uuid), meta.path)
  return { file: entry.uuid, name: entry.clientName, path: entry.clientRelativePath }
}
