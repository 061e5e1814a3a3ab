/** The body of a form with files, held to a size and a pace while it comes. */
import type { Timer } from '../time/timer.ts'
import { inTime } from '../time/in-time.ts'

/** The form is not taken, for what its sender did; `status` says what. */
export class FormRefusal extends Error {
  readonly status: number

  constructor(status: number) {
    super(`the form was refused: ${status}`)
    this.status = status
  }
}

export interface BodyPace {
  /** Bytes of the whole, as far as is known by now. */
  most(): number
  /** Milliseconds of a clock that only goes forward. */
  now(): number
  readonly startTimer: (ms: number, fire: () => void) => Timer
}

/** Whoever sends less than this in such a time is waited for no longer: bytes, and ms. */
const leastBytes = 16 * 1024
const leastTime = 30_000

/**
 * Only the time in which it is waited for counts: whoever reads it may be slow.
 *
 * @throws {FormRefusal} 413 past its size, 408 when it comes too slowly, 400 when it breaks off.
 */
export async function* pacedBody(body: AsyncIterable<Uint8Array>, pace: BodyPace): AsyncGenerator<Uint8Array, void> {
  const iterator = body[Symbol.asyncIterator]()
  let total = 0
  let [since, waited] = [0, 0]
  try {
    for (;;) {
      const began = pace.now()
      const { done, value } = await inTime(
        iterator.next().catch(brokenOff),
        Math.max(0, leastTime - waited),
        (ms, fire) => pace.startTimer(ms, fire),
        () => new FormRefusal(408),
      )
      if (done === true) return
      waited += pace.now() - began
      total += value.length
      since += value.length
      if (total > pace.most()) throw new FormRefusal(413)
      if (since >= leastBytes) [since, waited] = [0, 0]
      yield value
    }
  } finally {
    // One that waits for more would not end before that comes.
    iterator.return?.().catch(() => {})
  }
}

function brokenOff(): never {
  throw new FormRefusal(400)
}
