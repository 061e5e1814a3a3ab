/**
 * One WebSocket: reads frames, keeps the channels that are joined on it, and holds the client to its limits. A bad frame is
 * answered or ends the connection; it never reaches a view.
 */
import type { LiveHost } from '../live/host.ts'
import { LiveSession, type PatchTarget, type SessionConnection } from '../live/session.ts'
import type { LiveView, SessionData } from '../live/view.ts'
import { decodeBinary } from '../protocol/binary.ts'
import { decodeText, encodeReply } from '../protocol/codec.ts'
import {
  channelEvents,
  chunkEvent,
  type Frame,
  heartbeatTopic,
  type ReplyStatus,
  uploadTopicPrefix,
  viewTopicPrefix,
} from '../protocol/message.ts'
import { type JoinPayload, readJoin } from '../protocol/payloads.ts'
import { createCsrfToken } from '../token/csrf.ts'
import { randomText } from '../token/random.ts'
import type { UploadChannel, UploadOutlet } from '../upload/channel.ts'
import { ChannelOutlet } from './channel-outlet.ts'
import type { ViewToken } from './dead-render.ts'
import type { ServerLimits } from './options.ts'
import type { RouteMatch, Router } from './router.ts'
import { tokenMaxAge } from './visitor.ts'

/** The transport's side of a connection. */
export interface Peer {
  send(text: string): void
  close(code: number, reason: string): void
  /** Ends the transport without a goodbye. */
  terminate(): void
  /** Bytes that were sent but have not left the process. */
  readonly unsentBytes: number
  /** Grows, or at least differs, whenever some of them leave. */
  readonly flushMark: number
}

/** What a connection was opened with. `undefined` session: its CSRF token was wrong, and no view may join. */
export interface Admission {
  readonly csrfSecret: string
  readonly session: SessionData | undefined
}

export interface ConnectionServer {
  readonly host: LiveHost
  readonly limits: ServerLimits
  readonly route: Router
  /** The views by their paths. */
  readonly routes: Readonly<Record<string, LiveView>>
  /** In ms, coarse: how long ago something was is told by its difference. */
  readonly clock: { readonly now: number }
}

type Channel = { readonly joinRef: string | null; readonly outlet: ChannelOutlet } & (
  | { readonly kind: 'view'; readonly session: LiveSession }
  | { readonly kind: 'upload'; readonly upload: UploadChannel; readonly session: LiveSession }
)

const minute = 60_000
const emptyReply = '{}'

export class Connection implements SessionConnection {
  readonly #server: ConnectionServer
  readonly #peer: Peer
  readonly #admission: Admission
  readonly #channels = new Map<string, Channel>()
  #views = 0
  #closed = false
  #lastFrame: number
  #joins = 0
  #joinsSince: number
  #flushMark = 0
  #flushedAt: number

  constructor(server: ConnectionServer, peer: Peer, admission: Admission) {
    this.#server = server
    this.#peer = peer
    this.#admission = admission
    this.#lastFrame = this.#joinsSince = this.#flushedAt = server.clock.now
  }

