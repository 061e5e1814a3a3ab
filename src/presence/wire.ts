/** What the processes that share a presence say to each other. They may be of different versions: what has not its shape is left. */

/** One that is there, as its process tells of it. `meta` is JSON. */
export interface WireEntry {
  /** Unique within its process. */
  readonly id: string
  readonly topic: string
  readonly key: string
  readonly meta: unknown
  /** When it came, in ms since 1970 of its process. */
  readonly since: number
  /** The view that it stands for: the same wherever its page is. */
  readonly view: string
  /** Nobody has it any more: it stays for so many ms, unless its key comes again. */
  readonly lingers?: number | undefined
}

/** What changed: one that is there now, or the id of one that has gone. */
export type WireChange = WireEntry | string

export type WireMessage =
  /** It is there, and its entries are as of this version. `isNew`: it knows of nobody yet. */
  | { readonly kind: 'beat'; readonly from: string; readonly version: number; readonly isNew: boolean }
  /** What has changed since the version before. */
  | {
      readonly kind: 'changes'
      readonly from: string
      readonly version: number
      readonly changes: readonly WireChange[]
    }
  /** It wants all that `to` has. */
  | { readonly kind: 'want'; readonly from: string; readonly to: string }
  /** All that it has, as of this version: in so many parts. */
  | {
      readonly kind: 'state'
      readonly from: string
      readonly version: number
      readonly part: number
      readonly parts: number
      readonly entries: readonly WireEntry[]
    }
  /** It ends. */
  | { readonly kind: 'end'; readonly from: string }

type Fields = Readonly<Record<string, unknown>>

export function readMessage(message: unknown): WireMessage | undefined {
  if (!isFields(message) || typeof message['from'] !== 'string') return undefined
  const { kind, from, version, isNew, changes, to, part, parts, entries } = message
  if (kind === 'end') return { kind, from }
  if (kind === 'want') return typeof to === 'string' ? { kind, from, to } : undefined
  if (!isCount(version)) return undefined
  if (kind === 'beat') return { kind, from, version, isNew: isNew === true }
  if (kind === 'changes') {
    if (!Array.isArray(changes) || !changes.every((one) => typeof one === 'string' || isEntry(one))) return undefined
    return { kind, from, version, changes: changes as readonly WireChange[] }
  }
  if (kind !== 'state' || !isCount(part) || !isCount(parts) || part >= parts || parts > mostParts) return undefined
  if (!Array.isArray(entries) || !entries.every(isEntry)) return undefined
  return { kind, from, version, part, parts, entries }
}

/** Of 500 entries, or 256 KiB: more than a process can hold. Whoever writes to the engine could have us look for as many as there are numbers. */
const mostParts = 20_000

function isEntry(value: unknown): value is WireEntry {
  if (!isFields(value)) return false
  const { id, topic, key, since, view, lingers } = value
  const areTexts = [id, topic, key, view].every((text) => typeof text === 'string')
  return areTexts && isCount(since) && (lingers === undefined || isCount(lingers))
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
