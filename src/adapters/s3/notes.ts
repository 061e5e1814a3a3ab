/** What is kept of a file on its way, so that the process after this one goes on with it. */
import type { ListedPart, StoredObject } from './objects.ts'

export type S3Note =
  | { readonly what: 'begun'; readonly key: string; readonly id: string; readonly partSize: number }
  | ({ readonly what: 'stored'; readonly key: string } & StoredObject)

/** An older version of us may have noted something else. */
export function readS3Note(note: unknown): S3Note | undefined {
  const { what, key, id, partSize, etag, size } = (note ?? {}) as Readonly<Record<string, unknown>>
  if (typeof key !== 'string') return undefined
  if (what === 'begun' && typeof id === 'string' && Number.isSafeInteger(partSize)) return note as S3Note
  if (what === 'stored' && typeof etag === 'string' && Number.isSafeInteger(size)) return note as S3Note
  return undefined
}

/** Those from the first on that are there without a gap: what was on its way when the process ended is sent again. */
export function wholeParts(parts: readonly ListedPart[], partSize: number): readonly ListedPart[] {
  const end = parts.findIndex(({ number, size }, at) => number !== at + 1 || size !== partSize)
  return end < 0 ? parts : parts.slice(0, end)
}
