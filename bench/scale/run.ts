/**
 * What thousands of users ask of a process or of three: each part beside a control without us, in turns, and each figure is the median of its
 * rounds. All shares one machine, clients and engine included: what is said of time is said of that.
 *
 *     npm run bench:scale -- [--only crowd,fanout,storm,presence] [--rounds 3] [--share 0.1]
 */
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { type Line, toTable } from '../table.ts'
import { stopAll } from './asks.ts'
import { measureCrowd } from './crowd.ts'
import { measureFanout } from './fanout.ts'
import { measurePresence } from './presence.ts'
import type { Settings } from './rounds.ts'
import { measureStorm } from './storm.ts'

const parts: Readonly<Record<string, (settings: Settings) => Promise<readonly Line[]>>> = {
  crowd: measureCrowd,
  fanout: measureFanout,
  storm: measureStorm,
  presence: measurePresence,
}
/** A process of these has so many sockets, and some files. */
const mostSockets = 12_500

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    share: { type: 'string', default: '1' },
  },
})
const settings: Settings = { rounds: Number(values.rounds), share: Number(values.share) }
const chosen = values.only?.split(',') ?? Object.keys(parts)
if (!chosen.every((name) => name in parts) || !(settings.rounds >= 1) || !(settings.share > 0)) {
  console.error(`--only takes ${Object.keys(parts).join(', ')}; --rounds 1 or more; --share more than 0`)
  process.exit(1)
}
process.once('exit', stopAll)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const openFiles = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1] ?? Infinity)
if (openFiles < mostSockets * settings.share) {
  console.error(`a process may have ${openFiles} files open, and ${mostSockets * settings.share} are needed: ulimit -n`)
  process.exit(1)
}
console.log(`${availableParallelism()} cores of ${cpus()[0]!.model}; Node ${process.version}; ${openFiles} open files`)
for (const name of chosen) {
  const before = loadavg()[0]!
  const lines = await parts[name]!(settings)
  console.log(`\n${name}: load of the machine ${before.toFixed(1)} before, ${loadavg()[0]!.toFixed(1)} behind\n`)
  console.log(toTable(lines))
}
process.exit(0)
