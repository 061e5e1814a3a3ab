/**
 * Shows it: a proxy, Redis and three processes of the chat, and three browsers. One process is killed in the middle of an upload, and a deployment
 * replaces all three. Ends with 0 when nobody has lost anything. What is missing is installed by apt.
 */
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { build } from '../../scripts/build.mjs'
import { installChromium, installPackages, installSystem, isInstalled, note } from '../../scripts/setup.mjs'
import { check, sum } from './checks.mjs'
import { proxies } from './proxies.mjs'
import { clear, folder, freePorts, start, until } from './stage.mjs'
import { User } from './users.mjs'

const places = ['a', 'b', 'c']
const names = ['Ada', 'Bea', 'Cleo']
const { values } = parseArgs({
  options: { proxy: { type: 'string', default: 'haproxy' }, over: { type: 'string', default: '3000' } },
})
const { proxy } = values
if (!Object.hasOwn(proxies, proxy))
  throw new Error(`--proxy is one of ${Object.keys(proxies).join(', ')}; got ${proxy}`)
/** How long each process takes to send its pages away, in ms. In earnest: 30,000. */
const drainOver = Number(values.over)
/** Of each browser's line, in bytes a second: so that an upload lasts for as long as a deployment. */
const uplink = (2 * 1024 * 1024 * 3000) / drainOver
/** After how many ms a file is not waited for any more. */
const patience = 60_000 + 20 * drainOver

const [sitePort, redisPort, ...ports] = await freePorts(5)
const site = `http://localhost:${sitePort}/`

installPackages()
const missing = [
  ['redis-server', 'redis-server'],
  [proxy, proxy],
].filter(([command]) => !isInstalled(command) && !isInstalled(`/usr/sbin/${command}`))
if (missing.length > 0)
  installSystem(
    missing.map(([command]) => command).join(', '),
    missing.map(([, name]) => name),
  )
const executablePath = installChromium()
await build()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void end(1))

let browser
try {
  await show()
} catch (error) {
  check(false, `the show went on to its end: ${error.stack}`)
}
await end(sum() ? 0 : 1)

async function show() {
  note(`starting Redis, three processes, ${proxy}`)
  const redisArgs = ['--port', redisPort, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  start('redis-server', redisArgs.map(String))
  const processes = await Promise.all(places.map((place, at) => startPlace(place, ports[at])))
  proxies[proxy]({ SITE_PORT: sitePort, PORT_A: ports[0], PORT_B: ports[1], PORT_C: ports[2] })
  await until(async () => (await fetch(site)).ok, `${proxy} answers`)

  note('three browsers')
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  const users = []
  for (const name of names) users.push(await openUser(name, users))
  const at = await Promise.all(users.map((user) => user.place()))
  check(
    new Set(at).size === 3,
    `each is at a process of its own: ${names.map((name, i) => `${name} ${at[i]}`).join(', ')}`,
  )
  for (const user of users) await user.say(`hello from ${user.name}`)
  await allSee(users, (name) => `${name}: hello from ${name}`)

  note(`process ${at[0]} is killed while ${names[0]} sends a file`)
  const [ada, bea, cleo] = users
  const file = await ada.send('of-ada.bin')
  await ada.started(patience)
  const killed = places.indexOf(at[0])
  const begun = performance.now()
  processes[killed].kill('SIGKILL')
  await until(async () => (await ada.place()) !== at[0], `${ada.name} is elsewhere`)
  process.stdout.write(`  ${ada.name} is at ${await ada.place()} after ${Math.round(performance.now() - begun)} ms\n`)
  await ada.keepsName()
  await arrives(users, file)
  processes[killed] = await startPlace(places[killed], ports[killed])

  note('a deployment replaces all three, one by one, while two files are on their way')
  const files = [await bea.send('of-bea.bin'), await cleo.send('of-cleo.bin')]
  await ada.draft('a draft')
  await bea.started(patience)
  for (const [index, place] of places.entries()) {
    const before = performance.now()
    const ended = once(processes[index], 'exit')
    processes[index].kill('SIGTERM')
    const [code] = await ended
    check(code === 0, `${place} has left in peace`)
    const [seconds, sent] = [(performance.now() - before) / 1000, [await bea.sent(), await cleo.sent()]]
    process.stdout.write(
      `  after ${seconds.toFixed(1)} s; of the files there are ${sent.map((one) => one ?? 100).join(' and ')} %\n`,
    )
    processes[index] = await startPlace(place, ports[index])
    // The proxy takes notice.
    await delay(1000)
  }
  for (const user of users) await user.keepsName()
  await ada.keepsDraft('a draft')
  for (const one of files) await arrives(users, one)
  for (const user of users) await user.say(`${user.name} says good-bye`)
  await allSee(users, (name) => `${name}: ${name} says good-bye`)
  for (const user of users) await user.keepsPage()
}

/** At a process where none of `others` is: whoever is sent to one of theirs opens another browser. */
async function openUser(name, others) {
  const taken = await Promise.all(others.map((user) => user.place()))
  for (let tries = 0; ; tries++) {
    const user = await User.open(browser, site, name, uplink)
    if (tries === 20 || !taken.includes(await user.place())) return user
    await user.close()
  }
}

async function allSee(users, lineOf) {
  for (const user of users) await user.sees(names.map(lineOf), 'all three')
}

async function arrives(users, { name, line }) {
  await Promise.all(users.map((user) => user.sees([line], `${name}, whole`, patience)))
}

async function startPlace(place, port) {
  const secret = 'only for this show, which nobody else reaches'
  const settings = {
    PLACE: place,
    PORT: port,
    REDIS_PORT: redisPort,
    FILES: join(folder, 'files'),
    DRAIN_OVER: drainOver,
  }
  const env = { ...settings, NODE_ENV: 'production', LIVELOOM_SECRET: secret }
  const child = start(process.execPath, ['--import', 'tsx', 'server.ts'], env)
  await until(async () => (await fetch(`http://localhost:${port}/readyz`)).ok, `${place} listens`)
  return child
}

async function end(code) {
  await browser?.close()
  await clear()
  process.exit(code)
}
