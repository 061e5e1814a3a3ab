/**
 * The stash of one view: what of its context outlives the process. It is given to `mount`, and goes out with whatever is said of the event
 * that changed it: to the page's memory, or to a store. Nothing that goes wrong here ends the view.
 */
import { describe, LiveError } from '../errors.ts'
import type { Params, SessionData, StashPlan } from '../live/definitions.ts'
import type { Effects } from '../live/effects.ts'
import type { LiveHost } from '../live/host.ts'
import type { StashHolder, StashHost, StashPlace } from '../live/stash.ts'
import type { Steps } from '../live/steps.ts'
import { pageEvents } from '../protocol/message.ts'
import { maxStash, type StashPush } from '../protocol/stash.ts'
import type { Timer } from '../time/timer.ts'
import { inTime } from '../time/in-time.ts'
import { canonical, pick, printValues } from './stash-values.ts'

/** Whose it is, and what the page has brought. */
export interface StashFacts {
  readonly place: StashPlace
  readonly visitorId: string
  readonly visitor: SessionData
  /** The DOM id of the view, and what tells its page from others. */
  readonly id: string
  readonly nonce: string
  /** What the view is called where errors are told. */
  readonly view: string
}

/** Ms that a store may take: then the view goes on without it. */
const storeTime = 3000
/** Infos come often: what they change goes out that much later, in ms. */
const debounce = 1000
const encoder = new TextEncoder()

type Values = Readonly<Record<string, unknown>>

/** What is needed of the view that runs. */
export interface StashView {
  readonly context: object
  /** As they were decoded of its URL. */
  readonly rawParams: Params
  readonly effects: Effects
  /** It has no page at the moment. */
  isCut(): boolean
  /** A handler runs, behind which the stash is looked at anyway. */
  isBusy(): boolean
  startTimer(ms: number, fire: () => void): Timer
  /** There is something to be sent. */
  changed(): void
}

export class Stash implements StashHolder {
  readonly #facts: StashFacts
  readonly #plan: StashPlan
  readonly #host: LiveHost
  readonly #stash: StashHost
  readonly #view: StashView
  /** `undefined` when nobody can say who owns it: then there is none. */
  readonly #owner: string | undefined
  /** What the page or the store has, as text; `undefined` when that is not known, `null` when it has none. */
  #kept: string | null | undefined
  /** Under which key of the store. */
  #key: string | undefined
  #timer: Timer | undefined
  #told = false
  #ended = false
  /** The calls of the store, one after another. */
  #writing: Promise<void> = Promise.resolve()

  constructor(facts: StashFacts, plan: StashPlan, host: LiveHost, stash: StashHost, view: StashView) {
    this.#facts = facts
    this.#plan = plan
    this.#host = host
    this.#stash = stash
    this.#view = view
    this.#owner = ownerOf(facts, host, stash)
  }

