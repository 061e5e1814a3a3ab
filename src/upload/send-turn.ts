/** What whoever carries an entry's bytes asks for its turn. */
export interface SendTurn {
  /** Whether it may be sent now. */
  readonly hasTurn: boolean
  /** Waits for it, so many ms at most; false when it has not come by then, or nobody waits any more. @default no end */
  comes(ms?: number): Promise<boolean>
  /** Nobody waits any more, for now. */
  giveUp(): void
}
