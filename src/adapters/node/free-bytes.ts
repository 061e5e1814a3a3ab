import { statfs } from 'node:fs/promises'

/** Bytes that are free where one of the folders is, the fewest; of those that are there. `undefined` when none is. */
export async function freeBytes(folders: readonly string[]): Promise<number | undefined> {
  const looked = await Promise.allSettled(folders.map((folder) => statfs(folder)))
  const free = looked.flatMap((one) => (one.status === 'fulfilled' ? [one.value.bavail * one.value.bsize] : []))
  return free.length === 0 ? undefined : Math.min(...free)
}
