/** The streams of a view or component: checks what it is told, and keeps what waits to be rendered. */
import { describe, LiveError } from '../errors.ts'
import { type Stream, WaitingStream } from '../template/stream.ts'

/** The keys of a context that are streams. An untyped context may name any. */
export type StreamNames<Context> = {
  [Name in keyof Context & string]-?: unknown extends Context[Name]
    ? Name
    : NonNullable<Context[Name]> extends Stream<infer _>
      ? Name
      : never
}[keyof Context & string]

/** What the items of a stream are. */
export type StreamItem<Context, Name extends keyof Context> =
  NonNullable<Context[Name]> extends Stream<infer Item> ? Item : unknown

/** Where an item goes, and what of the others stays. */
export interface StreamInsertOptions {
  /** The place: 0 in front, -1 at the end. Several items take this place and those behind it, in their order. @default -1 */
  readonly at?: number | undefined
  /** How many items the page keeps: n of the first, -n of the last. @default all */
  readonly limit?: number | undefined
  /** Only update what the page has; others are ignored. @default false */
  readonly updateOnly?: boolean | undefined
}

export interface StreamOptions<Item> extends StreamInsertOptions {
  /** Take out what the page has first. @default false */
  readonly reset?: boolean | undefined
  /** The DOM id of an item, unique in the page. Fixed with the stream's first use. @default `<name>-<item.id>` */
  readonly domId?: ((item: Item) => string) | undefined
}

type ToDomId = (item: never) => string

export class Streams {
  readonly #refPrefix: string
  readonly #streams = new Map<string, { readonly stream: WaitingStream; readonly domId: ToDomId }>()
  readonly #domIds = new Map<string, ToDomId>()
  /** The page has had items of one of them. */
  hadItems: boolean = false
  /** Changes that came after a render whose message is not complete. */
  #held: (() => void)[] | undefined

  /** `refPrefix` tells the streams of one component from those of another. */
  constructor(refPrefix: string) {
    this.#refPrefix = refPrefix
  }

  configure(name: string, { domId }: { readonly domId: ToDomId }): void {
    if (typeof domId !== 'function')
      throw fail('streamConfigure', name, `domId must be a function, got ${describe(domId)}`)
    if (this.#streams.has(name)) throw fail('streamConfigure', name, 'it is in use already; configure it before')
    this.#domIds.set(name, domId)
  }

  /** The stream `name`, begun with its first use, with `items` waiting in it. */
  put(name: string, items: Iterable<unknown>, options: StreamOptions<never> = {}): WaitingStream {
    const { at = -1, limit, updateOnly = false, reset = false, domId } = options
    if (!Number.isSafeInteger(at) || at < -1)
      throw fail('stream', name, `at must be -1, 0 or more, got ${describe(at)}`)
    if (limit !== undefined && (!Number.isSafeInteger(limit) || limit === 0)) {
      throw fail('stream', name, `limit must be a whole number other than 0, got ${describe(limit)}`)
    }
    if (typeof items !== 'object' || items === null || !(Symbol.iterator in items)) {
      throw fail('stream', name, `items must be iterable, got ${describe(items)}`)
    }
    const known = this.#begin(name, domId)
    let place = at
    const inserts = Array.from(items, (item) => {
      const id = this.#domIdOf(name, known.domId, item)
      return { domId: id, item, at: place < 0 ? place : place++, limit: limit ?? null, updateOnly }
    })
    if (inserts.length > 0) this.hadItems = true
    this.#apply(() => {
      if (reset) known.stream.reset()
      for (const insert of inserts) known.stream.insert(insert)
    })
    return known.stream
  }

  delete(name: string, item: unknown): void {
    const { stream, domId } = this.#known('streamDelete', name)
    const id = this.#domIdOf(name, domId, item)
    this.#apply(() => stream.delete(id))
  }

  deleteByDomId(name: string, domId: string): void {
    const { stream } = this.#known('streamDeleteByDomId', name)
    this.#apply(() => stream.delete(String(domId)))
  }

  insert(name: string, item: unknown, options: StreamInsertOptions = {}): void {
    this.#known('streamInsert', name)
    this.put(name, [item], options)
  }

  /** It was rendered: what comes now is for the next message, though this one is not complete yet. */
  rendered(): void {
    this.#held ??= []
  }

  /** It is rendered once more for the next page, with what came since. */
  shownAgain(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const change of held) change()
  }

  /** The message is complete: the page has what waited. */
  sent(): void {
    const held = this.#held
    if (held === undefined) return
    this.#held = undefined
    for (const { stream } of this.#streams.values()) if (stream.isTouched) stream.forget()
    for (const change of held) change()
  }

  #apply(change: () => void): void {
    if (this.#held === undefined) change()
    else this.#held.push(change)
  }

  #begin(name: string, domId: ToDomId | undefined): { readonly stream: WaitingStream; readonly domId: ToDomId } {
    const existing = this.#streams.get(name)
    if (existing !== undefined) return existing
    const stream = new WaitingStream(name, `${this.#refPrefix}${this.#streams.size}`)
    const begun = { stream, domId: domId ?? this.#domIds.get(name) ?? ((item: unknown) => defaultDomId(name, item)) }
    this.#streams.set(name, begun)
    return begun
  }

  #known(call: string, name: string): { readonly stream: WaitingStream; readonly domId: ToDomId } {
    const known = this.#streams.get(name)
    if (known !== undefined) return known
    const names = [...this.#streams.keys()].map((other) => `'${other}'`).join(', ')
    throw fail(call, name, `there is no such stream; ${names === '' ? 'call stream in mount' : `there are ${names}`}`)
  }

  #domIdOf(name: string, toDomId: ToDomId, item: unknown): string {
    const domId: unknown = toDomId(item as never)
    if (typeof domId === 'string' && domId !== '') return domId
    throw fail('stream', name, `domId must give a string, got ${describe(domId)}`)
  }
}

function defaultDomId(name: string, item: unknown): string {
  const id: unknown = typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined
  if (typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint') return `${name}-${id}`
  throw fail('stream', name, `an item must have an id, or the stream a domId; got ${describe(item)}`)
}

function fail(call: string, name: string, message: string): LiveError {
  return new LiveError('ERR_STREAM', `${call}('${name}'): ${message}`)
}
