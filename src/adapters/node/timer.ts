/** What `setTimeout` takes; of more it makes one ms. */
const longest = 2 ** 31 - 1

/** A timer of any length, which does not keep the process alive. */
export function startTimer(ms: number, fire: () => void): { cancel(): void } {
  let timer: NodeJS.Timeout
  const wait = (left: number): void => {
    timer = left > longest ? setTimeout(() => wait(left - longest), longest) : setTimeout(fire, left)
    // What waits must not keep a process alive whose server is closed.
    timer.unref()
  }
  wait(ms)
  return { cancel: () => clearTimeout(timer) }
}
