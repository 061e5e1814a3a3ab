/**
 * One process among those that share a presence. Each says what it has itself, and nobody else does, so that the newest word of each is all that
 * counts: changes are numbered, who misses one asks for the whole, and who is not heard of any more is gone.
 */
import type { Timer } from '../time/timer.ts'
import { Peers } from './peers.ts'
import { Roster } from './roster.ts'
import type { Changes, Present } from './roster.ts'
import { readMessage, type WireChange, type WireEntry, type WireMessage } from './wire.ts'

export interface TrackerOptions {
  /** How often each process says that it is there, in ms. */
  readonly heartbeat: number
  /** After which silence a process is taken for gone, in ms. */
  readonly deadAfter: number
  /** How long somebody whose last view has ended is there still, in ms. */
  readonly linger: number
}

export interface TrackerHost {
  /** Unique among processes, and among the runs of one. */
  readonly name: string
  /** Ms of a clock that only goes forward. */
  now(): number
  /** Ms since 1970. */
  wallClock(): number
  startTimer(ms: number, fire: () => void): Timer
  /** Tells all others; `to`: one of them. What it gives back resolves when the others can be reached. */
  publish(message: WireMessage, to?: string): void | Promise<void>
  /** A message could not be sent: others are not reached. */
  away(error: unknown): void
  /** A listener has thrown. */
  report(error: unknown): void
}

/** What somebody tracks. */
export type Tracked = Pick<WireEntry, 'topic' | 'key' | 'meta' | 'view'>

/** Changes wait so long for others, in ms: a cursor that moves is told at the pace of a screen. */
const gather = 25
/** Changes of one message, and entries of a part of a state; about as many characters of them. */
const mostTogether = 500
const mostCharacters = 256 * 1024

export class Tracker<Meta> {
  readonly #options: TrackerOptions
  readonly #host: TrackerHost
  readonly #roster = new Roster<Meta>()
  readonly #listeners = new Set<(changes: Changes<Meta>) => void>()
  readonly #own = new Map<string, WireEntry>()
  readonly #peers: Peers
  /** What is still to be told, by id. */
  #changes = new Map<string, WireChange>()
  #version = 0
  #made = 0
  #gathering: Timer | undefined
  #beating: Timer | undefined
  #expiring: Timer | undefined
  /** Told one after the other, also when who is told changes something. */
  readonly #untold: Changes<Meta>[] = []
  #telling = false
  /** Beats that nobody has taken yet. */
  #unheard = 0
  #closed = false