  get page(): string {
    return pageOf(this.#facts)
  }

  lives(): boolean {
    return !this.#ended && !this.#view.isCut()
  }

  /** What `mount` is given. `sealed`: what the page has brought. */
  *restore(sealed: string | undefined): Steps<Values | undefined> {
    if (this.#owner === undefined) return undefined
    const { store } = this.#stash
    if (store === undefined)
      return sealed === undefined ? undefined : yield* this.#unpack(this.#open(this.#bound(), sealed))
    const key = storeKey(this.#facts, this.#plan, this.#owner, this.#view.rawParams, this.#host)
    if (key === undefined) return undefined
    this.#key = key
    const holder = this.#stash.holders.get(key)
    if (holder !== undefined && holder.page !== this.page && holder.lives()) return undefined
    this.#stash.holders.set(key, this)
    const found = (yield this.#ask(() => store.read(key))) as string | undefined
    return typeof found === 'string' ? yield* this.#unpack(this.#open(key, found)) : undefined
  }

  /** Something was handled: what it changed is kept with its answer. `again`: what the page was sent before may not have come. */
  *note(again = false): Steps<void> {
    if (this.#owner === undefined || this.#ended) return
    this.#timer?.cancel()
    this.#timer = undefined
    const { store } = this.#stash
    // A page that is lost is told when it comes back.
    if (store === undefined && this.#view.isCut() && !again) return
    if (again && store === undefined) this.#kept = undefined
    const text = this.#print()
    const key = store === undefined ? undefined : this.#keyNow()
    if (text === this.#kept || (store !== undefined && key === undefined)) return
    this.#kept = text
    if (store === undefined) {
      const push: StashPush = { id: this.#facts.id, sealed: text === null ? null : this.#seal(this.#bound(), text) }
      this.#view.effects.push([pageEvents.stash, push], true)
    } else {
      yield this.#ask(() =>
        text === null ? store.remove(key!) : store.write(key!, this.#seal(key!, text), this.#stash.maxAge),
      )
    }
  }

  /** The same in a while, with what comes until then. */
  later(): void {
    if (this.#owner === undefined || this.#ended) return
    this.#timer ??= this.#view.startTimer(debounce, () => {
      this.#timer = undefined
      if (this.#view.isBusy()) return
      const steps = this.note()
      // The store's answer is nobody's concern here; that it fails is reported.
      steps.next()
      if (this.#view.effects.waiting) this.#view.changed()
    })
  }

  end(): void {
    if (this.#ended) return
    if (this.#timer !== undefined && this.#stash.store !== undefined) this.note().next()
    this.#timer?.cancel()
    this.#ended = true
    if (this.#key !== undefined) this.#letGo(this.#key)
    if (this.#stash.store !== undefined) this.#host.background(this.#writing)
  }

  /** The view may have moved on to other params. */
  #keyNow(): string | undefined {
    const key = storeKey(this.#facts, this.#plan, this.#owner!, this.#view.rawParams, this.#host)
    if (key === this.#key) return key
    if (this.#key !== undefined) this.#letGo(this.#key)
    this.#key = key
    this.#kept = undefined
    if (key === undefined) return undefined
    const { holders } = this.#stash
    if (holders.get(key)?.lives() !== true) holders.set(key, this)
    return key
  }

  #letGo(key: string): void {
    const { holders } = this.#stash
    if (holders.get(key) === this) holders.delete(key)
  }

  #bound(): string {
    const { id, visitorId, place } = this.#facts
    return JSON.stringify(['page', visitorId, this.#owner, place.name, id])
  }

  #seal(bound: string, text: string): string {
    return this.#stash.sealer.seal('stash', bound, `{"v":${this.#plan.version},"d":${text}}`)
  }

  #open(bound: string, sealed: string): string | undefined {
    return this.#stash.sealer.open('stash', bound, sealed, this.#stash.maxAge)
  }

  /** Sealed by us, so it has its shape. */
  *#unpack(opened: string | undefined): Steps<Values | undefined> {
    if (opened === undefined) return undefined
    const { v, d } = JSON.parse(opened) as { readonly v: number; readonly d: Values }
    const { keys, version, migrate } = this.#plan
    if (v === version) {
      this.#kept = JSON.stringify(d)
      return someOf(pick(d, keys))
    }
    try {
      if (v > version)
        throw new LiveError('ERR_STASH', `a stash has version ${v}, this process ${version}: it is dropped`)
      const made = yield migrate?.(d, v)
      if (made === undefined) return undefined
      if (typeof made === 'object' && made !== null) return someOf(pick(made as Values, keys))
      throw new LiveError('ERR_STASH', `migrate: expected an object or undefined, got ${describe(made)}`)
    } catch (error) {
      this.#report(error)
      return undefined
    }
  }

  /** `null` when it cannot be kept. */
  #print(): string | null {
    const printed = printValues(this.#view.context, this.#plan.keys)
    if ('misfit' in printed) {
      const what = 'text, finite numbers, booleans, null, arrays and plain objects'
      this.#tellOnce(new LiveError('ERR_STASH', `${printed.misfit}, which cannot be stashed: expected ${what}`))
      return null
    }
    const { text } = printed
    // No character takes more than three bytes.
    if (text.length * 3 <= maxStash || encoder.encode(text).length <= maxStash) return text
    this.#host.limitReached('maxStash', { stage: 'stash', view: this.#facts.view }, { fixed: maxStash })
    return null
  }

  /** What a store answers; `undefined` when it fails or takes too long, which is reported. */
  #ask<T>(call: () => T | Promise<T>): Promise<T | undefined> {
    const asked = this.#writing.then(call)
    const answer = within(asked, this.#host).catch((error: unknown) => {
      this.#kept = undefined
      this.#report(error)
      return undefined
    })
    this.#writing = answer.then(() => {})
    return answer
  }

  #tellOnce(error: LiveError): void {
    if (!this.#told) this.#report(error)
    this.#told = true
  }

  #report(error: unknown): void {
    this.#host.report(error, { stage: 'stash', view: this.#facts.view })
  }
}

/** What a store has for a page that is rendered over HTTP: nobody holds it because of that. */
export async function peek(
  facts: StashFacts,
  plan: StashPlan,
  params: Params,
  host: LiveHost,
  stash: StashHost,
): Promise<Values | undefined> {
  const { store } = stash
  const owner = store === undefined ? undefined : ownerOf(facts, host, stash)
  const key = owner === undefined ? undefined : storeKey(facts, plan, owner, params, host)
  if (store === undefined || key === undefined || stash.holders.get(key)?.lives() === true) return undefined
  try {
    const sealed = await within(Promise.resolve(store.read(key)), host)
    const opened = typeof sealed === 'string' ? stash.sealer.open('stash', key, sealed, stash.maxAge) : undefined
    if (opened === undefined) return undefined
    const { v, d } = JSON.parse(opened) as { readonly v: number; readonly d: Values }
    if (v > plan.version) return undefined
    const made = v === plan.version ? d : await plan.migrate?.(d, v)
    return typeof made === 'object' && made !== null ? someOf(pick(made, plan.keys)) : undefined
  } catch (error) {
    host.report(error, { stage: 'stash', view: facts.view })
    return undefined
  }
}

function ownerOf({ visitor, view }: StashFacts, host: LiveHost, stash: StashHost): string | undefined {
  try {
    return canonical(stash.ownerOf(visitor))
  } catch (error) {
    host.report(error, { stage: 'stash', view })
    return undefined
  }
}

function storeKey(
  { visitorId, place, view }: StashFacts,
  { keyOf }: StashPlan,
  owner: string,
  params: Params,
  host: LiveHost,
): string | undefined {
  try {
    const key: unknown = keyOf === undefined ? canonical(pick(params, place.pathParams)) : keyOf(params)
    if (typeof key !== 'string') throw new LiveError('ERR_STASH', `stashKey: expected text, got ${describe(key)}`)
    return host.signer.digest('stash', JSON.stringify([visitorId, owner, place.name, key]))
  } catch (error) {
    host.report(error, { stage: 'stash', view })
    return undefined
  }
}

function pageOf({ nonce, id }: StashFacts): string {
  return `${nonce} ${id}`
}

function someOf(values: Values): Values | undefined {
  return Object.keys(values).length === 0 ? undefined : values
}

/** Rejects when it takes too long. */
function within<T>(work: Promise<T>, host: LiveHost): Promise<T> {
  const reason = `the store of stashes took longer than ${storeTime} ms: the view goes on without it`
  return inTime(
    work,
    storeTime,
    (ms, fire) => host.startTimer(ms, fire),
    () => new LiveError('ERR_STASH', reason),
  )
}
