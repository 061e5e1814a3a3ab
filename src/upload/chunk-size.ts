const KiB = 1024
const smallest = 64 * KiB
const largest = 1024 * KiB
/** However many files are sent at once, a chunk is not made smaller than this. */
const floor = 16 * KiB

/**
 * The chunk size for files that start together, in bytes: 1 % of the largest of them, so that progress moves and a big file is
 * not held back by round trips; and all the chunks on the way at once about 1 MiB at most, so that a slow line still answers.
 *
 * @param sending How many files are sent at once on the connection, these included.
 */
export function chunkSizeFor(largestFile: number, sending: number): number {
  const wanted = Math.min(Math.max(Math.ceil(largestFile / 100), smallest), largest)
  const share = Math.max(Math.floor(largest / Math.max(sending, 1)), floor)
  return Math.min(wanted, share)
}
