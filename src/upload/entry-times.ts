/**
 * How long each entry stood where, for whoever watches: told once, when the entry has left. It looks at the states that follow one another, so
 * that nobody who changes one has to think of it. While nobody listens nothing is kept.
 */
import type { OfPart, UploadLife } from '../telemetry/events.ts'
import { clock, isObserved, publish, timeSince } from '../telemetry/measure.ts'
import type { UploadEntry, UploadEntryState } from './entry.ts'
import type { UploadState } from './state.ts'

/** `preflight`: the browser has asked for leave to send it, and has no answer yet. */
type Phase = UploadEntryState | 'preflight'

/** `left`: the view has ended, or given it up to the next one. `again`: the upload is allowed anew, and has them again at once. */
export type Leaving = 'consumed' | 'cancelled' | 'left' | 'again'

interface Life {
  readonly startedAt: number
  /** Ms. */
  readonly spent: Partial<Record<Phase, number>>
  phase: Phase
  since: number
  stalls: number
  /** Ms, while it was sent. */
  sniffed: number
}

export class EntryTimes {
  readonly #place: () => OfPart
  readonly #lives = new Map<string, Life>()

  constructor(place: () => OfPart) {
    this.#place = place
  }

  /** One state follows another. `leaving`: why entries of the first are not in the second. */
  changed(before: UploadState | undefined, after: UploadState, leaving: Leaving): void {
    if (!isObserved('entry')) {
      this.#lives.clear()
      return
    }
    const known = new Set(before?.entries)
    for (const entry of after.entries) if (!known.has(entry)) this.#stands(entry)
    if (before === undefined || leaving === 'again' || this.#lives.size === 0) return
    const listed = new Set(after.entries.map(({ uuid }) => uuid))
    for (const entry of before.entries) if (!listed.has(entry.uuid)) this.#left(after.name, leaving, entry)
  }

  /** The browser asks for leave to send them. */
  asked(state: UploadState, refs: ReadonlySet<string>): void {
    this.#turn(state, refs, 'waiting', 'preflight')
  }

  /** It was not given leave: the user has to see to something first. */
  waits(state: UploadState, refs: ReadonlySet<string>): void {
    this.#turn(state, refs, 'preflight', 'waiting')
  }

  /** So many ms it took to say what it is, while it was sent. */
  sniffed(entryUuid: string, ms: number): void {
    const life = this.#lives.get(entryUuid)
    if (life !== undefined) life.sniffed += ms
  }

  #turn({ entries }: UploadState, refs: ReadonlySet<string>, from: Phase, to: Phase): void {
    if (this.#lives.size === 0) return
    for (const { uuid, ref } of entries) {
      const life = refs.has(ref) ? this.#lives.get(uuid) : undefined
      if (life?.phase === from) this.#moves(life, to)
    }
  }

  #stands({ uuid, state }: UploadEntry): void {
    const life = this.#lives.get(uuid)
    if (life === undefined) {
      const now = clock()
      this.#lives.set(uuid, { startedAt: now, spent: {}, phase: state, since: now, stalls: 0, sniffed: 0 })
    } else if (state !== life.phase && !(state === 'waiting' && life.phase === 'preflight')) this.#moves(life, state)
  }

  #moves(life: Life, phase: Phase): void {
    const now = clock()
    life.spent[life.phase] = (life.spent[life.phase] ?? 0) + now - life.since
    if (phase === 'stalled') life.stalls++
    life.phase = phase
    life.since = now
  }

  #left(upload: string, leaving: Exclude<Leaving, 'again'>, entry: UploadEntry): void {
    const life = this.#lives.get(entry.uuid)
    if (life === undefined) return
    this.#lives.delete(entry.uuid)
    this.#moves(life, life.phase)
    const { spent, stalls, startedAt, sniffed } = life
    const bytes = Math.floor((entry.clientSize * entry.progress) / 100)
    const sent = spent.sending ?? 0
    const error = entry.errors.at(-1)
    const ms = (phase: Phase): number => spent[phase] ?? 0
    publish('entry', (): OfPart & UploadLife => ({
      ...this.#place(),
      ...timeSince(startedAt),
      ...{ upload, entry: entry.uuid, size: entry.clientSize, bytes, stalls, retries: entry.retries },
      outcome: entry.failed ? 'failed' : entry.valid ? leaving : 'refused',
      rate: sent === 0 ? 0 : Math.round((bytes * 1000) / sent),
      ...(error !== undefined && { code: error.code, error }),
      waitingMs: ms('waiting'),
      preflightMs: ms('preflight'),
      queuedMs: ms('queued'),
      sendingMs: sent,
      sniffingMs: sniffed,
      pausedMs: ms('paused'),
      stalledMs: ms('stalled'),
      scanningMs: ms('scanning'),
      doneMs: ms('done'),
      processingMs: ms('processing'),
    }))
  }
}
