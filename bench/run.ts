/**
 * Measures the app beside the control, each in a process of its own, with the client in a third. Runs alternate between the two,
 * and each figure is the median of its rounds, so that what else the machine does meets both.
 *
 *     npm run bench -- [--only counter,upload] [--rounds 5] [--quick]
 */
import { parseArgs } from 'node:util'
import { ClientProcess, ServerProcess, stopAll } from './processes.ts'
import { type Scenario, scenarios, type Work } from './scenarios.ts'
import { type Line, median, toTable } from './table.ts'

/** The figures of one run, by name and unit. */
type Figures = ReadonlyMap<string, number>

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
})
const rounds = Number(options.rounds ?? (options.quick ? 1 : 5))
const ms = options.quick ? 500 : 2000
const chosen = scenarios.filter(({ name }) => options.only?.split(',').some((part) => name.startsWith(part)) ?? true)
if (chosen.length === 0 || !(rounds >= 1)) {
  console.error(`nothing to measure; --only takes ${scenarios.map(({ name }) => name).join(', ')}; --rounds 1 or more`)
  process.exit(1)
}
process.once('exit', stopAll)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const lines: Line[] = []
for (const scenario of chosen) lines.push(...(await measure(scenario)))
console.log(toTable(lines))
process.exit(0)

async function measure({ name, title, work, held = 0, alone, sending }: Scenario): Promise<readonly Line[]> {
  const servers = [
    await ServerProcess.start('ours', 'app.js', held, sending),
    ...(alone === true ? [] : [await ServerProcess.start('control', 'control.js', held)]),
  ]
  const measured = new Map<string, Figures[]>(servers.map((server) => [server.name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
      const figures = await runOnce(server, work)
      measured.get(server.name)!.push(figures)
      const shown = [...figures].map(([figure, value]) => `${figure} ${value.toPrecision(4)}`).join('; ')
      process.stderr.write(`${name} ${round + 1}/${rounds} ${server.name.padEnd(7)} ${shown}\n`)
    }
  }
  await Promise.all(servers.map((server) => server.stop()))
  const of = (server: string, figure: string): number =>
    median(measured.get(server)!.map((figures) => figures.get(figure)!))
  return [...measured.get('ours')![0]!.keys()].map((figure) => ({
    scenario: title,
    figure,
    ours: of('ours', figure),
    control: alone === true ? undefined : of('control', figure),
  }))
}

async function runOnce(server: ServerProcess, work: Work): Promise<Figures> {
  const client = await ClientProcess.start({ url: server.url, work, ms })
  const figures = await figuresOf(server, client, work)
  await client.stop()
  return figures
}

async function figuresOf(server: ServerProcess, client: ClientProcess, work: Work): Promise<Figures> {
  if (work.kind === 'idle') return memoryOf('memory per connection, kB', () => server.memory(), client, work.clients)
  if (work.kind === 'parked') return memoryOf('heap per page, kB', () => server.heap(), client, work.clients)
  if (work.kind === 'senders') return memoryOf('memory per sender, kB', () => server.memory(), client, work.clients)
  if (work.kind === 'clicks' || work.kind === 'returns') {
    const { p50Ms, p99Ms } = await client.go()
    return new Map([
      ['p50, ms', p50Ms!],
      ['p99, ms', p99Ms!],
    ])
  }
  if (work.kind === 'visits') {
    await client.go()
    return new Map([['memory behind them, MB', (await server.memory()) / 1e6]])
  }
  if (work.kind === 'admission') return admissionOf(server, client)
  return timeOf(server, client, work)
}

async function admissionOf(server: ServerProcess, client: ClientProcess): Promise<Figures> {
  const before = await server.memory()
  await server.forgetPeak()
  const { seconds, p50Ms, p99Ms, refused } = await client.go()
  return new Map([
    ['until its turn, p50, ms', p50Ms!],
    ['until its turn, p99, ms', p99Ms!],
    ['until all are sent, s', seconds],
    ['most memory beside, MB', ((await server.peak()) - before) / 1e6],
    ['refused', refused!],
  ])
}

async function timeOf(server: ServerProcess, client: ClientProcess, work: Work): Promise<Figures> {
  const asks = work.kind === 'pages' && work.asks === true
  const askedBefore = asks ? await server.asked() : 0
  const before = await server.cpuSeconds()
  const { seconds, count, p99Ms, bytesPerEvent } = await client.go()
  const cpu = (await server.cpuSeconds()) - before
  if (work.kind === 'upload') {
    return new Map([
      ['MB/s', count / 1e6 / seconds],
      ['server CPU, s', cpu],
    ])
  }
  const cpuEach = (cpu / count) * 1e6
  if (work.kind === 'rejoin') {
    return new Map([
      ['rejoins/s', count / seconds],
      ['server CPU per rejoin, µs', cpuEach],
    ])
  }
  if (work.kind === 'pages') {
    const figures = new Map([
      ['pages/s', count / seconds],
      ['server CPU per page, µs', cpuEach],
    ])
    return asks ? figures.set('queries per page', ((await server.asked()) - askedBefore) / count) : figures
  }
  return new Map([
    ['events/s', count / seconds],
    ['p99, ms', p99Ms!],
    ['server CPU per event, µs', cpuEach],
    ['bytes per event', bytesPerEvent!],
  ])
}

async function memoryOf(
  figure: string,
  look: () => Promise<number>,
  client: ClientProcess,
  clients: number,
): Promise<Figures> {
  const before = await look()
  await client.go()
  const after = await look()
  return new Map([[figure, (after - before) / clients / 1000]])
}
