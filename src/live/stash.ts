/** What outlives the process of a view: which keys of its context, how they are told apart, and where they are kept. */
import { describe, LiveError } from '../errors.ts'
import type { Sealer } from '../token/sealer.ts'
import type { Params, SessionData, StashPlan } from './definitions.ts'

type MaybePromise<T> = T | Promise<T>

/**
 * Where stashes are kept that shall outlast their pages: one of yours, in a database say. Keys are texts of 43 letters, digits, `-` and `_`;
 * values are texts of up to 49,152 characters, encrypted. `test/contracts/stash-store.ts` has a test for each sentence of this.
 */
export interface StashStore {
  /** What was written last under `key`, or `undefined` when there is none, it was removed, or its time is over. */
  read(key: string): MaybePromise<string | undefined>
  /** Keeps `value` in place of what was there, for `maxAge` ms. Once it has resolved, a read of any process finds it. */
  write(key: string, value: string, maxAge: number): MaybePromise<void>
  /** Forgets it. One that is not there is no failure. */
  remove(key: string): MaybePromise<void>
}

/** What a view, or a live session for its views, says of its stash. */
export interface StashParts<Key extends string, Kept> {
  /**
   * Keys of the context that outlive the process: after a restart, or on another one, `mount` finds them in `socket.stashed`. Their values are
   * of JSON: text, finite numbers, booleans, `null`, arrays and plain objects. 32 kB at most.
   *
   * Authentic, not fresh: a page can give back an older one. What must not be undone (paid, used, rights) does not belong here.
   *
   * @default none
   */
  readonly stash?: readonly Key[] | undefined
  /** Which shape the stashed values have: a whole number, which grows when they change. @default 1 */
  readonly stashVersion?: number | undefined
  /** Makes of what an older version has stashed what this one has; `undefined`: nothing. @default what is older is dropped */
  migrate?(old: Readonly<Record<string, unknown>>, version: number): MaybePromise<Kept | undefined>
  /**
   * In a store: what tells several stashes of the view apart, beside the visitor. @default the parameters of its path
   */
  stashKey?(params: Params): string
}

/** Of which view a stash is, and by which of its params it is told apart. */
export interface StashPlace {
  readonly plan: StashPlan | undefined
  /** The same for all routes of a view, in every process. */
  readonly name: string
  readonly pathParams: readonly string[]
}

/** What the server has for all stashes. */
export interface StashHost {
  readonly sealer: Sealer
  /** `undefined`: the pages keep them. */
  readonly store: StashStore | undefined
  readonly ownerOf: (session: SessionData) => unknown
  /** In ms. */
  readonly maxAge: number
  /** By its key in the store, which view of this process has a stash. */
  readonly holders: Map<string, StashHolder>
}

export interface StashHolder {
  /** The view of which page. */
  readonly page: string
  /** It has a page. */
  lives(): boolean
}

/** Checks what a view or a live session says. `undefined`: it says nothing. */
export function resolveStash(
  { stash, stashVersion, migrate, stashKey }: StashParts<string, object>,
  fail: (message: string) => LiveError,
): StashPlan | undefined {
  if (stash === undefined) {
    for (const [name, value] of Object.entries({ stashVersion, migrate, stashKey })) {
      if (value !== undefined) throw fail(`${name} says something of stash, which is missing`)
    }
    return undefined
  }
  if (!Array.isArray(stash) || stash.length === 0 || !stash.every((key) => typeof key === 'string' && key !== '')) {
    throw fail(`stash must be an array of keys of the context, got ${describe(stash)}`)
  }
  if (stashVersion !== undefined && !(Number.isSafeInteger(stashVersion) && stashVersion >= 1)) {
    throw fail(`stashVersion must be a whole number from 1, got ${describe(stashVersion)}`)
  }
  for (const [name, value] of Object.entries({ migrate, stashKey })) {
    if (value !== undefined && typeof value !== 'function')
      throw fail(`${name} must be a function, got ${describe(value)}`)
  }
  return {
    keys: [...new Set(stash as readonly string[])],
    version: stashVersion ?? 1,
    migrate: migrate as StashPlan['migrate'],
    keyOf: stashKey,
  }
}
