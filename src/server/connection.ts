/**
 * One WebSocket, or one long-poll session: reads frames, keeps the channels that are joined on it, and holds the client to its
 * limits. A bad frame is answered or ends the connection; it never reaches a view.
 */
import type { LiveError } from '../errors.ts'
import type { LiveView, SessionData } from '../live/definitions.ts'
import type { ErrorContext, LiveHost } from '../live/host.ts'
import type { FilesAtEnd, PatchTarget, RunningView, SessionConnection, SessionOptions } from '../session/options.ts'
import { LiveSession } from '../session/session.ts'
import { malformedFrame, unknownTopic, unreadPush } from '../session/unread.ts'
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
import type { WireEvent } from '../protocol/keys.ts'
import { type JoinPayload, readJoin } from '../protocol/payloads.ts'
import { givenUpReply, type LeaveAnswer, reloadReply } from '../protocol/replies.ts'
import { weightOf } from '../protocol/weight.ts'
import { clock, publish, timeSince } from '../telemetry/measure.ts'
import { createCsrfToken } from '../token/csrf.ts'
import { randomText } from '../token/random.ts'
import type { UploadOutlet } from '../upload/channel.ts'
import { authorise, type Door, type JoinTarget } from './authorise.ts'
import { ChannelOutlet } from './channel-outlet.ts'
import { type Channel, Channels, type ViewChannel } from './channels.ts'
import { patchTarget } from './patch-target.ts'
import { JoinPace, type JoinPaceServer } from './join-pace.ts'
import type { LimitName } from './limit-reports.ts'
import type { ServerLimits } from './limits.ts'
import { Intake, type IntakeHost, type Tap } from './intake.ts'
import type { Claim } from './parked-page.ts'
import { type Holder, Returns, type ReturnsHost } from './returns.ts'
import { type Sink, Unsent } from './unsent.ts'
import { tokenMaxAge } from './visitor.ts'

/** The transport's side of a connection. */
export interface Peer extends Tap, Sink {
  send(text: string): void
  close(code: number, reason: string): void
  /** Ends the transport without a goodbye. */
  terminate(): void
  /** Writes what nobody need answer: so a paused transport, which hears of no end, learns that the other side has gone. */
  probe(): void
  /** Calls `answered` as soon as the client shows that it is there: it is asked at once. */
  ask(answered: () => void): void
  /** It says nothing when its page closes: a page that has closed and one that is lost look the same. */
  readonly endsSilently: boolean
}

/** What a connection was opened with. `undefined` session: its CSRF token was wrong, and no view may join. */
export interface Admission {
  /** Which browser it is, whoever is logged in there: what outlasts a login is bound to it. */
  readonly visitorId: string
  /** Whose joins its own count with. @default the visitor's */
  readonly joinsWith?: string | undefined
  readonly csrfSecret: string
  readonly session: SessionData | undefined
}

export interface ConnectionServer extends Pick<IntakeHost, 'budget'>, ReturnsHost, JoinPaceServer {
  readonly limits: ServerLimits
  readonly host: LiveHost
  /** Those that pages of the application's own may hold, by name. */
  readonly views?: ReadonlyMap<string, LiveView>
  /** How long views that stand in no live session are kept, in ms. */
  readonly resumeWindow: number
  /** Whether a page with these scripts and styles is outdated. */
  staticChanged(urls: readonly string[]): boolean
  /** A page came whose tokens are not those of this server: the CSRF token, or those of its views. */
  stale?(what: 'csrf' | 'token'): void
  /** A limit was reached, on the way to `view` if that is known. */
  limitReached(limit: ConnectionLimit, context: ErrorContext): void
  /** What a development server shows over the page of a view that could not be joined. */
  showRefused?(view: string): WireEvent | undefined
}

/** The limits that a connection holds its client to. */
export type ConnectionLimit = Exclude<LimitName, 'idleTimeout'>

/** Ms in which the client of a connection that lives answers. */
const answersWithin = 2000
const emptyReply = '{}'

export class Connection implements SessionConnection, Holder {
  readonly #server: ConnectionServer
  readonly #peer: Peer
  readonly #admission: Admission
  readonly #channels: Channels
  readonly #joins: JoinPace
  readonly #unsent: Unsent
  readonly #returns: Returns
  /** Frames that wait while another connection is asked whether it is alive. */
  #suspended: (() => void)[] | undefined
  /** Those who wait to hear whether its client is there; made with the first. */
  #asked: Set<(alive: boolean) => void> | undefined
  /** It had no room for a view. */
  #refusedOne = false
  readonly #openedAt = clock()
  #closed = false
  #lastFrame: number
  readonly #intake: Intake

