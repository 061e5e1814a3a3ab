/**
 * How the ledger names what it keeps: `<folder>/<visitor>/<page|visitor>-<shelf>/<uuid>.<size>.<holder>.<state>`. All that changes of a file
 * is in its name, so that each change is one rename: it happens whole or not at all, and of several who try it one succeeds.
 */
import type { Shelf } from '../../upload/ledger.ts'

/**
 * `part`: bytes are missing. `busy`: done, and being consumed. `again`: that was so when its process ended. `last`: being consumed once more; or
 * it was when that process ended, too.
 */
export type KeptState = 'part' | 'done' | 'busy' | 'again' | 'last'

export interface KeptName {
  readonly uuid: string
  /** Of the whole, in bytes. */
  readonly size: number
  /** Who has it; {@link nobody} for none. */
  readonly holder: string
  readonly state: KeptState
}

export const nobody = '0'
/** Of what was granted together. */
export const recordEnding = '.record'
/** What is not a visitor's begins with a dot, which no digest does. */
export const trashName = '.trash'
export const holdersName = '.holders'

const digest = '[\\w-]{16,64}'
const visitorName = new RegExp(`^${digest}$`)
const shelfName = new RegExp(`^(page|visitor)-${digest}$`)
const fileName = /^([0-9a-f-]{36})\.([0-9a-z]{1,11})\.([0-9a-z]{1,40})\.(part|done|busy|again|last)$/

/** Whose name for one of its files that is. */
export function processOf(holder: string): string {
  return holder.slice(0, 16)
}

export function isVisitorName(name: string): boolean {
  return visitorName.test(name)
}

/** Whose a shelf is, by its folder's name; `undefined` for what is no shelf. */
export function shelfOwner(name: string): Shelf['owner'] | undefined {
  return shelfName.exec(name)?.[1] as Shelf['owner'] | undefined
}

export function shelfFolder({ owner, name }: Shelf): string {
  return `${owner}-${name}`
}

export function writeName({ uuid, size, holder, state }: KeptName): string {
  return `${uuid}.${size.toString(36)}.${holder}.${state}`
}

export function readName(name: string): KeptName | undefined {
  const [, uuid, size, holder, state] = fileName.exec(name) ?? []
  if (uuid === undefined) return undefined
  return { uuid, size: Number.parseInt(size!, 36), holder: holder!, state: state as KeptState }
}