  text(text: string): void {
    if (!this.#closed) this.#receive(decodeText(text))
  }

  binary(bytes: Uint8Array): void {
    if (!this.#closed) this.#receive(decodeBinary(bytes))
  }

  /** The transport is gone: everything on it ends. */
  closed(): void {
    if (this.#closed) return
    this.#closed = true
    for (const channel of [...this.#channels.values()]) if (channel.kind === 'view') channel.session.end()
    this.#channels.clear()
  }

  /** Tells the client to come back later, as a server that stops does. Never 1000, on which the client reloads the page. */
  goAway(): void {
    this.#peer.close(1012, 'server is restarting')
    this.closed()
  }

  /** Looks whether the client is still there, and reads. Called now and then. */
  check(): void {
    if (this.#closed) return
    const { clock, limits } = this.#server
    if (clock.now - this.#lastFrame > limits.idleTimeout) {
      this.#peer.close(1001, 'idle')
      this.closed()
      return
    }
    const { unsentBytes, flushMark } = this.#peer
    if (unsentBytes === 0 || flushMark !== this.#flushMark) {
      this.#flushMark = flushMark
      this.#flushedAt = clock.now
    } else if (clock.now - this.#flushedAt > limits.unsentTimeout) this.#cut()
  }

  #cut(): void {
    this.#peer.terminate()
    this.closed()
  }

  #send(text: string): void {
    if (this.#closed) return
    this.#peer.send(text)
    if (this.#peer.unsentBytes > this.#server.limits.maxUnsentBytes) this.#cut()
  }

  #reply(frame: Frame, status: ReplyStatus, response: string, joinRef = frame.joinRef): void {
    this.#send(encodeReply(joinRef, frame.ref, frame.topic, status, response))
  }

  #refuse(frame: Frame, reason: string, joinRef = frame.joinRef): void {
    this.#reply(frame, 'error', JSON.stringify({ reason }), joinRef)
  }

  #receive(frame: Frame | undefined): void {
    this.#lastFrame = this.#server.clock.now
    if (frame === undefined) {
      this.#peer.close(1007, 'malformed frame')
      this.closed()
      return
    }
    try {
      this.#dispatch(frame)
    } catch (error) {
      // What callbacks throw ends their view; this is something beside them, a pubsub that fails, say.
      this.#server.host.report(error, { stage: 'connection' })
      this.#peer.close(1011, 'internal error')
      this.closed()
    }
  }

  #dispatch(frame: Frame): void {
    const channel = this.#channels.get(frame.topic)
    if (frame.event === channelEvents.join) this.#join(frame, channel)
    else if (channel !== undefined) this.#deliver(frame, channel)
    else if (frame.topic === heartbeatTopic && frame.event === channelEvents.heartbeat)
      this.#reply(frame, 'ok', emptyReply)
    else if (frame.event === channelEvents.leave) this.#reply(frame, 'ok', emptyReply)
    else this.#refuse(frame, 'unmatched topic', null)
  }

  #deliver(frame: Frame, channel: Channel): void {
    // A frame of a channel that was joined anew since: nobody waits for its answer.
    if (frame.joinRef !== null && frame.joinRef !== channel.joinRef) return
    const leaves = frame.event === channelEvents.leave
    if (channel.kind === 'view') {
      if (leaves) channel.session.leave(frame.ref)
      else channel.session.receive(frame.ref, frame.event, frame.payload)
    } else if (leaves) {
      this.#channels.delete(frame.topic)
      channel.upload.leave(frame.ref)
    } else if (frame.event === chunkEvent && frame.payload instanceof Uint8Array) {
      channel.upload.chunk(frame.ref, frame.payload)
    } else this.#refuse(frame, 'unknown message')
  }

  #join(frame: Frame, existing: Channel | undefined): void {
    if (frame.topic.startsWith(uploadTopicPrefix)) this.#joinUpload(frame, existing)
    else if (!frame.topic.startsWith(viewTopicPrefix)) this.#refuse(frame, 'unmatched topic')
    else if (this.#joinsTooOften()) {
      this.#peer.close(1008, 'too many joins')
      this.closed()
    } else this.#joinView(frame, existing)
  }

  #joinsTooOften(): boolean {
    const { clock, limits } = this.#server
    if (clock.now - this.#joinsSince > minute) {
      this.#joins = 0
      this.#joinsSince = clock.now
    }
    this.#joins++
    return this.#joins > limits.maxJoins
  }

