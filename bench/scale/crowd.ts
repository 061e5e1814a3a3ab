/** Ten thousand pages that only stand there and two thousand that click once a second, on one process. */
import { type Line, percentile } from '../table.ts'
import type { Answers } from './app.ts'
import { Program } from './asks.ts'
import { Clients } from './clients.ts'
import type { Figures as ProcessFigures } from './figures.ts'
import { type Figures, inRounds, type Settings, type Side } from './rounds.ts'

const idle = 10_000
const active = 2000
const warmUp = 200
const ms = 20_000

export function measureCrowd(settings: Settings): Promise<readonly Line[]> {
  const of = (count: number): number => Math.round(count * settings.share)
  const title = `${of(idle)} pages idle, ${of(active)} click once a second`
  return inRounds(title, settings, (side) => runOnce(side, of(idle + active), of(active)))
}

async function runOnce(side: Side, pages: number, clicking: number): Promise<Figures> {
  const server = await Program.start<Answers>(side === 'ours' ? 'app' : 'control')
  const url = `${await server.ask('url')}/counter`
  const first = await Clients.start()
  await first.open([url], warmUp)
  await first.click(warmUp, 3000)
  await first.close()
  await first.end()
  const look = async (): Promise<ProcessFigures> => {
    await server.ask('collect')
    return server.ask('figures')
  }
  const before = await look()
  const clients = await Clients.start()
  const opening = await clients.open([url], pages)
  const standing = await look()
  const clientsFrom = await clients.cpuSeconds()
  const latencies = await clients.click(clicking, ms)
  const { cpuSeconds, peak, stoodStill } = await server.ask('figures')
  const clientsCpu = (await clients.cpuSeconds()) - clientsFrom
  const clicked = await look()
  await clients.close()
  const after = await look()
  await clients.end()
  await server.end('SIGTERM')
  return new Map([
    ['pages opened a second', pages / (opening / 1000)],
    ['memory per page, kB', (standing.memory - before.memory) / pages / 1000],
    ['of it what is held, kB', (standing.held - before.held) / pages / 1000],
    ['held per page when some have clicked, kB', (clicked.held - before.held) / pages / 1000],
    ['held when all have gone, MB more than before', (after.held - before.held) / 1e6],
    ['most memory of the process, MB', peak / 1e6],
    ['events/s', latencies.length / (ms / 1000)],
    ['event until diff, p50, ms', percentile(latencies, 0.5)],
    ['event until diff, p99, ms', percentile(latencies, 0.99)],
    ['event until diff, longest, ms', percentile(latencies, 1)],
    ['event loop stood still, longest, ms', stoodStill],
    ['server CPU, % of a core', ((cpuSeconds - standing.cpuSeconds) / (ms / 1000)) * 100],
    ['server CPU per event, heartbeats beside, µs', ((cpuSeconds - standing.cpuSeconds) / latencies.length) * 1e6],
    ['clients CPU, % of a core', (clientsCpu / (ms / 1000)) * 100],
  ])
}
