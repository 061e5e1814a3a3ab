/** The server's options of stashes. */
import { describe, type LiveError } from '../errors.ts'
import type { SessionData } from '../live/definitions.ts'
import type { StashStore } from '../live/stash.ts'
import { isLongEnough, shortestSecret } from '../token/secret.ts'
import { tokenMaxAge } from './visitor.ts'

/** Where views' stashes are kept, whose they are, and for how long. */
export interface StashOptions {
  /** Keeps them beside the pages, so that they are there after a page is loaded anew. @default each page keeps its own, in memory */
  readonly store?: StashStore | undefined
  /**
   * Who a visitor is to stashes, by the visitor's session: another one in the same browser finds nothing of the first. Any value of JSON; the id of
   * the user, say.
   *
   * @default the whole session, so that any change of it lets go of what was stashed
   */
  readonly ownerOf?: ((session: SessionData) => unknown) | undefined
  /** How long they are kept after they were last changed, in ms. @default 1209600000 (14 days, as long as the tokens of pages) */
  readonly maxAge?: number | undefined
  /**
   * What they are encrypted with, each 32 bytes or more: the first encrypts, all of them decrypt. To exchange one, put the new one before it.
   *
   * @default the server's `secret`
   */
  readonly keys?: readonly string[] | undefined
}

export interface StashSettings {
  readonly store: StashStore | undefined
  readonly ownerOf: (session: SessionData) => unknown
  readonly maxAge: number
  /** `undefined`: the server's secret. */
  readonly keys: readonly string[] | undefined
}

const known: ReadonlySet<string> = new Set(['store', 'ownerOf', 'maxAge', 'keys'] satisfies (keyof StashOptions)[])
const ofStore = ['read', 'write', 'remove'] as const

/** `fail` says whose option it was. */
export function resolveStashOptions(given: StashOptions, fail: (message: string) => LiveError): StashSettings {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw fail(
      `stash must be an object with ${[...known].join(', ')}, got ${describe(given)}; which keys are stashed, a view says`,
    )
  }
  for (const option of Object.keys(given)) {
    if (!known.has(option)) throw fail(`unknown option stash.${option}; known are ${[...known].join(', ')}`)
  }
  const { store, ownerOf = (session) => session, maxAge = tokenMaxAge, keys } = given
  if (
    store !== undefined &&
    !ofStore.every((name) => typeof (store as Partial<StashStore> | null)?.[name] === 'function')
  ) {
    throw fail(`stash.store must have the functions ${ofStore.join(', ')}, got ${describe(store)}`)
  }
  if (typeof ownerOf !== 'function') throw fail(`stash.ownerOf must be a function, got ${describe(ownerOf)}`)
  if (!(typeof maxAge === 'number' && Number.isFinite(maxAge) && maxAge > 0)) {
    throw fail(`stash.maxAge must be a number of ms above 0, got ${describe(maxAge)}`)
  }
  if (keys !== undefined && !(Array.isArray(keys) && keys.length > 0 && keys.every(isKey))) {
    // Not described: they are secrets.
    throw fail(`stash.keys must be an array of texts of ${shortestSecret} bytes or more`)
  }
  return { store, ownerOf, maxAge, keys }
}

function isKey(key: unknown): boolean {
  return typeof key === 'string' && isLongEnough(key)
}
