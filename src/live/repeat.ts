import { describe, LiveError } from '../errors.ts'
import type { OfPart } from '../telemetry/events.ts'
import { measuredCall } from '../telemetry/measure.ts'
import type { PartOwner, PartPlace } from './part-owner.ts'

/** The part that something is done for again and again. */
export interface RepeatingPart extends PartPlace {
  readonly owner: PartOwner
  readonly place: OfPart
  readonly ended: boolean
}

/** Calls `run` every `interval` ms in the part's turn, until it ends or what this gives back is called. */
export function repeat(part: RepeatingPart, run: () => void | Promise<void>, interval: number): () => void {
  if (typeof run !== 'function' || typeof interval !== 'number' || !(interval > 0 && interval < Infinity)) {
    const got = `${describe(run)} and ${describe(interval)}`
    throw new LiveError('ERR_VIEW', `repeat: expected a function and an interval in ms above 0, got ${got}`)
  }
  let timer: { cancel(): void } | undefined
  let stopped = false
  let waits = false
  const tick = (): void | Promise<void> => {
    waits = false
    if (!stopped && !part.ended) return measuredCall('timer', () => part.place, run)
  }
  const next = (): void => {
    if (stopped || part.ended) return
    timer = part.owner.startTimer(interval, () => {
      next()
      // What a slow view has not come to yet is not piled up before it.
      if (waits || stopped || part.ended) return
      waits = true
      part.owner.call('timer', tick, part)
    })
  }
  next()
  return () => {
    stopped = true
    timer?.cancel()
  }
}
