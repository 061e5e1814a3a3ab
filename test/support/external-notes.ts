/** Has somebody say where a file goes, as a view does, and keeps what is noted of it. */
import type { UploadEntry } from '../../src/upload/entry.ts'
import type { ExternalTools } from '../../src/upload/external.ts'

const kept = new WeakMap<object, { note: unknown }>()

export async function sayWhere<File extends object>(
  external: (socket: unknown, entry: UploadEntry, tools: ExternalTools) => Promise<File>,
  entry: Partial<UploadEntry>,
  { note, isChosenAgain = false }: Partial<Omit<ExternalTools, 'keep'>> = {},
): Promise<File> {
  const noted = { note }
  const keep = (said: unknown): Promise<void> => {
    // Through JSON, as it is kept.
    noted.note = JSON.parse(JSON.stringify(said))
    return Promise.resolve()
  }
  const file = await external({}, entry as UploadEntry, { note, isChosenAgain, keep })
  kept.set(file, noted)
  return file
}

/** What was noted of it last. */
export function noteOf(file: object): unknown {
  return kept.get(file)!.note
}
