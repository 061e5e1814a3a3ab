/** Five thousand pages whose process goes, and that all come back at once: as the official client does, in step. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { type Line, percentile } from '../table.ts'
import type { Answers } from './app.ts'
import { Program } from './asks.ts'
import { Clients } from './clients.ts'
import { now } from './clock.ts'
import { type Figures, inRounds, type Settings, type Side } from './rounds.ts'

const pages = 5000
/** The official client gives up a join after that, and joins once more. */
const patience = 10_000
const drainOver = 20_000

export async function measureStorm(settings: Settings): Promise<readonly Line[]> {
  const count = Math.round(pages * settings.share)
  return [
    ...(await inRounds(`${count} pages, the process is killed and started anew`, settings, (side) =>
      killed(side, count),
    )),
    ...(await inRounds(`${count} pages, SIGTERM and started anew`, settings, (side) => killed(side, count, 'SIGTERM'))),
    ...(await inRounds(`${count} pages drained over ${drainOver / 1000} s to another process`, settings, (side) =>
      side === 'ours' ? drained(count) : Promise.resolve(new Map()),
    )),
  ]
}

async function killed(side: Side, count: number, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<Figures> {
  const file = side === 'ours' ? 'app' : 'control'
  const env = { PORT: String(await freePort()) }
  const before = await Program.start<Answers>(file, env)
  const url = `${await before.ask('url')}/counter`
  const clients = await Clients.start()
  await clients.open([url], count)
  await clients.comeBackTo(url)
  const [killedAt, droppedFrom] = [now(), dropped()]
  await before.end(signal)
  const server = await Program.start<Answers>(file, env)
  const thereAt = now()
  const figures = await comeBackFigures(clients, server, count, killedAt)
  return new Map([
    ['until the process is there again, s', (thereAt - killedAt) / 1000],
    ...figures,
    ['connections that the system dropped meanwhile', dropped() - droppedFrom],
  ])
}

async function drained(count: number): Promise<Figures> {
  const before = await Program.start<Answers>('app', { DRAIN: String(drainOver) })
  const clients = await Clients.start()
  await clients.open([`${await before.ask('url')}/counter`], count)
  const server = await Program.start<Answers>('app')
  await clients.comeBackTo(`${await server.ask('url')}/counter`)
  const drainedAt = now()
  const ended = before.end('SIGTERM')
  const figures = await comeBackFigures(clients, server, count, drainedAt)
  await ended
  return figures
}

async function comeBackFigures(
  clients: Clients,
  server: Program<Answers>,
  count: number,
  goneAt: number,
): Promise<Figures> {
  const { at, joins, failed, refused } = await clients.back()
  const { cpuSeconds, peak, stoodStill } = await server.ask('figures')
  await clients.end()
  await server.end('SIGKILL')
  for (const [why, times] of Object.entries(refused)) process.stderr.write(`refused ${times} times: ${why}\n`)
  const back = at.map((time) => (time - goneAt) / 1000)
  return new Map([
    ['until half are back, s', percentile(back, 0.5)],
    ['until 99 % are back, s', percentile(back, 0.99)],
    ['until all are back, s', percentile(back, 1)],
    ['a join, p50, ms', percentile(joins, 0.5)],
    ['a join, p99, ms', percentile(joins, 0.99)],
    ['joins that take longer than the client waits', joins.filter((time) => time > patience).length],
    ['attempts of a page while nobody listens', failed / count],
    ['refused', Object.values(refused).reduce((sum, times) => sum + times, 0)],
    ['most memory of the new process, MB', peak / 1e6],
    ['its event loop stood still, longest, ms', stoodStill],
    ['its CPU per page, its own start included, µs', (cpuSeconds / count) * 1e6],
  ])
}

/** How many connections the system has dropped so far since too many waited to be accepted; each is tried again after 1 s, 3 s, 7 s. */
function dropped(): number {
  const [names, values] = readFileSync('/proc/net/netstat', 'latin1').split('\n', 2)
  const at = names!.split(' ').indexOf('ListenOverflows')
  return Number(values!.split(' ')[at])
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number }
      server.close(() => resolve(port))
    })
  })
}
