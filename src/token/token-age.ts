/**
 * How far in the future a token may be dated, in ms: a day. Processes whose clocks differ accept one another's tokens, and a clock
 * that is set back logs nobody out; but what was signed by a clock that is years ahead does not live for years.
 */
const mostAhead = 24 * 60 * 60 * 1000

/** Whether something of that age, in ms, still counts. */
export function isCurrent(age: number, maxAge: number): boolean {
  return age <= maxAge && age >= -mostAhead
}
