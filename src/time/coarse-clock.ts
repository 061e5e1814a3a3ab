/** In ms, and set anew now and then: how long ago something was is told by its difference, at no cost. */
export interface CoarseClock {
  readonly now: number
}
