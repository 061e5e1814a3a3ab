import type { Timer } from '../time/timer.ts'
import type { LiveHost } from '../live/host.ts'
import type { Mailbox } from './mailbox.ts'
import type { Message } from './message.ts'

/** Ms. A push that is not answered by then is answered with nothing; the client reloads the page at 30 s. */
export const answerWithin = 20_000

/** Sees to it that what waits behind a slow handler is answered before the client gives up. */
export class LateAnswers {
  readonly #host: Pick<LiveHost, 'now' | 'startTimer'>
  readonly #mailbox: Mailbox<Message>
  readonly #answer: (message: Message) => void
  #timer: Timer | undefined

  /** `answer` is called with each push that has waited too long. */
  constructor(
    host: Pick<LiveHost, 'now' | 'startTimer'>,
    mailbox: Mailbox<Message>,
    answer: (message: Message) => void,
  ) {
    this.#host = host
    this.#mailbox = mailbox
    this.#answer = answer
  }

  /** Something waits now. */
  watch(): void {
    if (this.#timer !== undefined) return
    const oldest = this.#unanswered().next().value
    if (oldest === undefined) return
    const wait = Math.max(0, oldest.at + answerWithin - this.#host.now())
    this.#timer = this.#host.startTimer(wait, () => {
      this.#timer = undefined
      for (const message of [...this.#unanswered()])
        if (message.at + answerWithin <= this.#host.now()) this.#answer(message)
      this.watch()
    })
  }

  /** The page is not there to wait: until {@link watch} nothing is answered for its sake. */
  stand(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  *#unanswered(): Generator<Message, undefined> {
    const { running, waiting } = this.#mailbox
    if (running !== undefined && isOwed(running)) yield running
    for (const message of waiting) if (isOwed(message)) yield message
    return undefined
  }
}

function isOwed({ ref, answered, kind }: Message): boolean {
  return ref !== null && !answered && kind !== 'join'
}
