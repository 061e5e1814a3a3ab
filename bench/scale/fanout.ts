/** One message to ten thousand views over three processes and an engine, again and again: the next when all have it. */
import { type EngineName, EngineProcess, hasEngine } from '../../test/support/engines.ts'
import { type Line, percentile } from '../table.ts'
import type { Answers } from './app.ts'
import { Program } from './asks.ts'
import { Clients } from './clients.ts'
import { now } from './clock.ts'
import { type Figures, inRounds, type Settings, type Side } from './rounds.ts'

const views = 10_000
const processes = 3
const warmUp = 10
const ms = 15_000
/** Of a message, its moment included. */
const bytes = 100

export async function measureFanout(settings: Settings): Promise<readonly Line[]> {
  const lines: Line[] = []
  const count = Math.round(views * settings.share)
  for (const engine of ['redis', 'nats'] as const) {
    if (!hasEngine(engine)) process.stderr.write(`fanout: ${engine} is not installed\n`)
    else {
      const title = `one message to ${count} views, ${processes} processes, ${engine}`
      lines.push(...(await inRounds(title, settings, (side) => runOnce(side, engine, count))))
    }
  }
  return lines
}

async function runOnce(side: Side, name: EngineName, count: number): Promise<Figures> {
  const engine = await EngineProcess.start(name)
  const env = { ENGINE: name, ENGINE_PORT: String(engine.port) }
  const file = side === 'ours' ? 'app' : 'control'
  const servers = await Promise.all(Array.from({ length: processes }, () => Program.start<Answers>(file, env)))
  const urls = await Promise.all(servers.map(async (server) => `${await server.ask('url')}/news`))
  const clients = await Clients.start()
  await clients.open(urls, count)
  const publish = async (times: number): Promise<readonly number[]> => {
    const stamp = now().toFixed(3)
    const heard = clients.heard(stamp)
    await servers[times % processes]!.ask('publish', `${stamp} `.padEnd(bytes, 'x'))
    return heard
  }
  for (let times = 0; times < warmUp; times++) await publish(times)
  const cpu = async (): Promise<number> =>
    (await Promise.all(servers.map((server) => server.ask('figures')))).reduce(
      (sum, { cpuSeconds }) => sum + cpuSeconds,
      0,
    )
  const from = await cpu()
  const begun = now()
  const last: number[] = []
  const all: number[] = []
  while (now() - begun < ms) {
    const times = await publish(last.length)
    last.push(percentile(times, 1))
    all.push(...times)
  }
  const seconds = (now() - begun) / 1000
  const cpuSeconds = (await cpu()) - from
  await clients.end()
  await Promise.all(servers.map((server) => server.end('SIGKILL')))
  await engine.stop()
  return new Map([
    ['until a client has it, p50, ms', percentile(all, 0.5)],
    ['until a client has it, p99, ms', percentile(all, 0.99)],
    ['until the last has it, median, ms', percentile(last, 0.5)],
    ['until the last has it, longest, ms', percentile(last, 1)],
    ['messages/s', last.length / seconds],
    ['diffs/s', all.length / seconds],
    ['CPU of the servers per diff, µs', (cpuSeconds / all.length) * 1e6],
  ])
}
