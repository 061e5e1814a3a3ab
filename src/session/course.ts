import type { Stage } from '../live/host.ts'

/** Where a session is in its life, and which of its callbacks runs. */
export class Course {
  /** `parked`: its connection is lost, and the page may come back. */
  phase: 'joining' | 'joined' | 'parked' | 'ended' = 'joining'
  stage: Stage = 'mount'
  readonly atStage = (stage: Stage): void => void (this.stage = stage)

  /** A method, since any call of user code may have ended the view. */
  hasEnded(): boolean {
    return this.phase === 'ended'
  }
}
