import type { WireEvent } from '../protocol/keys.ts'
import type { FlashState } from './flash.ts'
import type { HeadOptions } from './head.ts'
import type { Navigation } from './navigation.ts'

/** What the callbacks of one view and its components ask of the page beside a render, until it is sent. */
export class Effects {
  readonly flash: FlashState
  /** To be sent with the next message. */
  title: string | undefined
  /** What the view has said for the head of its document, all of it. */
  head: HeadOptions | undefined
  navigation: Navigation | undefined
  /** Somebody waits for an answer to the event that is handled. */
  answers = false
  /** The answer to the event that is handled. */
  reply: Readonly<Record<string, unknown>> | undefined
  #viewEvents: WireEvent[] | undefined
  #componentEvents: WireEvent[] | undefined

  constructor(flash: FlashState) {
    this.flash = flash
  }

  get waiting(): boolean {
    return this.forMessage || this.navigation !== undefined
  }

  /** There is something that goes along with a diff. */
  get forMessage(): boolean {
    return this.#hasEvents || this.title !== undefined
  }

  /** How many events wait. */
  get events(): number {
    return (this.#viewEvents?.length ?? 0) + (this.#componentEvents?.length ?? 0)
  }

  get #hasEvents(): boolean {
    return this.#viewEvents !== undefined || this.#componentEvents !== undefined
  }

  push(event: WireEvent, ofView: boolean): void {
    if (ofView) (this.#viewEvents ??= []).push(event)
    else (this.#componentEvents ??= []).push(event)
  }

  /** The events to send: the view's before those of its components. */
  takeEvents(): readonly WireEvent[] | undefined {
    if (!this.#hasEvents) return undefined
    const events = [...(this.#viewEvents ?? []), ...(this.#componentEvents ?? [])]
    this.#viewEvents = this.#componentEvents = undefined
    return events
  }

  takeTitle(): string | undefined {
    const { title } = this
    this.title = undefined
    return title
  }

  takeReply(): Readonly<Record<string, unknown>> | undefined {
    const { reply } = this
    this.reply = undefined
    return reply
  }

  takeNavigation(): Navigation | undefined {
    const { navigation } = this
    this.navigation = undefined
    return navigation
  }
}
