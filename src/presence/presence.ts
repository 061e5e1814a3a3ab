import type { Timer } from '../time/timer.ts'
import { type AnyTopic, topicName } from '../pubsub/topic.ts'
import { randomText } from '../token/random.ts'
import type { Changes, Present } from './roster.ts'
import { checkMeta, readKey } from './given.ts'
import { type PresenceOptions, resolvePresenceOptions } from './options.ts'
import { Tracker } from './tracker.ts'

/** What a view that has subscribed is given in `handleInfo`. */
export interface PresenceInfo<Meta> extends Changes<Meta> {
  readonly type: 'presence'
}

/** What of a view or a component is needed to track it. */
export interface TrackedSocket {
  readonly connected: boolean
  readonly signal: AbortSignal
  /** Of a view. */
  readonly id?: string | undefined
}

/** What of a view is needed to tell it. */
export interface ToldSocket extends TrackedSocket {
  sendInfo(info: unknown): void
}

/** What of a view is needed to keep a stream of who is there. */
export interface StreamingSocket<Name extends string, Meta> extends ToldSocket {
  stream(name: Name, items: readonly Present<Meta>[], options?: { readonly reset?: boolean }): void
  streamInsert(name: Name, item: Present<Meta>): void
  streamDelete(name: Name, item: Present<Meta>): void
  streamConfigure(name: Name, options: { readonly domId: (item: Present<Meta>) => string }): void
  attachHook(name: string, stage: 'handleInfo', hook: (socket: this, info: unknown) => 'halt' | undefined): void
}

/** Who is there. `Meta`: what is known of each of their views, as JSON. */
export interface Presence<Meta> {
  /**
   * Says that `key` is there on a topic, as long as the view lives: also while it is parked. Called again for the same key it changes `meta`. Does
   * nothing while the page is first rendered over HTTP; with `adopt`, call it in `handleConnect`.
   *
   * @param key Who it is: a user's id, say. Never what the browser sends, unchecked.
   * @throws {LiveError} `ERR_PRESENCE` for a meta that is not JSON, or more than 8 KiB of it; `ERR_TOPIC` for what is no topic.
   */
  track(socket: TrackedSocket, topic: AnyTopic | string, key: string | number, meta: Meta): void
  /** Changes what is known of a view; a function is given what is known now. Does nothing for what the view does not track. */
  update(
    socket: TrackedSocket,
    topic: AnyTopic | string,
    key: string | number,
    meta: Partial<Meta> | ((meta: Meta) => Meta),
  ): void
  /** Ends it at once, before the view does. */
  untrack(socket: TrackedSocket, topic: AnyTopic | string, key: string | number): void
  /** Who is there, the longest first: of all processes, also while a page is first rendered. */
  list(topic: AnyTopic | string): readonly Present<Meta>[]
  /** One of them. */
  get(topic: AnyTopic | string, key: string | number): Present<Meta> | undefined
  /** Has who joins, leaves or changes given to `handleInfo`, until the view ends: as {@link PresenceInfo}. Does nothing over HTTP. */
  subscribe(socket: ToldSocket, topic: AnyTopic | string): void
  /** Keeps `context[name]` as a stream of who is there. Call it in `mount`. */
  stream<Name extends string>(socket: StreamingSocket<Name, Meta>, name: Name, topic: AnyTopic | string): void
  /** The same outside of views, until the returned function is called. */
  onChanges(topic: AnyTopic | string, listen: (changes: Changes<Meta>) => void): () => void
  /**
   * Leaves the others in good order. Whoever is there on this process lingers with them. Resolves when they have been told, or cannot be: then the pubsub
   * may be closed. Never rejects.
   */
  close(): Promise<void>
}

