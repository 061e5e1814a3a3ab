/** What is joined on one connection: views, and files that have channels of their own. */
import type { LiveSession } from '../session/session.ts'
import type { UploadChannel } from '../upload/channel.ts'
import type { ChannelOutlet } from './channel-outlet.ts'
import type { Claim } from './parked-page.ts'

interface Joined {
  readonly topic: string
  readonly joinRef: string | null
  readonly outlet: ChannelOutlet
  /** The view, or the one that a file is for. */
  readonly session: LiveSession
}

export interface ViewChannel extends Joined {
  readonly kind: 'view'
  readonly claim: Claim
}

export interface FileChannel extends Joined {
  readonly kind: 'upload'
  readonly upload: UploadChannel
}

export type Channel = ViewChannel | FileChannel

export class Channels {
  readonly #all = new Map<string, Channel>()
  readonly #mostUploads: number
  #views = 0

  constructor(mostUploads: number) {
    this.#mostUploads = mostUploads
  }

  /** How many views there are. */
  get viewCount(): number {
    return this.#views
  }

  get(topic: string): Channel | undefined {
    return this.#all.get(topic)
  }

  /** Nothing is joined there. */
  addView(channel: ViewChannel): void {
    this.#all.set(channel.topic, channel)
    this.#views++
  }

  /** An ended one may be there. */
  addFile(channel: FileChannel): void {
    this.#forgetEnded()
    this.#all.set(channel.topic, channel)
  }

  /** False when nothing is joined there. */
  delete(topic: string): boolean {
    if (this.#all.get(topic)?.kind === 'view') this.#views--
    return this.#all.delete(topic)
  }

  clear(): void {
    this.#all.clear()
    this.#views = 0
  }

  /** They may be deleted on the way. */
  *views(): IterableIterator<ViewChannel> {
    for (const channel of this.#all.values()) if (channel.kind === 'view') yield channel
  }

  /** That of a view, and those of files for it. */
  *of(session: unknown): IterableIterator<Channel> {
    for (const channel of this.#all.values()) if (channel.session === session) yield channel
  }

  sessionOf(instanceId: string): LiveSession | undefined {
    for (const { session } of this.views()) if (session.instanceId === instanceId) return session
    return undefined
  }

  sessionWith(configRef: string, entryUuid: string): LiveSession | undefined {
    for (const { session } of this.views()) if (session.hasFile(configRef, entryUuid)) return session
    return undefined
  }

  /** Ended channels are kept for a while, so that frames still on their way to them are dropped and not answered. */
  #forgetEnded(): void {
    if (this.#all.size < this.#mostUploads * 2) return
    for (const [topic, channel] of this.#all) {
      if (channel.kind === 'upload' && !channel.upload.live) this.#all.delete(topic)
    }
  }
}
