/** What is different from engine to engine; `engine.ts` has what is not. */
import type { Timer } from '../time/timer.ts'

/** Carries payloads between processes, by topic. Knows nothing of what is in them. */
export interface EngineDriver {
  /** The engine's name in messages: `Redis`. */
  readonly name: string
  /** What the engine takes in one payload, in bytes as UTF-8. It may learn of that only when it is connected. */
  maxPayload(): number
  /** Called once, before all else. Until it is told that the engine can be reached, or cannot, what is published waits. */
  start(events: EngineEvents): void
  /**
   * Resolves when the engine has the payload. Rejects when it may not have it: then either the engine has {@link refused} it, or it may be
   * tried again. Payloads of one topic are never under way together.
   */
  send(topic: string, payload: string): Promise<void>
  /** Resolves when the payloads of these topics come. Called while it hears alone; a topic may be given again after that was interrupted. */
  subscribe(topics: readonly string[]): Promise<void>
  unsubscribe(topics: readonly string[]): Promise<void>
  /** Whether an error is the engine's answer: trying again is of no use. */
  refused(error: unknown): boolean
  startTimer(ms: number, fire: () => void): Timer
  /** Called once, last. Ends what the driver made itself; a client of the application's stays open. */
  close(): Promise<void>
}

/** What a driver tells. */
export interface EngineEvents {
  /** A payload came: one of ours, or whatever else somebody has sent there. */
  receive(payload: string): void
  /** Whether what is sent now can reach the engine. */
  sends(able: boolean): void
  /** Whether the engine hears what is subscribed; `false` interrupts all subscriptions. */
  hears(able: boolean): void
  /** Something went wrong that is told nowhere else. */
  failed(error: unknown): void
}