/**
 * Knows who is where: on a page, in a room, typing. Over a pubsub of many processes each knows of all, and a process that dies is noticed within
 * `deadAfter`.
 *
 * @throws {LiveError} `ERR_PRESENCE` for a wrong option.
 * @example
 * import { createLiveView, each, html, topic } from 'liveloom'
 * import { createPresence } from 'liveloom/presence'
 *
 * const here = createPresence<{ readonly name: string }>()
 * const room = topic<never>('room')
 *
 * export const lobby = createLiveView<{ name: string }, never>({
 *   mount: (socket, _, session) => {
 *     socket.assign({ name: String(session['name'] ?? 'somebody') })
 *     here.subscribe(socket, room)
 *     here.track(socket, room, socket.id, { name: socket.context.name })
 *   },
 *   // Rendered anew: `list` knows.
 *   handleInfo: (socket) => socket.assign({}),
 *   render: () => html`<ul>${each(here.list(room), ({ key }) => key, ({ metas }) => html`<li>${metas[0]!.name}</li>`)}</ul>`,
 * })
 */
export function createPresence<Meta extends object = Readonly<Record<string, unknown>>>(
  options: PresenceOptions = {},
): Presence<Meta> {
  const { pubsub, name, onError, ...times } = resolvePresenceOptions(options)
  const self = randomText(12)
  const everybody = `liveloom:${name}`
  let isAway = false
  const tracker = new Tracker<Meta>(times, {
    name: self,
    now: () => performance.now(),
    wallClock: () => Date.now(),
    startTimer,
    publish(message, to) {
      const sent = pubsub.publish(to === undefined ? everybody : `${everybody}:${to}`, message)
      if (sent === undefined) isAway = false
      return sent?.then(() => void (isAway = false))
    },
    away(error) {
      // It says so again and again.
      if (isAway) return
      isAway = true
      onError(error)
    },
    report: onError,
  })
  const receive = (message: unknown): void => tracker.receive(message)
  const missed = (): void => tracker.missed()
  const ends = [everybody, `${everybody}:${self}`].map((topic) => pubsub.subscribe(topic, receive, missed))
  tracker.start()
  return new SharedPresence(tracker, { self, onError }, () => ends.forEach((end) => end()))
}

class SharedPresence<Meta extends object> implements Presence<Meta> {
  readonly #tracker: Tracker<Meta>
  readonly #self: string
  readonly #end: () => void
  /** What each view tracks, by topic and key. */
  readonly #tracked = new WeakMap<TrackedSocket, Map<string, string>>()
  readonly #listeners = new Map<string, Set<(changes: Changes<Meta>) => void>>()
  #views = 0

  /** `self`: what this process is called among others. */
  constructor(
    tracker: Tracker<Meta>,
    { self, onError }: { readonly self: string; readonly onError: (error: unknown) => void },
    end: () => void,
  ) {
    this.#tracker = tracker
    this.#self = self
    this.#end = end
    tracker.onChanges((changes) => {
      const listeners = this.#listeners.get(changes.topic)
      for (const listen of [...(listeners ?? [])]) {
        if (!listeners!.has(listen)) continue
        try {
          listen(changes)
        } catch (error) {
          // One that fails is not in the way of the next.
          onError(error)
        }
      }
    })
  }

