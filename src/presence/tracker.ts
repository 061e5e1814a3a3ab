/**
 * One process among those that share a presence. Each says what it has itself, and nobody else does, so that the newest word of each is all that
 * counts: changes are numbered, who misses one asks for the whole, and who is not heard of any more is gone.
 */
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
  startTimer(ms: number, fire: () => void): { cancel(): void }
  /** Tells all others; `to`: one of them. What it gives back resolves when the others can be reached. */
  publish(message: WireMessage, to?: string): void | Promise<void>
  /** A message could not be sent: others are not reached. */
  away(error: unknown): void
  /** A listener has thrown. */
  report(error: unknown): void
}

/** What somebody tracks. */
export type Tracked = Pick<WireEntry, 'topic' | 'key' | 'meta' | 'view'>

interface Peer {
  /** As of which it is known; `undefined` until its state has come. */
  version: number | undefined
  heardAt: number
  /** When it was asked for its state last. */
  askedAt: number | undefined
  /** What came while its state was asked for, by version. */
  readonly early: Map<number, readonly WireChange[]>
  /** The parts of its state that have come. */
  parts: { readonly version: number; readonly entries: (readonly WireEntry[])[] } | undefined
}

/** Changes wait so long for others, in ms: a cursor that moves is told at the pace of a screen. */
const gather = 25
/** Changes of one message, and entries of a part of a state; about as many characters of them. */
const mostTogether = 500
const mostCharacters = 256 * 1024
/** How long one waits before one asks again, in ms. */
const askAgain = 1000
const mostEarly = 200
/** How long it is known that a process has ended, in ms. */
const forgetEnded = 60_000

export class Tracker<Meta> {
  readonly #options: TrackerOptions
  readonly #host: TrackerHost
  readonly #roster = new Roster<Meta>()
  readonly #listeners = new Set<(changes: Changes<Meta>) => void>()
  readonly #own = new Map<string, WireEntry>()
  readonly #peers = new Map<string, Peer>()
  /** When those that ended said so: what they said before may come after. */
  readonly #ended = new Map<string, number>()
  /** What is still to be told, by id. */
  #changes = new Map<string, WireChange>()
  #version = 0
  #made = 0
  #gathering: { cancel(): void } | undefined
  #beating: { cancel(): void } | undefined
  #expiring: { cancel(): void } | undefined
  /** Told one after the other, also when who is told changes something. */
  readonly #untold: Changes<Meta>[] = []
  #telling = false
  /** Beats that nobody has taken yet. */
  #unheard = 0
  #closed = false

  constructor(options: TrackerOptions, host: TrackerHost) {
    this.#options = options
    this.#host = host
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
    for (const [name, peer] of this.#peers) {
      peer.heardAt = this.#host.now()
      this.#ask(name, peer)
    }
    this.#beat(true)
  }

  /** Tells the others that it ends: what it has lingers with them, since its pages may be on their way to another. */
  close(): void {
    if (this.#closed) return
    this.#flush()
    void this.#publish({ kind: 'end', from: this.#host.name })
    this.#closed = true
    for (const timer of [this.#gathering, this.#beating, this.#expiring]) timer?.cancel()
  }

  receive(given: unknown): void {
    const message = readMessage(given)
    if (message === undefined || message.from === this.#host.name || this.#closed) return
    if (this.#ended.has(message.from)) return
    const peer = this.#peerOf(message.from)
    peer.heardAt = this.#host.now()
    switch (message.kind) {
      case 'beat':
        if (message.isNew) this.#beat(false)
        if (peer.version !== message.version) this.#ask(message.from, peer)
        return
      case 'want':
        return message.to === this.#host.name ? this.#sendState(message.from) : undefined
      case 'changes':
        return this.#takeChanges(message.from, peer, message.version, message.changes)
      case 'state':
        return this.#takeState(message, peer)
      case 'end':
        this.#peers.delete(message.from)
        this.#ended.set(message.from, this.#host.now())
        this.#lingerAll(message.from, peer)
    }
  }

  #peerOf(name: string): Peer {
    const known = this.#peers.get(name)
    if (known !== undefined) return known
    const peer: Peer = { version: undefined, heardAt: 0, askedAt: undefined, early: new Map(), parts: undefined }
    this.#peers.set(name, peer)
    return peer
  }

  #ask(name: string, peer: Peer): void {
    const now = this.#host.now()
    if (peer.askedAt !== undefined && now - peer.askedAt < askAgain) return
    peer.askedAt = now
    void this.#publish({ kind: 'want', from: this.#host.name, to: name }, name)
  }

  #takeChanges(name: string, peer: Peer, version: number, changes: readonly WireChange[]): void {
    if (peer.version !== undefined && version <= peer.version) return
    if (peer.version === undefined || version > peer.version + 1) {
      if (peer.early.size < mostEarly) peer.early.set(version, changes)
      return this.#ask(name, peer)
    }
    this.#apply(name, peer, version, changes)
    this.#takeEarly(name, peer)
    this.#settle()
  }

  #apply(name: string, peer: Peer, version: number, changes: readonly WireChange[]): void {
    peer.version = version
    for (const change of changes) {
      if (typeof change === 'string') this.#roster.remove(name, change)
      else this.#roster.put(name, change, this.#host.now())
    }
  }

  /** What has come before its time. */
  #takeEarly(name: string, peer: Peer): void {
    for (;;) {
      const changes = peer.early.get(peer.version! + 1)
      if (changes === undefined) break
      this.#apply(name, peer, peer.version! + 1, changes)
    }
    for (const version of peer.early.keys()) if (version <= peer.version!) peer.early.delete(version)
  }

  #takeState(message: WireMessage & { readonly kind: 'state' }, peer: Peer): void {
    const { from, version, part, parts, entries } = message
    if (peer.version !== undefined && version < peer.version) return
    if (peer.parts === undefined || peer.parts.version < version) peer.parts = { version, entries: [] }
    if (peer.parts.version > version) return
    peer.parts.entries[part] = entries
    const all = Array.from({ length: parts }, (_, at) => peer.parts!.entries[at])
    if (all.includes(undefined)) return
    peer.parts = undefined
    peer.version = version
    peer.askedAt = undefined
    this.#roster.replace(from, (all as (readonly WireEntry[])[]).flat(), this.#host.now())
    this.#takeEarly(from, peer)
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
      if (this.#host.now() - due > heartbeat) this.#allAreHeard()
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
      if (this.#unheard > 1) this.#allAreHeard()
      this.#unheard = 0
    })
  }

  #allAreHeard(): void {
    for (const peer of this.#peers.values()) peer.heardAt = this.#host.now()
  }

  #lookAfterPeers(): void {
    for (const [name, at] of this.#ended) if (this.#host.now() - at >= forgetEnded) this.#ended.delete(name)
    // Nobody is reached: neither is this one.
    if (this.#unheard > 0) return
    const now = this.#host.now()
    for (const [name, { heardAt }] of this.#peers) {
      if (now - heardAt < this.#options.deadAfter) continue
      this.#peers.delete(name)
      this.#roster.removeAll(name)
    }
    this.#settle()
  }

  #lingerAll(name: string, { version }: Peer): void {
    if (version === undefined) return
    this.#roster.lingerAll(name, this.#host.now() + this.#options.linger)
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
