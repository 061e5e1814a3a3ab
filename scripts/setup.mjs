/** Installs what is missing, and nothing that is there: npm packages, and for the browser tests a Chromium. */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'

export const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = join(root, 'node_modules/.liveloom-setup')

/** Runs a command with its output shown; ends this process when it fails. */
export function run(command, args, { env = {}, cwd = root } = {}) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit', env: { ...process.env, ...env } })
  if (status === 0) return
  process.stderr.write(styleText('red', `✖ ${command} ${args.join(' ')}${error ? `: ${error.message}` : ''}\n`))
  process.exit(status ?? 1)
}

/** Runs a server's program in the foreground until it ends, and ends with it. */
export function runServer(args, { cwd = root, env = {} } = {}) {
  const server = spawn(process.execPath, args, { cwd, stdio: 'inherit', env: { ...process.env, ...env } })
  // Ctrl-C reaches both, and the server takes two at once for one; what a process manager sends reaches only this one.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal))
  if (process.env.npm_lifecycle_event !== undefined) endWithParent(() => server.kill('SIGTERM'))
  server.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)))
}

/** npm hands a signal to the shell between, which ends without a word to this process: that it is gone is all that can be seen. */
function endWithParent(end) {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    end()
  }, 200)
  timer.unref()
}

/** Runs a tool that the packages brought. */
export function runTool(name, args, options) {
  run(process.execPath, [toolPath(name), ...args], options)
}

/** Runs several of them at once, each as `[name, args]`; what they print comes when they end. */
export async function runToolsTogether(tools) {
  const runs = tools.map(([name, args]) => {
    const tool = spawn(process.execPath, [toolPath(name), ...args], { cwd: root, env: process.env })
    const printed = []
    for (const stream of [tool.stdout, tool.stderr]) stream.on('data', (data) => printed.push(data))
    return new Promise((resolve) => {
      tool.on('exit', (code) => {
        process.stdout.write(Buffer.concat(printed))
        if (code !== 0) process.stderr.write(styleText('red', `✖ ${name} ${args.join(' ')}\n`))
        resolve(code === 0)
      })
    })
  })
  if ((await Promise.all(runs)).includes(false)) process.exit(1)
}

export function toolPath(name) {
  const path = join(root, 'node_modules', ...(name.startsWith('@') ? name.split('/') : [name]), 'package.json')
  const { bin } = JSON.parse(readFileSync(path, 'utf8'))
  const short = name.split('/').at(-1)
  return join(path, '..', typeof bin === 'string' ? bin : (bin[short] ?? Object.values(bin)[0]))
}

export function note(text) {
  process.stdout.write(`${styleText('cyan', '▸')} ${text}\n`)
}

export function installPackages() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(styleText('red', `✖ Node 20.19 or newer is needed; this is ${process.versions.node}\n`))
    process.exit(1)
  }
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  note('installing npm packages')
  run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'])
  writeFileSync(stamp, wanted)
}

/** The path of a Chromium: of `CHROMIUM`, or the system's. `whole`: with windows. */
export function findChromium(whole = false) {
  const { CHROMIUM: chosen } = process.env
  if (chosen) return chosen
  // Without windows, and quicker for it.
  const shell = whole ? [] : ['chromium-headless-shell']
  const names = [...shell, 'chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path))
}

/** The engine that `npm test` has for real. Where it cannot be installed, its tests are left out. */
export function installRedis() {
  if (isInstalled('redis-server')) return
  if (canInstall()) installSystem('Redis', ['redis-server'])
  else note('there is no redis-server: its tests are left out')
}

export function isInstalled(command) {
  return spawnSync('bash', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0
}

function canInstall() {
  return process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0
}

/** By apt, as root. */
export function installSystem(what, packages) {
  note(`installing ${what}`)
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive' } }
  run('apt-get', ['update', '-qq'], options)
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options)
}

export function installChromium(whole = false) {
  const found = findChromium(whole)
  if (found) return found
  if (!canInstall()) {
    process.stderr.write(
      styleText('red', '✖ The browser tests need a Chromium.\n') +
        '  Install it (Debian, Ubuntu: sudo apt-get install chromium), or name one: CHROMIUM=/path/to/chrome npm test\n',
    )
    process.exit(1)
  }
  note('installing Chromium')
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive' } }
  run('apt-get', ['update', '-qq'], options)
  // Ubuntu has none without windows.
  const { stdout } = spawnSync('apt-cache', ['search', '--names-only', '^chromium-headless-shell$'], {
    encoding: 'utf8',
  })
  const name = whole || stdout === '' ? 'chromium' : 'chromium-headless-shell'
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], options)
  return findChromium(whole)
}
