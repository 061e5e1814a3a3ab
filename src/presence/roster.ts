/**
 * Who is where, put together from what all processes tell: a pure function of that, so that all come to the same, in whatever order they heard it.
 */
import type { WireEntry } from './wire.ts'

/** Somebody who is there: what each of their views says of itself, the oldest first. */
export interface Present<Meta> {
  readonly key: string
  readonly metas: readonly Meta[]
  /** Since when, in ms since 1970, by the clock of the process that it came to. */
  readonly since: number
}

/** What has changed on a topic. Each with all that it has now; who has left, with what was there last. */
export interface Changes<Meta> {
  readonly topic: string
  readonly joins: readonly Present<Meta>[]
  readonly leaves: readonly Present<Meta>[]
  readonly updates: readonly Present<Meta>[]
}

interface Held extends WireEntry {
  readonly replica: string
  /** The meta as text: a state that is sent once more is no change. */
  readonly text: string
  /** When it goes, by the clock of this process; `undefined` for one that somebody has. */
  readonly endsAt: number | undefined
}

interface Shown<Meta> extends Present<Meta> {
  readonly text: string
}

export class Roster<Meta> {
  /** By process, and by id. */
  readonly #replicas = new Map<string, Map<string, Held>>()
  /** By topic and key: the ids of their processes and their own. */
  readonly #topics = new Map<string, Map<string, Map<string, Held>>>()
  readonly #shown = new Map<string, Map<string, Shown<Meta>>>()
  /** What may look different, by topic. */
  readonly #touched = new Map<string, Set<string>>()
  readonly #ending = new Set<Held>()

  /** `now`: of the clock that only goes forward. */
  put(replica: string, entry: WireEntry, now: number): void {
    this.remove(replica, entry.id)
    const endsAt = entry.lingers === undefined ? undefined : now + entry.lingers
    const held: Held = { ...entry, replica, text: JSON.stringify(entry.meta), endsAt }
    mapIn(this.#replicas, replica).set(entry.id, held)
    const keys = mapIn(this.#topics, entry.topic)
    mapIn(keys, entry.key).set(nameOf(held), held)
    if (endsAt !== undefined) this.#ending.add(held)
    this.#touch(held)
  }

  remove(replica: string, id: string): void {
    const own = this.#replicas.get(replica)
    const held = own?.get(id)
    if (own === undefined || held === undefined) return
    own.delete(id)
    if (own.size === 0) this.#replicas.delete(replica)
    this.#ending.delete(held)
    const keys = this.#topics.get(held.topic)!
    const entries = keys.get(held.key)!
    entries.delete(nameOf(held))
    if (entries.size === 0) keys.delete(held.key)
    if (keys.size === 0) this.#topics.delete(held.topic)
    this.#touch(held)
  }

  /** A process has all of these, and no others. */
  replace(replica: string, entries: readonly WireEntry[], now: number): void {
    const ids = new Set(entries.map(({ id }) => id))
    for (const id of [...(this.#replicas.get(replica)?.keys() ?? [])]) if (!ids.has(id)) this.remove(replica, id)
    for (const entry of entries) this.put(replica, entry, now)
  }

  /** A process is gone, and all that it had. */
  removeAll(replica: string): void {
    this.replace(replica, [], 0)
  }

  /** A process ends in good order: what it has stays until then. */
  lingerAll(replica: string, endsAt: number): void {
    for (const held of [...(this.#replicas.get(replica)?.values() ?? [])]) {
      if (held.endsAt !== undefined) continue
      const lingering: Held = { ...held, endsAt }
      mapIn(this.#replicas, replica).set(held.id, lingering)
      this.#topics.get(held.topic)!.get(held.key)!.set(nameOf(held), lingering)
      this.#ending.add(lingering)
      this.#touch(held)
    }
  }

  /** What was to stay for a while has stayed for it. Returns how long it is until the next one, in ms. */
  expire(now: number): number | undefined {
    let next = Infinity
    for (const { replica, id, endsAt } of [...this.#ending]) {
      if (endsAt! <= now) this.remove(replica, id)
      else next = Math.min(next, endsAt! - now)
    }
    return next === Infinity ? undefined : next
  }

  /** What has changed since the last call. */
  settle(): readonly Changes<Meta>[] {
    const all: Changes<Meta>[] = []
    for (const [topic, keys] of this.#touched) {
      const changes = { topic, joins: [], leaves: [], updates: [] } as {
        readonly topic: string
        readonly joins: Present<Meta>[]
        readonly leaves: Present<Meta>[]
        readonly updates: Present<Meta>[]
      }
      const shown = mapIn(this.#shown, topic)
      for (const key of keys) {
        const before = shown.get(key)
        const now = this.#look(topic, key)
        if (now === undefined) {
          shown.delete(key)
          if (before !== undefined) changes.leaves.push(toPresent(before))
        } else {
          shown.set(key, now)
          if (before === undefined) changes.joins.push(toPresent(now))
          else if (before.text !== now.text) changes.updates.push(toPresent(now))
        }
      }
      if (shown.size === 0) this.#shown.delete(topic)
      if (changes.joins.length + changes.leaves.length + changes.updates.length > 0) all.push(changes)
    }
    this.#touched.clear()
    return all
  }

  /** As of the last {@link settle}; who has been there longest comes first. */
  list(topic: string): readonly Present<Meta>[] {
    return [...(this.#shown.get(topic)?.values() ?? [])].toSorted(byAge).map(toPresent)
  }

  get(topic: string, key: string): Present<Meta> | undefined {
    const shown = this.#shown.get(topic)?.get(key)
    return shown === undefined ? undefined : toPresent(shown)
  }

  #touch({ topic, key }: Held): void {
    const keys = this.#touched.get(topic) ?? new Set()
    this.#touched.set(topic, keys.add(key))
  }

  #look(topic: string, key: string): Shown<Meta> | undefined {
    const entries = [...(this.#topics.get(topic)?.get(key)?.values() ?? [])].toSorted(byAge)
    // A page that has come to another process is there once: the one before may not know yet that it is gone.
    const newest = new Map(entries.map((entry) => [entry.view, entry]))
    const all = [...newest.values()]
    const living = all.filter(({ endsAt }) => endsAt === undefined)
    const seen = (living.length > 0 ? living : all).toSorted(byAge)
    if (seen.length === 0) return undefined
    const text = JSON.stringify(seen.map((entry) => entry.text))
    return { key, metas: seen.map(({ meta }) => meta as Meta), since: entries[0]!.since, text }
  }
}

function toPresent<Meta>({ key, metas, since }: Shown<Meta>): Present<Meta> {
  return { key, metas, since }
}

function nameOf({ replica, id }: Held): string {
  return `${replica} ${id}`
}

interface Aged {
  readonly since: number
  readonly key: string
  readonly replica?: string
  readonly id?: string
}

/** The oldest first. Of the same age the order is no matter, but all processes have the same. */
function byAge(one: Aged, other: Aged): number {
  const names = ({ key, replica, id }: Aged): string => `${key} ${replica} ${id}`
  return one.since - other.since || (names(one) < names(other) ? -1 : 1)
}

function mapIn<Key, Inner, Value>(map: Map<Key, Map<Inner, Value>>, key: Key): Map<Inner, Value> {
  const found = map.get(key) ?? new Map<Inner, Value>()
  map.set(key, found)
  return found
}
