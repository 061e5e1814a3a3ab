/** The tests of scans against a real ClamAV from Debian: its daemon with a signature of the tests, started here and gone afterwards. Nothing is downloaded for it. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { build } from './build.mjs'
import { installPackages, note, root, run, toolPath } from './setup.mjs'

installPackages()
installClamav()
await build()
const folder = mkdtempSync(join(tmpdir(), 'clamav-'))
const socket = join(folder, 'clamd.sock')
let status = 1
const daemon = await start()
try {
  note('tests')
  const env = { ...process.env, CLAMD_SOCKET: socket }
  const vitest = [toolPath('vitest'), 'run', 'test/clamav']
  status = spawnSync(process.execPath, vitest, { cwd: root, stdio: 'inherit', env }).status ?? 1
} finally {
  if (daemon.exitCode === null) {
    const ended = once(daemon, 'exit')
    daemon.kill()
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
}
process.exit(status)

function installClamav() {
  if (spawnSync('bash', ['-c', 'command -v clamd']).status === 0) return
  note('installing ClamAV')
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive' } }
  run('apt-get', ['update', '-qq'], options)
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'clamav-daemon'], options)
}

async function start() {
  note('starting ClamAV')
  const database = join(folder, 'database')
  mkdirSync(database)
  // The name, any kind of file, anywhere in it, and what it is known by.
  const signature = Buffer.from('LIVELOOM-TEST-SIGNATURE').toString('hex')
  writeFileSync(join(database, 'liveloom.ndb'), `Liveloom.Test:0:*:${signature}\n`)
  const config = join(folder, 'clamd.conf')
  const settings = {
    LocalSocket: socket,
    DatabaseDirectory: database,
    Foreground: 'yes',
    User: userInfo().username,
    StreamMaxLength: '4M',
    LogFile: join(folder, 'clamd.log'),
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`)
  writeFileSync(config, lines.join(''))
  const child = spawn('clamd', ['--config-file', config], { stdio: ['ignore', 'ignore', 'inherit'] })
  while (!(await answers())) {
    if (child.exitCode !== null) throw new Error(`clamd ended with ${child.exitCode}`)
    await setTimeout(100)
  }
  return child
}

async function answers() {
  if (!existsSync(socket)) return false
  const line = connect(socket)
  try {
    await once(line, 'connect')
    return true
  } catch {
    return false
  } finally {
    line.destroy()
  }
}