  constructor(options: TrackerOptions, host: TrackerHost) {
    this.#options = options
    this.#host = host
    this.#peers = new Peers(options, this.#roster, {
      now: () => host.now(),
      ask: (name) => void this.#publish({ kind: 'want', from: host.name, to: name }, name),
    })
  }

  /** Begins to listen and to speak. */
  start(): void {
    this.#beat(true)
  }

  track(tracked: Tracked): string {
    const id = String(this.#made++)
    this.#tell({ ...tracked, id, since: Math.floor(this.#host.wallClock()) })
    return id
  }

  update(id: string, meta: unknown): void {
    const entry = this.#own.get(id)
    if (entry !== undefined) this.#tell({ ...entry, meta })
  }

  metaOf(id: string): unknown {
    return this.#own.get(id)?.meta
  }

  /** It is gone at once. */
  untrack(id: string): void {
    if (!this.#own.delete(id)) return
    this.#roster.remove(this.#host.name, id)
    this.#note(id, id)
  }

  /** Its view has ended, and may only have been loaded anew. */
  leave(id: string): void {
    const entry = this.#own.get(id)
    if (entry === undefined) return
    const { linger } = this.#options
    if (linger === 0) this.untrack(id)
    else this.#tell({ ...entry, lingers: linger })
  }

  list(topic: string): readonly Present<Meta>[] {
    return this.#roster.list(topic)
  }

  get(topic: string, key: string): Present<Meta> | undefined {
    return this.#roster.get(topic, key)
  }

  /** Calls `listen` with what changes, until the returned function is called. */
  onChanges(listen: (changes: Changes<Meta>) => void): () => void {
    this.#listeners.add(listen)
    return () => void this.#listeners.delete(listen)
  }

  /** Messages of others may have been lost. */
  missed(): void {
    this.#peers.askAll()
    this.#beat(true)
  }

  /** Tells the others that it ends: what it has lingers with them, since its pages may be on their way to another. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#flush()
    const told = this.#publish({ kind: 'end', from: this.#host.name })
    this.#closed = true
    for (const timer of [this.#gathering, this.#beating, this.#expiring]) timer?.cancel()
    await told
  }

  receive(given: unknown): void {
    const message = readMessage(given)
    if (message === undefined || message.from === this.#host.name || this.#closed) return
    if (!this.#peers.hear(message.from)) return
    switch (message.kind) {
      case 'beat':
        if (message.isNew) this.#beat(false)
        return this.#peers.isAt(message.from, message.version)
      case 'want':
        return message.to === this.#host.name ? this.#sendState(message.from) : undefined
      case 'changes':
        this.#peers.takeChanges(message)
        break
      case 'state':
        this.#peers.takeState(message)
        break
      case 'end':
        this.#peers.end(message.from)
    }
    this.#settle()
  }

  #sendState(to: string): void {
    // As of what has been told: what waits is told behind it.
    this.#flush()
    const parts = inParts([...this.#own.values()])
    for (const [part, entries] of parts.entries()) {
      const state = { kind: 'state', from: this.#host.name, version: this.#version } as const
      void this.#publish({ ...state, part, parts: parts.length, entries }, to)
    }
  }

  /** Says something of an entry of its own. */
  #tell(entry: WireEntry): void {
    const { lingers } = entry
    if (lingers === undefined) this.#own.set(entry.id, entry)
    // A state that is asked for meanwhile has it no more: what stays a moment longer is no matter to who comes then.
    else this.#own.delete(entry.id)
    this.#roster.put(this.#host.name, entry, this.#host.now())
    this.#note(entry.id, entry)
  }

  #note(id: string, change: WireChange): void {
    this.#changes.set(id, change)
    this.#gathering ??= this.#host.startTimer(gather, () => this.#flush())
    this.#settle()
  }

  #flush(): void {
    this.#gathering?.cancel()
    this.#gathering = undefined
    const changes = [...this.#changes.values()]
    this.#changes = new Map()
    if (changes.length === 0 || this.#closed) return
    for (const part of inParts(changes)) {
      this.#version++
      void this.#publish({ kind: 'changes', from: this.#host.name, version: this.#version, changes: part })
    }
  }

  #beat(isNew: boolean): void {
    if (this.#closed) return
    this.#beating?.cancel()
    const { heartbeat } = this.#options
    const due = this.#host.now() + heartbeat
    this.#beating = this.#host.startTimer(heartbeat, () => {
      // Who was busy himself has what the others have said meanwhile waiting behind this.
      if (this.#host.now() - due > heartbeat) this.#peers.areAllHeard()
      this.#lookAfterPeers()
      this.#beat(false)
    })
    this.#flush()
    const taken = this.#publish({ kind: 'beat', from: this.#host.name, version: this.#version, isNew })
    if (taken === undefined) return
    this.#unheard++
    void taken.then((ok) => {
      if (!ok) return
      // Who was away himself has not heard the others, and they are not gone for that.
      if (this.#unheard > 1) this.#peers.areAllHeard()
      this.#unheard = 0
    })
  }

  #lookAfterPeers(): void {
    // Nobody is reached: neither is this one.
    if (this.#unheard > 0) return
    this.#peers.dropSilent()
    this.#settle()
  }

  #settle(): void {
    const left = this.#roster.expire(this.#host.now())
    this.#expiring?.cancel()
    this.#expiring = left === undefined ? undefined : this.#host.startTimer(left, () => this.#settle())
    this.#untold.push(...this.#roster.settle())
    if (this.#telling) return
    this.#telling = true
    try {
      for (let changes = this.#untold.shift(); changes !== undefined; changes = this.#untold.shift())
        for (const listen of [...this.#listeners]) if (this.#listeners.has(listen)) this.#tellOne(listen, changes)
    } finally {
      this.#telling = false
    }
  }

  #tellOne(listen: (changes: Changes<Meta>) => void, changes: Changes<Meta>): void {
    try {
      listen(changes)
    } catch (error) {
      this.#host.report(error)
    }
  }

  /** Resolves to whether it can be received; `undefined` where that is sure. */
  #publish(message: WireMessage, to?: string): Promise<boolean> | undefined {
    const failed = (error: unknown): boolean => {
      this.#host.away(error)
      return false
    }
    try {
      return this.#host.publish(message, to)?.then(() => true, failed)
    } catch (error) {
      return Promise.resolve(failed(error))
    }
  }
}

/** At least one. */
function inParts<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const parts: Item[][] = [[]]
  let characters = 0
  for (const item of items) {
    const { length } = JSON.stringify(item)
    const last = parts.at(-1)!
    if (last.length > 0 && (last.length >= mostTogether || characters + length > mostCharacters)) {
      parts.push([item])
      characters = length
    } else {
      last.push(item)
      characters += length
    }
  }
  return parts
}
