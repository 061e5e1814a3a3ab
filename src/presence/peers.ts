/** What is known of the other processes: as of which of their changes, and since when they have not been heard of. */
import type { Roster } from './roster.ts'
import type { WireChange, WireEntry, WireMessage } from './wire.ts'

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

/** How long one waits before one asks again, in ms. */
const askAgain = 1000
const mostEarly = 200
/** How long it is known that a process has ended, in ms. */
const forgetEnded = 60_000

export interface PeersHost {
  /** Ms of a clock that only goes forward. */
  now(): number
  /** Asks a process for all that it has. */
  ask(name: string): void
}

/** Puts what each has told into a roster. */
export class Peers {
  readonly #times: { readonly deadAfter: number; readonly linger: number }
  readonly #roster: Roster<unknown>
  readonly #host: PeersHost
  readonly #peers = new Map<string, Peer>()
  /** When those that ended said so: what they said before may come after. */
  readonly #ended = new Map<string, number>()

  constructor(
    times: { readonly deadAfter: number; readonly linger: number },
    roster: Roster<unknown>,
    host: PeersHost,
  ) {
    this.#times = times
    this.#roster = roster
    this.#host = host
  }

  /** A process has said something. False: it has ended before. */
  hear(name: string): boolean {
    if (this.#ended.has(name)) return false
    this.#of(name).heardAt = this.#host.now()
    return true
  }

  /** A process has told so many changes. */
  isAt(name: string, version: number): void {
    const peer = this.#of(name)
    if (peer.version !== version) this.#ask(name, peer)
  }

  takeChanges({ from, version, changes }: WireMessage & { readonly kind: 'changes' }): void {
    const peer = this.#of(from)
    if (peer.version !== undefined && version <= peer.version) return
    if (peer.version === undefined || version > peer.version + 1) {
      if (peer.early.size < mostEarly) peer.early.set(version, changes)
      return this.#ask(from, peer)
    }
    this.#apply(from, peer, version, changes)
    this.#takeEarly(from, peer)
  }

  takeState({ from, version, part, parts, entries }: WireMessage & { readonly kind: 'state' }): void {
    const peer = this.#of(from)
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
  }

  /** It has said so: who is there on it lingers. */
  end(name: string): void {
    const { version } = this.#of(name)
    this.#peers.delete(name)
    this.#ended.set(name, this.#host.now())
    if (version !== undefined) this.#roster.lingerAll(name, this.#host.now() + this.#times.linger)
  }

  /** Something that they said may have been lost. */
  askAll(): void {
    this.areAllHeard()
    for (const [name, peer] of this.#peers) this.#ask(name, peer)
  }

  /** They could not be heard: none is gone for that. */
  areAllHeard(): void {
    for (const peer of this.#peers.values()) peer.heardAt = this.#host.now()
  }

  /** Those that have said nothing for long are gone, and all that they had. */
  dropSilent(): void {
    const now = this.#host.now()
    for (const [name, at] of this.#ended) if (now - at >= forgetEnded) this.#ended.delete(name)
    for (const [name, { heardAt }] of this.#peers) {
      if (now - heardAt < this.#times.deadAfter) continue
      this.#peers.delete(name)
      this.#roster.removeAll(name)
    }
  }

  #of(name: string): Peer {
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
    this.#host.ask(name)
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
}
