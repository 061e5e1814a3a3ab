/** Five thousand people on three processes: until all know of all, with some who come and go, and when a process dies. */
import { Redis } from 'ioredis'
import { EngineProcess, hasEngine } from '../../test/support/engines.ts'
import { type Line, percentile } from '../table.ts'
import { Program } from './asks.ts'
import { now } from './clock.ts'
import type { Answers, Seen } from './member.ts'
import { type Figures, inRounds, type Settings, type Side } from './rounds.ts'

const people = 5000
const processes = 3
const changesPerSecond = 50
const ms = 10_000

export async function measurePresence(settings: Settings): Promise<readonly Line[]> {
  if (!hasEngine('redis')) {
    process.stderr.write('presence: redis is not installed\n')
    return []
  }
  const count = Math.round(people * settings.share)
  return inRounds(`${count} people on ${processes} processes, redis`, settings, (side) => runOnce(side, count))
}

async function runOnce(side: Side, count: number): Promise<Figures> {
  const engine = await EngineProcess.start('redis')
  const redis = new Redis(engine.port)
  /** Bytes that the engine has taken and given, so far. */
  const traffic = async (): Promise<number> => {
    const info = await redis.info('stats')
    const of = (name: string): number => Number(new RegExp(`${name}:(\\d+)`).exec(info)![1])
    return of('total_net_input_bytes') + of('total_net_output_bytes')
  }
  const env = { ENGINE: 'redis', ENGINE_PORT: String(engine.port) }
  const file = side === 'ours' ? 'member' : 'member-control'
  const members = await Promise.all(Array.from({ length: processes }, () => Program.start<Answers>(file, env)))
  const cpu = async (of = members): Promise<number> =>
    (await Promise.all(of.map((member) => member.ask('figures')))).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
  const held = async (): Promise<number> => {
    await Promise.all(members.map((member) => member.ask('collect')))
    return (await members[0]!.ask('figures')).held
  }
  await Promise.all(members.map((member) => member.ask('knows', 0)))
  const heldBefore = await held()

  const [trafficFrom, cpuFrom, begun] = [await traffic(), await cpu(), now()]
  const knows = members.map((member) => member.ask('knows', count))
  await Promise.all(members.map((member, at) => member.ask('come', { from: at, count: share(count, at) })))
  const knownAt = Math.max(...(await Promise.all(knows)))
  const [trafficOfAll, cpuOfAll] = [(await traffic()) - trafficFrom, (await cpu()) - cpuFrom]
  const heldAll = await held()
  const listMs = await members[0]!.ask('list')

  const quiet = await during(traffic, cpu, () => new Promise((resolve) => setTimeout(resolve, ms)))
  const churn = await during(traffic, cpu, () =>
    Promise.all(members.map((member) => member.ask('comeAndGo', { perSecond: changesPerSecond / processes, ms }))),
  )
  const { joins, leaves } = delays(await Promise.all(members.map((member) => member.ask('seen'))))
  const figures: [string, number][] = [
    ['until all three know of all, ms', knownAt - begun],
    ['bytes by the engine for each of them', trafficOfAll / count],
    ['CPU of all for each of them, µs', (cpuOfAll / count) * 1e6],
    ['heap for each of them and process, bytes', (heldAll - heldBefore) / count],
    ['list of all, ms', listMs],
    ['nobody moves: bytes/s by the engine', quiet.bytes],
    ['nobody moves: CPU of all, % of a core', quiet.cpu],
    [
      `${changesPerSecond} come and ${changesPerSecond} go a second: until others know, p50, ms`,
      percentile(joins, 0.5),
    ],
    ['the same, p99, ms', percentile(joins, 0.99)],
    ['until others know of who goes, p99, ms', percentile(leaves, 0.99)],
    ['bytes/s by the engine', churn.bytes],
    ['CPU of all, % of a core', churn.cpu],
  ]
  if (side === 'ours') figures.push(...(await killOne(members, count)))
  await Promise.all(members.map((member) => member.end('SIGKILL')))
  redis.disconnect()
  await engine.stop()
  return new Map(figures)
}

async function killOne(members: readonly Program<Answers>[], count: number): Promise<readonly [string, number][]> {
  const [victim, ...others] = members
  const left = count - share(count, 0)
  await Promise.all(others.map((member) => member.ask('figures')))
  const know = others.map((member) => member.ask('knows', left))
  const killedAt = now()
  await victim!.end('SIGKILL')
  const knownAt = await Promise.all(know)
  const stood = (await Promise.all(others.map((member) => member.ask('figures')))).map(({ stoodStill }) => stoodStill)
  return [
    ['a process is killed: until the others know, s', (Math.max(...knownAt) - killedAt) / 1000],
    ['their event loops stood still, longest, ms', Math.max(...stood)],
  ]
}

async function during(
  traffic: () => Promise<number>,
  cpu: () => Promise<number>,
  work: () => Promise<unknown>,
): Promise<{ readonly bytes: number; readonly cpu: number }> {
  const [bytes, cpuSeconds, begun] = [await traffic(), await cpu(), now()]
  await work()
  const seconds = (now() - begun) / 1000
  return { bytes: ((await traffic()) - bytes) / seconds, cpu: (((await cpu()) - cpuSeconds) / seconds) * 100 }
}

/** How long it took each of the others to know of each. */
function delays(all: readonly Seen[]): { readonly joins: readonly number[]; readonly leaves: readonly number[] } {
  const of = (which: 'joins' | 'leaves'): readonly number[] => {
    const done = new Map(all.flatMap((one) => one.own[which]))
    return all.flatMap((one) => one.others[which].flatMap(([key, at]) => (done.has(key) ? [at - done.get(key)!] : [])))
  }
  return { joins: of('joins'), leaves: of('leaves') }
}

function share(count: number, at: number): number {
  return Math.floor(((at + 1) * count) / processes) - Math.floor((at * count) / processes)
}