  track(socket: TrackedSocket, topic: AnyTopic | string, key: string | number, meta: Meta): void {
    const name = topicName('presence.track', topic)
    const text = readKey('track', key)
    const checked = checkMeta('track', meta)
    if (!socket.connected || socket.signal.aborted) return
    const tracked = this.#trackedBy(socket)
    const place = JSON.stringify([name, text])
    const before = tracked.get(place)
    if (before !== undefined) return this.#tracker.update(before, checked)
    const view = socket.id ?? `${this.#self} ${this.#views++}`
    tracked.set(place, this.#tracker.track({ topic: name, key: text, meta: checked, view }))
  }

  update(
    socket: TrackedSocket,
    topic: AnyTopic | string,
    key: string | number,
    meta: Partial<Meta> | ((meta: Meta) => Meta),
  ): void {
    const id = this.#idOf('update', socket, topic, key)
    if (id === undefined) return
    const before = this.#tracker.metaOf(id) as Meta
    const next = typeof meta === 'function' ? meta(before) : { ...before, ...meta }
    this.#tracker.update(id, checkMeta('update', next))
  }

  untrack(socket: TrackedSocket, topic: AnyTopic | string, key: string | number): void {
    const id = this.#idOf('untrack', socket, topic, key)
    if (id === undefined) return
    this.#tracker.untrack(id)
    this.#tracked.get(socket)!.delete(placeOf('untrack', topic, key))
  }

  list(topic: AnyTopic | string): readonly Present<Meta>[] {
    return this.#tracker.list(topicName('presence.list', topic))
  }

  get(topic: AnyTopic | string, key: string | number): Present<Meta> | undefined {
    return this.#tracker.get(topicName('presence.get', topic), readKey('get', key))
  }

  subscribe(socket: ToldSocket, topic: AnyTopic | string): void {
    const end = this.#listenFor(socket, 'subscribe', topic, (changes) => {
      socket.sendInfo({ type: 'presence', ...changes } satisfies PresenceInfo<Meta>)
    })
    if (end !== undefined) socket.signal.addEventListener('abort', end, { once: true })
  }

  stream<Name extends string>(socket: StreamingSocket<Name, Meta>, name: Name, topic: AnyTopic | string): void {
    const hook = `liveloom:${name}`
    const info = Symbol(hook)
    socket.streamConfigure(name, { domId: ({ key }) => `${name}-${encoded(key)}` })
    socket.stream(name, this.list(topic))
    const end = this.#listenFor(socket, 'stream', topic, (changes) => socket.sendInfo({ [info]: changes }))
    if (end === undefined) return
    socket.signal.addEventListener('abort', end, { once: true })
    socket.attachHook(hook, 'handleInfo', (view, given) => {
      const changes = (given as { readonly [info]?: Changes<Meta> } | null)?.[info]
      if (changes === undefined) return undefined
      for (const one of [...changes.joins, ...changes.updates]) view.streamInsert(name, one)
      for (const one of changes.leaves) view.streamDelete(name, one)
      return 'halt'
    })
  }

  onChanges(topic: AnyTopic | string, listen: (changes: Changes<Meta>) => void): () => void {
    const name = topicName('presence.onChanges', topic)
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    // One function may be given twice; each ends by itself.
    const own = (changes: Changes<Meta>): void => listen(changes)
    listeners.add(own)
    return () => {
      if (listeners.delete(own) && listeners.size === 0) this.#listeners.delete(name)
    }
  }

  async close(): Promise<void> {
    const told = this.#tracker.close()
    this.#end()
    await told
  }

  #listenFor(
    socket: ToldSocket,
    call: string,
    topic: AnyTopic | string,
    tell: (changes: Changes<Meta>) => void,
  ): (() => void) | undefined {
    topicName(`presence.${call}`, topic)
    return socket.connected && !socket.signal.aborted ? this.onChanges(topic, tell) : undefined
  }

  /** What a view tracks ends with it. */
  #trackedBy(socket: TrackedSocket): Map<string, string> {
    const known = this.#tracked.get(socket)
    if (known !== undefined) return known
    const tracked = new Map<string, string>()
    this.#tracked.set(socket, tracked)
    const end = (): void => {
      for (const id of tracked.values()) this.#tracker.leave(id)
      tracked.clear()
    }
    socket.signal.addEventListener('abort', end, { once: true })
    return tracked
  }

  #idOf(call: string, socket: TrackedSocket, topic: AnyTopic | string, key: string | number): string | undefined {
    return this.#tracked.get(socket)?.get(placeOf(call, topic, key))
  }
}

function placeOf(call: string, topic: AnyTopic | string, key: string | number): string {
  return JSON.stringify([topicName(`presence.${call}`, topic), readKey(call, key)])
}

/** Half a character cannot be encoded, and must not break the views of all. */
function encoded(key: string): string {
  return encodeURIComponent(key.replaceAll(/\p{Surrogate}/gu, '\ufffd'))
}

/** A process that has nothing else to do may end. */
function startTimer(ms: number, fire: () => void): Timer {
  const timer = setTimeout(fire, ms)
  ;(timer as unknown as { unref?(): void }).unref?.()
  return { cancel: () => clearTimeout(timer) }
}