  constructor(server: ConnectionServer, peer: Peer, admission: Admission) {
    this.#server = server
    this.#peer = peer
    this.#admission = admission
    this.#returns = new Returns(server, admission, peer.endsSilently, this)
    this.#lastFrame = server.clock.now
    const { limits, budget, host } = server
    const { visitorId, joinsWith = visitorId } = admission
    this.#channels = new Channels(limits.maxUploadChannels)
    this.#joins = new JoinPace(server, joinsWith, () => this.#closed || this.#tooManyJoins('maxVisitorJoins'))
    this.#unsent = new Unsent(server, peer)
    const intake: IntakeHost = {
      limits,
      budget,
      now: () => host.now(),
      startTimer: host.startTimer,
      reached: (limit) => this.#tell(limit),
    }
    this.#intake = new Intake(intake, peer, () => this.#overdue())
    publish('connect', () => ({ trusted: admission.session !== undefined }))
  }

  /** What it was opened with; `undefined` when it is not trusted. */
  get session(): SessionData | undefined {
    return this.#admission.session
  }

  /** A text frame, as UTF-8. What the bytes stand in may be used again afterwards. */
  text(bytes: Uint8Array): void {
    if (this.#closed) return
    const frame = decodeText(bytes, this.#server.limits)
    if (typeof frame !== 'string') return this.#inTurn(frame, bytes.length)
    this.#tell(frame)
    this.#peer.close(1009, 'too large')
    this.closed(frame)
  }

  /** A frame was too large for the transport, which closes by itself. */
  tooLarge(): void {
    this.#tell('maxMessageSize')
    this.closed('maxMessageSize')
  }

  /** The transport has reached a limit of its own. */
  reached(limit: ConnectionLimit): void {
    this.#tell(limit)
  }

  binary(bytes: Uint8Array): void {
    if (this.#closed) return
    this.#inTurn(decodeBinary(bytes), bytes.length)
  }

  /** A piece of so many bytes has come, of frames that are whole or will be. Said before what is whole is handed over. */
  arriving(bytes: number): void {
    if (!this.#closed) this.#intake.arriving(bytes)
  }

  /** What is handed over next is whole: the transport keeps none of the pieces that came before. */
  arrived(): void {
    if (!this.#closed) this.#intake.arrived()
  }

  /** A frame of so many bytes has come whole that concerns the transport alone. It costs its time none the less. */
  control(bytes: number): void {
    if (!this.#closed) this.#intake.control(bytes)
  }

  /** So many bytes more are kept of frames that are not whole; less when it is negative, which is due until 0 are left. */
  begun(bytes: number): void {
    this.#intake.begun(bytes)
  }

  /** The client is there, though it sends no frame: a poll. */
  alive(): void {
    this.#lastFrame = this.#server.clock.now
  }

  /**
   * The transport is gone: everything on it ends. `limit`: what it has gone for. `lost`: nobody has closed it, and its page may come
   * back: its views are kept for a while.
   */
  closed(limit?: LimitName, lost = false, files: FilesAtEnd = lost || limit !== undefined ? 'leave' : 'drop'): void {
    if (this.#closed) return
    this.#closed = true
    this.#suspended = undefined
    this.#intake.end()
    this.#unsent.end()
    publish('disconnect', () => ({
      ...timeSince(this.#openedAt),
      views: this.#channels.viewCount,
      ...(limit && { limit }),
    }))
    if (lost) this.#returns.park(this.#channels.views(), (channel) => this.#leave(channel))
    for (const { session } of [...this.#channels.views()]) session.end(files)
    this.#channels.clear()
    // Nobody has to wait for its answer.
    for (const say of [...(this.#asked ?? [])]) say(false)
  }

  /** Tells the client to come back later, as a server that stops does. Never 1000, on which the client reloads the page. */
  goAway(reason = 'server is restarting'): void {
    // First: a transport that closes at once would have them kept.
    this.closed(undefined, false, 'leave')
    this.#peer.close(1012, reason)
  }

  /** Looks whether the client is still there, and reads. Called now and then. */
  check(): void {
    if (this.#closed) return
    const { clock, limits } = this.#server
    // What a paused client sends is not read: nobody can tell whether it is idle.
    if (this.#intake.paused) {
      this.alive()
      this.#peer.probe()
    }
    if (clock.now - this.#lastFrame > limits.idleTimeout) {
      this.#peer.close(1001, 'idle')
      this.closed('idleTimeout', true)
      return
    }
    const reached = this.#unsent.check()
    if (reached !== undefined) this.#cut(reached)
  }

  #cut(limit: ConnectionLimit): void {
    this.#tell(limit)
    this.#peer.terminate()
    this.closed(limit, true)
  }

  /** Views are told where one is meant; most limits are of the connection. */
  #tell(limit: ConnectionLimit, view?: string): void {
    this.#server.limitReached(limit, { stage: 'connection', view })
  }

  #send(text: string): void {
    if (this.#closed) return
    this.#peer.send(text)
    const reached = this.#unsent.sent()
    if (reached !== undefined) this.#cut(reached)
  }

  /** What it sent has waited for too long, and more would come. */
  #overdue(): void {
    this.#tell('pendingTimeout')
    this.#peer.close(1008, 'too much waits')
    this.closed('pendingTimeout')
  }

  #reply(frame: Frame, status: ReplyStatus, response: string, joinRef = frame.joinRef): void {
    this.#send(encodeReply(joinRef, frame.ref, frame.topic, status, response))
  }

  /** Tells the developer of what a page sent and nobody could read; in production nobody. */
  #warn(mistake: () => LiveError): void {
    this.#server.host.development?.warn(mistake())
  }

  #refuse(frame: Frame, reason: string, joinRef = frame.joinRef): void {
    this.#reply(frame, 'error', JSON.stringify({ reason }), joinRef)
  }

  #inTurn(frame: Frame | undefined, bytes: number): void {
    if (this.#suspended === undefined) return this.#receive(frame, bytes)
    this.hold(bytes)
    this.#suspended.push(() => {
      this.release(bytes)
      this.#receive(frame, bytes)
    })
  }

  /** `bytes`: of the frame as it came. */
  #receive(frame: Frame | undefined, bytes: number): void {
    this.alive()
    if (frame === undefined) {
      this.#warn(malformedFrame)
      this.#peer.close(1007, 'malformed frame')
      this.closed()
      return
    }
    try {
      this.#dispatch(frame, bytes)
    } catch (error) {
      // What callbacks throw ends their view; this is something beside them, a pubsub that fails, say.
      this.#server.host.report(error, { stage: 'connection' })
      this.#peer.close(1011, 'internal error')
      this.closed()
    }
  }

  #dispatch(frame: Frame, bytes: number): void {
    const channel = this.#channels.get(frame.topic)
    if (!isNextChunk(frame, channel)) {
      // Bytes that nothing reads cost nothing to read.
      this.#intake.frame(frame.payload instanceof Uint8Array ? 0 : bytes)
    }
    if (frame.event === channelEvents.join) this.#join(frame, channel)
    else if (channel !== undefined) this.#deliver(frame, channel, bytes)
    else if (frame.topic === heartbeatTopic && frame.event === channelEvents.heartbeat)
      this.#reply(frame, 'ok', emptyReply)
    else if (frame.event === channelEvents.leave) this.#reply(frame, 'ok', emptyReply)
    else this.#refuse(frame, 'unmatched topic', null)
  }

  #deliver(frame: Frame, channel: Channel, bytes: number): void {
    // A frame of a channel that was joined anew since: nobody waits for its answer.
    if (frame.joinRef !== null && frame.joinRef !== channel.joinRef) return
    const leaves = frame.event === channelEvents.leave
    if (channel.kind === 'view') {
      if (leaves) channel.session.leave(frame.ref)
      else channel.session.receive(frame.ref, frame.event, frame.payload, keptOf(frame.payload, bytes))
    } else if (leaves) {
      this.#channels.delete(frame.topic)
      channel.upload.leave(frame.ref)
    } else if (frame.event === chunkEvent && frame.payload instanceof Uint8Array) {
      this.hold(bytes)
      channel.upload.chunk(frame.ref, frame.payload, () => this.release(bytes))
    } else {
      this.#warn(() => unreadPush(frame.event, frame.payload))
      this.#refuse(frame, 'unknown message')
    }
  }

  #join(frame: Frame, existing: Channel | undefined): void {
    if (frame.topic.startsWith(uploadTopicPrefix)) this.#joinUpload(frame, existing)
    else if (!frame.topic.startsWith(viewTopicPrefix)) {
      this.#warn(() => unknownTopic(frame.topic))
      this.#refuse(frame, 'unmatched topic')
    } else if (!this.#joins.asked()) this.#tooManyJoins('maxJoins')
    else this.#joinView(frame, existing)
  }

  /** `asked`: whoever else has the view was asked whether it is alive. */
  #joinView(frame: Frame, existing: Channel | undefined, asked = false): void {
    const { limits } = this.#server
    const payload = readJoin(frame.payload, limits.maxJoinParams)
    if (payload === undefined) this.#warn(() => unreadPush(frame.event, frame.payload))
    const target = payload === undefined ? 'invalid join' : authorise(frame.topic, payload, this.#door())
    if (typeof target === 'string') return this.#refuse(frame, target)
    if (payload!.params === undefined) return this.#refuseParams(frame, target.name)
    if (existing === undefined && this.#channels.viewCount >= limits.maxTopics) {
      return this.#refuseView(frame, target)
    }
    const returns = this.#returns
    const claim = returns.claimOf(frame.topic, target)
    if (existing === undefined && payload!.mounts > 0) {
      const holder = returns.otherHolderOf(claim)
      if (holder !== undefined && !asked) return this.#takeOver(holder, frame)
      const found = returns.find(claim, target)
      if (found?.kind === 'left') {
        return this.#reply(frame, 'error', JSON.stringify({ ...found.answer, events: [] }))
      }
      if (found !== undefined) return this.#resume(frame, target, payload!, claim, found.session, asked)
    } else returns.drop(claim)
    this.#mount(frame, target, payload!, claim, existing)
  }

  #mount(frame: Frame, target: JoinTarget, payload: JoinPayload, claim: Claim, existing?: Channel): void {
    if (existing?.kind === 'view') {
      existing.session.end(payload.mounts > 0 ? 'leave' : 'drop')
      existing.outlet.close()
      // Even that may have been too much for a client that does not read.
      if (this.#closed) return
    }
    const outlet = this.#outletOf(frame, target.name)
    const { lostFiles, params, mounts } = payload
    const staticChanged = this.#staticChanged(payload)
    const adopted = this.#returns.findFirst(claim, target, mounts === 0 && existing === undefined)
    // A page that has come to another view by a link may still have what the view before had it keep.
    const sealed = target.params === undefined || mounts > 0 ? payload.stash : undefined
    const stash = { place: target.stashPlace, visitorId: this.#admission.visitorId, sealed }
    const uploadsOf = payload.httpUploads !== undefined ? this.#admission.visitorId : undefined
    const files = { uploadsOf, lostFiles, sending: payload.httpUploads, again: mounts > 0 }
    const downloadsOf = this.#admission.visitorId
    const facts = { ...target, connectParams: params!, staticChanged, adopted, stash, downloadsOf, ...files }
    const session = this.#createSession(frame.topic, facts, outlet)
    this.#enter(frame, outlet, session, claim)
    for (const child of adopted?.takeChildren() ?? []) this.#returns.keepChild(child, session, target.nonce)
    session.join(frame.ref)
  }

  #enter({ topic, joinRef }: Frame, outlet: ChannelOutlet, session: LiveSession, claim: Claim): void {
    this.#channels.addView({ kind: 'view', topic, joinRef, outlet, session, claim })
    this.#returns.hold(claim)
    this.#joins.joined()
  }

  #tooManyJoins(limit: 'maxJoins' | 'maxVisitorJoins'): void {
    this.#tell(limit)
    this.#peer.close(1008, 'too many joins')
    this.closed(limit)
  }

  #staticChanged({ trackedStatic }: JoinPayload): boolean {
    return trackedStatic.length > 0 && this.#server.staticChanged(trackedStatic)
  }

  // Views that are kept without their connection.

  /** The view goes on, and is what the join is answered with. */
  #resume(
    frame: Frame,
    target: JoinTarget,
    payload: JoinPayload,
    claim: Claim,
    session: LiveSession,
    takenOver: boolean,
  ): void {
    const outlet = this.#outletOf(frame, target.name)
    this.#enter(frame, outlet, session, claim)
    const resumed = session.resume({
      ref: frame.ref,
      url: target.url,
      outlet,
      connection: this,
      reason: takenOver ? 'takeover' : 'reconnect',
      filesBack: payload.filesBack,
      sending: payload.httpUploads ?? new Set(),
      connectParams: payload.params!,
      staticChanged: this.#staticChanged(payload),
      onResume: target.onResume,
    })
    const settled = (goesOn: boolean): void => {
      if (goesOn) return this.#returns.endWithin(session, (id) => session.places(id))
      const channel = this.#channels.get(frame.topic)
      // Its client has left, or has joined it anew.
      if (this.#closed || channel?.kind !== 'view' || channel.session !== session) return
      this.#leave(channel)
      this.#mount(frame, target, payload, claim)
    }
    if (typeof resumed === 'boolean') settled(resumed)
    else void resumed.then(settled)
  }

  #leave({ topic, claim }: ViewChannel): void {
    if (this.#channels.delete(topic)) this.#returns.letGo(claim)
  }

  /** Another connection has the view: one of a page that has only seemed to live, or of another page. What comes meanwhile waits. */
  #takeOver(holder: Holder, frame: Frame): void {
    this.#suspended = []
    holder.ask((alive) => {
      if (!alive) holder.lose()
      if (this.#closed) return
      const waiting = this.#suspended ?? []
      this.#suspended = undefined
      this.#joinView(frame, this.#channels.get(frame.topic), true)
      for (const next of waiting) if (!this.#closed) this.#resumeTurn(next)
    })
  }

  /** One of those that wait may have to ask as well. */
  #resumeTurn(next: () => void): void {
    if (this.#suspended === undefined) next()
    else this.#suspended.push(next)
  }

  /** Tells whether its client answers within a moment. */
  ask(tell: (alive: boolean) => void): void {
    const say = (alive: boolean): void => {
      if (this.#asked?.delete(say) !== true) return
      timer.cancel()
      tell(alive)
    }
    this.#asked ??= new Set()
    this.#asked.add(say)
    const timer = this.#server.host.startTimer(answersWithin, () => say(false))
    if (this.#closed) say(false)
    else this.#peer.ask(() => say(!this.#closed))
  }

  /** Its page has come on another connection. */
  lose(): void {
    if (this.#closed) return
    publish('takeover', () => ({ views: this.#channels.viewCount }))
    this.#peer.terminate()
    this.closed(undefined, true)
  }

  /** What decides who may join here. */
  #door(): Door {
    const { host, router, views = new Map(), stale } = this.#server
    const { basePath } = host
    return {
      signer: host.signer,
      router,
      views,
      basePath,
      stale: stale ?? (() => {}),
      visitor: this.#admission.session,
      sessionOf: (instanceId) => this.#channels.sessionOf(instanceId),
      hasSentAway: (instanceId) => this.#returns.hasSentAway(instanceId),
      resumeWindow: this.#server.resumeWindow,
    }
  }

  /** The page would try again and again, so it is shown the error page; `limit` is for who reads its console. */
  #refuseParams(frame: Frame, view: string): void {
    this.#tell('maxJoinParams', view)
    const status = 413
    const token = this.#server.host.signer.sign('reload', status)
    this.#reply(frame, 'error', JSON.stringify({ ...reloadReply(status, token), limit: 'maxJoinParams' }))
  }

  /**
   * There is no room for it. One inside another the page goes on without: after an error it would try twice more, and show nothing
   * of its own meanwhile. That there is none costs nothing, so it is no join that counts.
   */
  #refuseView(frame: Frame, { name, parent, sticky }: JoinTarget): void {
    this.#tell('maxTopics', name)
    if (parent === undefined && !sticky) return this.#refuse(frame, 'too many channels joined')
    this.#joins.takeBack()
    const shown = this.#refusedOne ? undefined : this.#server.showRefused?.(name)
    this.#refusedOne = true
    const outlet = this.#outletOf(frame)
    const id = frame.topic.slice(viewTopicPrefix.length)
    outlet.reply(frame.ref, 'ok', JSON.stringify(givenUpReply(id, shown)))
    outlet.close()
  }

  #createSession(
    topic: string,
    target: JoinTarget &
      Pick<
        SessionOptions,
        'connectParams' | 'staticChanged' | 'lostFiles' | 'sending' | 'again' | 'adopted' | 'stash' | 'downloadsOf'
      >,
    outlet: ChannelOutlet,
  ): LiveSession {
    return new LiveSession(
      {
        ...target,
        id: topic.slice(viewTopicPrefix.length),
        instanceId: randomText(12),
        host: this.#server.host,
      },
      outlet,
      this,
    )
  }

  // What its sessions ask for.

  hold(bytes: number): void {
    this.#intake.hold(bytes)
  }

  release(bytes: number): void {
    this.#intake.release(bytes)
  }

  csrfToken(): string {
    return createCsrfToken(this.#server.host.signer, this.#admission.csrfSecret)
  }

  get gone(): boolean {
    return this.#closed
  }

  /** A view of it handles something, or something waits for one. */
  get busy(): boolean {
    for (const { session } of this.#channels.views()) if (session.busy) return true
    return false
  }

  /** The views on it. */
  *sessions(): Iterable<LiveSession> {
    for (const { session } of this.#channels.views()) yield session
  }

  get sendingFiles(): number {
    let count = 0
    for (const { session } of this.#channels.views()) count += session.sendingFiles
    return count
  }

  patch(view: string, url: string): PatchTarget {
    return patchTarget(this.#server.router, view, url)
  }

  left(session: RunningView, answer: LeaveAnswer): void {
    for (const { session: own, claim } of this.#channels.views()) {
      if (own === session) this.#returns.sentAway(session, claim, answer)
    }
  }

  ended(session: RunningView, files: FilesAtEnd): void {
    for (const channel of this.#channels.of(session)) {
      if (channel.kind === 'view') this.#leave(channel)
      else this.#channels.delete(channel.topic)
    }
    // What was inside it ends with it.
    for (const { session: inner } of [...this.#channels.views()])
      if (inner.parent === session) inner.closeWithParent(files)
    this.#returns.endWithin(session)
  }

  // Uploads.

  #joinUpload(frame: Frame, existing: Channel | undefined): void {
    const { host } = this.#server
    this.#intake.uploadJoin()
    const { token } = frame.payload as { readonly token?: unknown }
    const grant = typeof token === 'string' ? host.signer.verify('upload', token, tokenMaxAge) : undefined
    if (grant === undefined) return this.#refuse(frame, 'invalid_token')
    if (existing?.kind === 'upload' && existing.upload.live) return this.#refuse(frame, 'already_registered')
    const [instanceId, configRef, entryUuid] = grant as [string, string, string]
    const outlet = this.#outletOf(frame)
    // A view that was mounted anew since may have the file still.
    const session = this.#channels.sessionOf(instanceId) ?? this.#channels.sessionWith(configRef, entryUuid)
    if (session === undefined) return this.#refuse(frame, 'disallowed')
    const upload = session.joinUpload(configRef, entryUuid, uploadOutlet(outlet))
    if (upload === 'left') {
      // An error would make the client clear the whole input; so it learns that the file is not wanted any more.
      outlet.reply(frame.ref, 'ok', emptyReply)
      outlet.close()
      return
    }
    if (typeof upload === 'string') return this.#refuse(frame, upload)
    const { topic, joinRef } = frame
    this.#channels.addFile({ kind: 'upload', topic, joinRef, outlet, upload, session })
    upload.open(frame.ref)
  }

  #outletOf({ topic, joinRef }: Frame, view?: string): ChannelOutlet {
    return new ChannelOutlet((text) => this.#send(text), topic, joinRef, view)
  }
}

/** Those have a pace of their own: the next one is sent when the last one is written. Whatever else is sent to an upload has none. */
function isNextChunk({ event, joinRef, payload }: Frame, channel: Channel | undefined): boolean {
  if (channel?.kind !== 'upload' || event !== chunkEvent || !(payload instanceof Uint8Array)) return false
  return (joinRef === null || joinRef === channel.joinRef) && channel.upload.awaits(payload.length)
}

/** Up to so many bytes a frame counts as if it held the worst that it could: finding out would cost more than it is worth. */
const small = 4096
/** Lists of empty objects take so many bytes of the heap for each of their text. */
const worst = 24
/** What waits with a payload: the message, and its place in line. */
const messageOverhead = 1024

/** What a frame of so many bytes keeps of the heap until it is handled. */
function keptOf(payload: unknown, bytes: number): number {
  return messageOverhead + (bytes <= small ? bytes * worst : weightOf(payload))
}

function uploadOutlet(outlet: ChannelOutlet): UploadOutlet {
  return {
    reply: (ref, status, response) => outlet.reply(ref, status, JSON.stringify(response)),
    close: () => outlet.close(),
    error: () => outlet.error(),
  }
}
