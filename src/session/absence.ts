/**
 * A view without its page: the connection is lost, and the view is kept as it is. Its mailbox goes on, and nothing is rendered. The page
 * that comes back goes before all that waits.
 */
import type { Stage } from '../live/host.ts'
import type { Part } from '../live/part.ts'
import type { PartPlace } from '../live/part-owner.ts'
import { runSteps } from '../live/steps.ts'
import { type Fields, measured, publish } from '../telemetry/measure.ts'
import type { Timer } from '../time/timer.ts'
import type { Delivered, Delivery } from './delivery.ts'
import { createGate, type Gate } from './gate.ts'
import type { LateAnswers } from './late-answers.ts'
import type { Mailbox } from './mailbox.ts'
import type { Message } from './message.ts'
import type { NestedViews } from './nested-views.ts'
import type { SessionConnection } from './options.ts'
import type { PageFiles } from './page-files.ts'
import { type ResumeRequest, Resumption } from './resumption.ts'
import type { Ties } from './ties.ts'

/** Ms that a page may wait for its parked view; then it gets a new one. The client gives up at 10 s. */
const resumeWithin = 5000

/** The parts of the session that is parked. */
interface Parked extends Delivered {
  readonly delivery: Delivery
  readonly files: PageFiles
  readonly mailbox: Mailbox<Message>
  readonly lateAnswers: LateAnswers
  readonly ties: Ties
  nested(): NestedViews | undefined
  /** Runs something in the order of the view's messages. */
  call(stage: Stage, run: () => void | Promise<void>, of?: PartPlace): void
  /** The page has the view again. */
  resumed(): void
}

export class Absence {
  readonly #of: Parked
  /** The join that waits for the view. */
  #request: ResumeRequest | undefined
  /** Resolves when the steps of a resume that were begun are through. */
  #running: Promise<void> | undefined
  #end: Gate | undefined

  constructor(of: Parked) {
    this.#of = of
  }

  /** `connection` sees to the view meanwhile. False when it is not there yet, or could not be shown again from what it holds. */
  begin(connection: SessionConnection): boolean {
    const { course, lifeline, mailbox, lateAnswers, files, page, delivery, session } = this.#of
    if (this.#request !== undefined) {
      // The page is lost once more before it had its answer.
      this.#request = undefined
      course.phase = 'parked'
      this.#move(connection)
      mailbox.free()
      return true
    }
    if (course.phase !== 'joined') return false
    for (const part of files.parts()) if (!part.canResume) return false
    course.phase = 'parked'
    this.#move(connection)
    lateAnswers.stand()
    for (const { uploads } of files.parts()) uploads?.interrupt()
    // The page is told all of it when it comes back.
    if (!delivery.isRendering) page.forget()
    for (const part of files.parts()) if (part.handlesPark) this.#tell(part)
    publish('park', () => ({ ...session.place, unsure: lifeline.unsure }))
    return true
  }

  /** What waits is held against `to` from now on. */
  #move(to: SessionConnection): void {
    const { lifeline } = this.#of
    this.#hold(lifeline.connection, to)
    lifeline.cut(to)
  }

  #hold(from: SessionConnection, to: SessionConnection): void {
    for (const { size } of this.#of.mailbox.all()) {
      if (size === 0) continue
      from.release(size)
      to.hold(size)
    }
  }

  #tell(part: Part): void {
    const { lifeline, call } = this.#of
    call('park', () => (lifeline.isCut ? part.handlePark() : undefined), part)
  }

  /** The page is back. False when the view cannot go on, and has ended. */
  end(request: ResumeRequest): boolean | Promise<boolean> {
    const { mailbox, ties, session, lifeline } = this.#of
    const { connection } = lifeline
    const deadline = ties.startTimer(resumeWithin, () => {
      if (this.#request === request) session.end('leave')
    })
    this.#request = request
    mailbox.hold()
    const work = this.#resumeWhenFree(request)
    if (typeof work === 'boolean') return this.#settle(work, request, deadline, connection)
    return work.then((resumed) => this.#settle(resumed, request, deadline, connection))
  }

  /** The view has ended. */
  over(): void {
    this.#end?.open()
  }

  #resumeWhenFree(request: ResumeRequest): boolean | Promise<boolean> {
    const { delivery } = this.#of
    // What is rendered, or answered to a page that is lost again, has to be through.
    const before = delivery.isRendering ? delivery.rendered() : this.#running
    if (before === undefined) return this.#resume(request)
    return Promise.race([before, this.#ended()]).then(() => this.#resumeWhenFree(request))
  }

  #resume(request: ResumeRequest): boolean | Promise<boolean> {
    const { course, delivery, files, nested, session } = this.#of
    const isCurrent = (): boolean => this.#request === request
    if (course.hasEnded()) return false
    if (!isCurrent()) return true
    const fields = (): Fields<'resume'> => ({ ...session.place, reason: request.reason })
    const steps = new Resumption(this.#of, delivery, files, nested).steps(request, isCurrent)
    try {
      const work = runSteps(measured('resume', fields, steps), () => course.hasEnded())
      if (typeof work !== 'object') return work ?? false
      const settled = work.then(
        (resumed) => resumed ?? false,
        (error: unknown) => this.#failed(error),
      )
      this.#running = settled.then(() => void (this.#running = undefined))
      return Promise.race([settled, this.#ended().then(() => false)])
    } catch (error) {
      return this.#failed(error)
    }
  }

  #failed(error: unknown): boolean {
    const { options } = this.#of
    options.host.report(error, { stage: 'resume', view: options.name })
    return false
  }

  /** `before`: what has seen to the view. */
  #settle(resumed: boolean, request: ResumeRequest, deadline: Timer, before: SessionConnection): boolean {
    const { course, session, mailbox, lateAnswers } = this.#of
    deadline.cancel()
    const isCurrent = this.#request === request
    if (isCurrent) this.#request = undefined
    // A page that is lost again is answered by nobody; one that was sent elsewhere has its answer.
    if (resumed && (!isCurrent || course.hasEnded())) return true
    if (!resumed) {
      // What has come since then would never be answered.
      for (const { ref, answered } of mailbox.all())
        if (ref !== null && !answered) request.outlet.reply(ref, 'ok', '{}')
      session.end('leave')
      return false
    }
    this.#hold(before, request.connection)
    mailbox.free()
    lateAnswers.watch()
    this.#of.resumed()
    return true
  }

  /** Resolves when the view ends. */
  #ended(): Promise<void> {
    this.#end ??= createGate()
    return this.#end.opened
  }
}
