/** What a process says of itself. */
import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'

export interface Figures {
  /** Of the user's and the system's side, so far. */
  readonly cpuSeconds: number
  /** Resident memory, and the most that it was so far, in bytes. */
  readonly memory: number
  readonly peak: number
  /** What the program holds of its heap and beside it, in bytes. */
  readonly held: number
  /** How long the event loop stood still at the longest since this was asked last, in ms. */
  readonly stoodStill: number
}

const resolution = 20
const delay = monitorEventLoopDelay({ resolution })
delay.enable()

export const figures = {
  figures(): Figures {
    const { user, system } = process.cpuUsage()
    const { rss, heapUsed, external } = process.memoryUsage()
    const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))![1]) * 1024
    const stoodStill = Math.max(0, delay.max / 1e6 - resolution)
    delay.reset()
    return { cpuSeconds: (user + system) / 1e6, memory: rss, peak, held: heapUsed + external, stoodStill }
  },
  /** Throws away what is not needed any more: what closes a socket runs between two collections, and frees more. */
  async collect(): Promise<void> {
    for (let round = 0; round < 6; round++) {
      globalThis.gc?.()
      await pause(250)
    }
    delay.reset()
  },
}
