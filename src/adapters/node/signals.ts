/** Signals that ask a process to leave. */

/**
 * Signals that come within so many ms are one. A terminal and a supervisor send theirs to all processes of a group, and what started this
 * one (tsx, a watcher) hands its own on.
 */
const sameSignal = 500

/**
 * Has `leave` called with the first, and leaves the process behind it. `again`: called with a second one, before the process ends at once.
 * The returned function has no more looked for, unless one came.
 */
export function leaveOnSignals(
  leave: (signal: NodeJS.Signals) => Promise<void>,
  again: (signal: NodeJS.Signals) => void = () => {},
): () => void {
  let signalledAt: number | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signalledAt !== undefined) {
      if (performance.now() - signalledAt <= sameSignal) return
      again(signal)
      process.exit(1)
    }
    signalledAt = performance.now()
    leave(signal).then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${signal}: ${String(error)}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return () => {
    if (signalledAt !== undefined) return
    process.removeListener('SIGTERM', onSignal)
    process.removeListener('SIGINT', onSignal)
  }
}
