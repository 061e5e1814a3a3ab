/**
 * What a page keeps for its views in memory, sealed: each view's stash, by the id of its element. The server pushes a new one; our client
 * module gives it back when the view is joined again.
 */

/** The key of a join's params. */
export const stashParam = 'liveloomStash'

/** What a view may stash, in bytes of JSON, before it is sealed. */
export const maxStash: number = 32 * 1024

/** Sealed, such a stash is a third longer, and some. */
const maxSealed = 48 * 1024

/** What is pushed to the page. `sealed`: `null` when it shall keep none. */
export interface StashPush {
  readonly id: string
  readonly sealed: string | null
}

/** Reads it of a join's params. */
export function readStash(params: Readonly<Record<string, unknown>>): string | undefined {
  const given = params[stashParam]
  return typeof given === 'string' && given.length <= maxSealed ? given : undefined
}