  #joinView(frame: Frame, existing: Channel | undefined): void {
    const { limits } = this.#server
    const payload = readJoin(frame.payload)
    const target = payload === undefined ? 'invalid join' : this.#authorise(frame.topic, payload)
    if (typeof target === 'string') return this.#refuse(frame, target)
    if (existing === undefined && this.#views >= limits.maxTopics)
      return this.#refuse(frame, 'too many channels joined')
    if (existing?.kind === 'view') {
      existing.session.end()
      existing.outlet.close()
      // Even that may have been too much for a client that does not read.
      if (this.#closed) return
    }
    const outlet = this.#outletOf(frame)
    const session = this.#createSession(frame, payload!.url!, target, outlet)
    this.#channels.set(frame.topic, { joinRef: frame.joinRef, outlet, kind: 'view', session })
    this.#views++
    session.join(frame.ref)
  }

  /** The route that a join leads to, or why it may not join. */
  #authorise(topic: string, payload: JoinPayload): RouteMatch | string {
    const { host, route, routes } = this.#server
    if (this.#admission.session === undefined) return 'stale'
    const token = host.signer.verify('view', payload.session, tokenMaxAge) as ViewToken | undefined
    if (token === undefined || viewTopicPrefix + token.id !== topic) return 'stale'
    if (payload.static !== null) {
      const rendered = host.signer.verify('static', payload.static, tokenMaxAge) as { readonly id: string } | undefined
      if (rendered?.id !== token.id) return 'stale'
    }
    if (payload.url === undefined) return 'stale'
    const match = route(new URL(payload.url))
    if (match === undefined || match === 'unreadable') return 'unauthorized'
    // One view may have several routes.
    if (!payload.redirected && match.route.view !== routes[token.route]) return 'unauthorized'
    return match
  }

  #createSession(frame: Frame, url: string, match: RouteMatch, outlet: ChannelOutlet): LiveSession {
    return new LiveSession({
      view: match.route.view,
      name: match.route.path,
      id: frame.topic.slice(viewTopicPrefix.length),
      instanceId: randomText(12),
      url,
      params: match.params,
      session: this.#admission.session!,
      host: this.#server.host,
      outlet,
      connection: this,
    })
  }

  // What its sessions ask for.

  csrfToken(): string {
    return createCsrfToken(this.#server.host.signer, this.#admission.csrfSecret)
  }

  get sendingFiles(): number {
    let count = 0
    for (const channel of this.#channels.values()) if (channel.kind === 'view') count += channel.session.sendingFiles
    return count
  }

  patch(view: string, url: string): PatchTarget {
    const { route, routes } = this.#server
    const match = route(new URL(url))
    if (match === undefined || match === 'unreadable' || match.route.view !== routes[view]) return { kind: 'other' }
    return { kind: 'same', params: match.params }
  }

  ended(session: LiveSession): void {
    for (const [topic, channel] of this.#channels) {
      if (channel.session !== session) continue
      this.#channels.delete(topic)
      if (channel.kind === 'view') this.#views--
    }
  }

  // Uploads.

  #joinUpload(frame: Frame, existing: Channel | undefined): void {
    const { host } = this.#server
    const { token } = frame.payload as { readonly token?: unknown }
    const grant = typeof token === 'string' ? host.signer.verify('upload', token, tokenMaxAge) : undefined
    if (grant === undefined) return this.#refuse(frame, 'invalid_token')
    if (existing?.kind === 'upload' && existing.upload.live) return this.#refuse(frame, 'already_registered')
    const [instanceId, configRef, entryUuid] = grant as [string, string, string]
    const outlet = this.#outletOf(frame)
    const session = this.#sessionOf(instanceId)
    if (session === undefined) return this.#refuse(frame, 'disallowed')
    const upload = session.joinUpload(configRef, entryUuid, uploadOutlet(outlet))
    if (upload === 'left') {
      // An error would make the client clear the whole input; so it learns that the file is not wanted any more.
      outlet.reply(frame.ref, 'ok', emptyReply)
      outlet.close()
      return
    }
    if (typeof upload === 'string') return this.#refuse(frame, upload)
    this.#forgetEndedUploads()
    this.#channels.set(frame.topic, { joinRef: frame.joinRef, outlet, kind: 'upload', upload, session })
    upload.open(frame.ref)
  }

  #outletOf({ topic, joinRef }: Frame): ChannelOutlet {
    return new ChannelOutlet((text) => this.#send(text), topic, joinRef)
  }

  #sessionOf(instanceId: string): LiveSession | undefined {
    for (const channel of this.#channels.values()) {
      if (channel.kind === 'view' && channel.session.instanceId === instanceId) return channel.session
    }
    return undefined
  }

  /** Ended channels are kept for a while, so that frames still on their way to them are dropped and not answered. */
  #forgetEndedUploads(): void {
    if (this.#channels.size < this.#server.limits.maxUploadChannels * 2) return
    for (const [topic, channel] of this.#channels) {
      if (channel.kind === 'upload' && !channel.upload.live) this.#channels.delete(topic)
    }
  }
}

function uploadOutlet(outlet: ChannelOutlet): UploadOutlet {
  return {
    reply: (ref, status, response) => outlet.reply(ref, status, JSON.stringify(response)),
    close: () => outlet.close(),
    error: () => outlet.error(),
  }
}
