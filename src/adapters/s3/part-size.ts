/** What S3 takes as a part, and how large those of one file are. */
import { describe } from '../../errors.ts'

const MiB = 1024 * 1024
const smallestPart = 5 * MiB
const largestPart = 5 * 1024 * MiB
const mostParts = 10_000

export function checkPartSize(partSize: unknown, fail: (message: string) => never): void {
  const isSound = Number.isSafeInteger(partSize) && Number(partSize) >= smallestPart && Number(partSize) <= largestPart
  if (!isSound) fail(`partSize must be from ${smallestPart} to ${largestPart} bytes, got ${describe(partSize)}`)
}

/** For a file of `size` bytes there are no more parts than S3 takes. */
export function partSizeFor(size: number, partSize: number): number {
  return Math.max(partSize, Math.ceil(size / mostParts / MiB) * MiB)
}
