/** Lets the runner ask a server for its live memory: collects garbage until that frees nothing more, then answers. */
import { setTimeout as pause } from 'node:timers/promises'

const rounds = 6
const betweenMs = 250

async function collect(): Promise<void> {
  // What closes a socket or finishes a write runs between two collections, and frees more.
  for (let round = 0; round < rounds; round++) {
    globalThis.gc?.()
    await pause(betweenMs)
  }
  const { heapUsed, external } = process.memoryUsage()
  process.send!(heapUsed + external)
}

if (process.send !== undefined) {
  process.on('message', (message) => {
    if (message === 'collect') void collect()
  })
}
