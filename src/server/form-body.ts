/** The body of a form with files, held to a size and a pace while it comes. */
import type { Timer } from '../upload/channel.ts'

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
  startTimer(ms: number, fire: () => void): Timer
}

/** Whoever sends less than this in such a time is waited for no longer: bytes, and ms. */
const leastBytes = 16 * 1024
const leastTime = 30_000

/** @throws {FormRefusal} 413 past its size, 408 when it comes too slowly, 400 when it breaks off. */
export async function* pacedBody(body: AsyncIterable<Uint8Array>, pace: BodyPace): AsyncGenerator<Uint8Array, void> {
  const iterator = body[Symbol.asyncIterator]()
  let late = (): void => {}
  const tooLate = new Promise<never>((_, reject) => {
    late = () => reject(new FormRefusal(408))
  })
  tooLate.catch(() => {})
  let timer = pace.startTimer(leastTime, late)
  let [total, since] = [0, 0]
  try {
    for (;;) {
      const next = iterator.next()
      // Behind the time nobody asks what came of it.
      next.catch(() => {})
      const { done, value } = await Promise.race([next.catch(brokenOff), tooLate])
      if (done === true) return
      total += value.length
      since += value.length
      if (total > pace.most()) throw new FormRefusal(413)
      if (since >= leastBytes) {
        since = 0
        timer.cancel()
        timer = pace.startTimer(leastTime, late)
      }
      yield value
    }
  } finally {
    timer.cancel()
    await iterator.return?.()
  }
}

function brokenOff(): never {
  throw new FormRefusal(400)
}
