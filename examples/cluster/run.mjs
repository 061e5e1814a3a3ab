/**
 * Shows it: HAProxy, Redis and three processes of the chat, and three browsers. One process is killed in the middle of an upload, and a deployment
 * replaces all three. Ends with 0 when nobody has lost anything. What is missing is installed by apt.
 */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'
import { chromium } from 'playwright-core'
import { build } from '../../scripts/build.mjs'
import { installChromium, installPackages, installSystem, isInstalled, note } from '../../scripts/setup.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const places = ['a', 'b', 'c']
const names = ['Ada', 'Bea', 'Cleo']
const fileSize = 24 * 1024 * 1024
/** Of each browser's line, in bytes a second: so that an upload lasts. */
const uplink = 2 * 1024 * 1024
/** How long each process takes to send its pages away, in ms. In earnest: 30,000. */
const drainOver = 3000

const found = []
const running = new Set()
const folder = mkdtempSync(join(tmpdir(), 'cluster-'))
const [sitePort, redisPort, ...ports] = await freePorts(5)
const site = `http://localhost:${sitePort}/`

installPackages()
const missing = [
  ['redis-server', 'redis-server'],
  ['haproxy', 'haproxy'],
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
const failed = found.filter(({ holds }) => !holds)
const summary = `${found.length - failed.length} of ${found.length} hold`
process.stdout.write(`\n${styleText(failed.length === 0 ? 'green' : 'red', summary)}\n`)
await end(failed.length === 0 ? 0 : 1)

async function show() {
  note('starting Redis, three processes, HAProxy')
  const redisArgs = ['--port', redisPort, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  start('redis-server', redisArgs.map(String))
  const processes = await Promise.all(places.map((place, at) => startPlace(place, ports[at])))
  const env = { SITE_PORT: sitePort, PORT_A: ports[0], PORT_B: ports[1], PORT_C: ports[2] }
  start('haproxy', ['-db', '-f', join(here, 'haproxy.cfg')], env)
  await until(async () => (await fetch(site)).ok, 'HAProxy answers')

  note('three browsers')
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  const users = []
  for (const name of names) users.push(await openUser(name))
  const at = await Promise.all(users.map(placeOf))
  check(
    new Set(at).size === 3,
    `each is at a process of its own: ${names.map((name, i) => `${name} ${at[i]}`).join(', ')}`,
  )
  for (const { page, name } of users) await say(page, `hello from ${name}`)
  for (const { page, name } of users)
    await sees(
      page,
      names.map((other) => `${other}: hello from ${other}`),
      `${name} sees all three`,
    )

  note(`process ${at[0]} is killed while ${names[0]} sends a file`)
  const [ada] = users
  const file = await choose(ada, 'of-ada.bin')
  await started(ada)
  const killed = places.indexOf(at[0])
  const begun = performance.now()
  processes[killed].kill('SIGKILL')
  await until(async () => (await placeOf(ada)) !== at[0], `${names[0]} is elsewhere`)
  process.stdout.write(`  ${names[0]} is at ${await placeOf(ada)} after ${Math.round(performance.now() - begun)} ms\n`)
  await keeps(ada)
  await arrives(users, ada, file)
  processes[killed] = await startPlace(places[killed], ports[killed])

  note('a deployment replaces all three, one by one, while two files are on their way')
  const [, bea, cleo] = users
  const files = [await choose(bea, 'of-bea.bin'), await choose(cleo, 'of-cleo.bin')]
  await ada.page.fill('input[name=text]', 'a draft')
  await started(bea)
  for (const [index, place] of places.entries()) {
    const ended = once(processes[index], 'exit')
    processes[index].kill('SIGTERM')
    const [code] = await ended
    check(code === 0, `${place} has left in peace`)
    processes[index] = await startPlace(place, ports[index])
    await until(async () => (await fetch(`http://localhost:${ports[index]}/readyz`)).ok, `${place} is ready`)
    // HAProxy takes notice.
    await delay(1000)
  }
  for (const user of users) await keeps(user)
  check((await ada.page.inputValue('input[name=text]')) === 'a draft', "Ada's draft is there")
  await arrives(users, bea, files[0])
  await arrives(users, cleo, files[1])
  for (const { page, name } of users) await say(page, `${name} says good-bye`)
  for (const { page, name } of users) {
    await sees(
      page,
      names.map((other) => `${other}: ${other} says good-bye`),
      `${name} sees all three`,
    )
    check((await page.evaluate(() => globalThis.marked)) === true, `${name}'s page was never loaded anew`)
  }
}

async function openUser(name) {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(site)
  await page.waitForSelector('.phx-connected')
  await page.evaluate(() => (globalThis.marked = true))
  await page.click(`text=I am ${name}`)
  await page.waitForFunction((text) => document.querySelector('#name').textContent === text, name)
  const line = await context.newCDPSession(page)
  await line.send('Network.enable')
  const conditions = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: uplink }
  await line.send('Network.emulateNetworkConditions', conditions)
  return { name, page }
}

function placeOf({ page }) {
  return page.textContent('#place')
}

async function say(page, text) {
  await page.fill('input[name=text]', text)
  await page.click('text=Send')
}

/** A file that begins to be sent when its form is submitted: this does. */
async function choose({ page }, name) {
  const bytes = randomBytes(fileSize)
  const path = join(folder, name)
  writeFileSync(path, bytes)
  await page.setInputFiles('input[type=file]', path)
  await page.waitForSelector('.sent')
  await page.click('text=Send')
  return { name, sum: createHash('sha256').update(bytes).digest('hex') }
}

/** Until some of it is there. */
function started({ page }) {
  return page.waitForFunction(() => Number(document.querySelector('.sent')?.textContent) >= 20)
}

async function arrives(users, { name }, file) {
  const line = `${name}: ${file.name}: ${fileSize} bytes, SHA-256 ${file.sum}`
  await Promise.all(users.map((user) => sees(user.page, [line], `${user.name} sees ${file.name}, whole`)))
}

async function keeps({ page, name }) {
  await until(async () => (await page.textContent('#name')) === name, `${name} is still ${name}`)
  check(true, `${name} is still ${name}`)
}

async function sees(page, lines, what) {
  const there = (texts) => {
    const shown = document.querySelector('#messages')?.textContent ?? ''
    return texts.every((text) => shown.includes(text))
  }
  const holds = await page.waitForFunction(there, lines, { timeout: 60_000 }).then(
    () => true,
    () => false,
  )
  check(holds, what)
}

function check(holds, what) {
  found.push({ holds, what })
  process.stdout.write(`  ${holds ? styleText('green', '✔') : styleText('red', '✖')} ${what}\n`)
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

function start(command, args, env = {}) {
  const path = `${process.env.PATH}:/usr/sbin`
  const child = spawn(command, args, {
    cwd: here,
    env: { ...process.env, ...env, PATH: path },
    stdio: ['ignore', 'ignore', process.env.DEBUG ? 'inherit' : 'ignore'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

async function until(holds, what) {
  const end = performance.now() + 60_000
  while (!(await holds().catch(() => false))) {
    if (performance.now() > end) throw new Error(`waited too long: ${what}`)
    await delay(50)
  }
}

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const taken = servers.map((server) => server.address().port)
  for (const server of servers) server.close()
  return taken
}

async function end(code) {
  await browser?.close()
  for (const child of running) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
  process.exit(code)
}
