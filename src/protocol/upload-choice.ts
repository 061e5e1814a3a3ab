/** How many files of a choice are looked at, on both sides: of more than that nobody needs to hear. */

/** The attribute of a file input that takes several: how many. */
export const maxEntriesAttribute = 'data-liveloom-max-entries'

/** However few files are allowed, this many more are listed with an error, so that the user sees what was refused. */
const leastRefused = 20

/** How many are listed beyond what fits. */
export function mostRefused(maxEntries: number): number {
  return Math.max(maxEntries, leastRefused)
}
