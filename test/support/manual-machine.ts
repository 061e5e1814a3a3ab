import type { ServerHost } from '../../src/server/server-host.ts'
import type { ManualTime } from './manual-time.ts'

export const secret: string = 's'.repeat(32)

/** A machine for the server of one test: it has the test's time, and throws what is reported. */
export function manualMachine(time: ManualTime, changes: Partial<ServerHost> = {}): ServerHost {
  return {
    development: false,
    secret,
    files: { resolve: (dest) => dest, append: () => Promise.resolve() },
    openWriter: () => Promise.reject(new Error('no upload here')),
    client: { script: '', hash: 'x' },
    now: () => time.now,
    wallClock: () => time.now,
    nextTurn: (run) => void setImmediate(run),
    startTimer: time.startTimer,
    report(error) {
      throw error
    },
    ...changes,
  }
}
