/** The tests of S3 against a real one: Ceph's RADOS Gateway from Debian, started here and gone afterwards. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.mjs'
import { installPackages, note, root, run, toolPath } from './setup.mjs'

const packages = ['ceph-mon', 'ceph-osd', 'radosgw', 'ceph-common']

installPackages()
installCeph()
await build()
const folder = mkdtempSync(join(tmpdir(), 'ceph-'))
const port = await freePort()
let status = 1
try {
  note('starting Ceph')
  const started = spawnSync('bash', [join(root, 'scripts/ceph-rgw.sh'), folder, String(port)], { stdio: 'inherit' })
  if (started.status !== 0) throw new Error(`Ceph did not start; what it said is in ${folder}`)
  note('tests')
  const env = { ...process.env, S3_ENDPOINT: `http://127.0.0.1:${port}` }
  const vitest = [toolPath('vitest'), 'run', 'test/s3']
  status = spawnSync(process.execPath, vitest, { cwd: root, stdio: 'inherit', env }).status ?? 1
} finally {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.pid'))) {
    stop(Number(readFileSync(join(folder, name), 'utf8')), name.startsWith('osd') ? 'SIGKILL' : 'SIGTERM')
  }
  if (status === 0) rmSync(folder, { recursive: true, force: true })
}
process.exit(status)

function installCeph() {
  const there = spawnSync('bash', ['-c', 'command -v radosgw ceph-mon ceph-osd radosgw-admin ceph-authtool'])
  if (there.status === 0 && there.stdout.toString().trim().split('\n').length === 5) return
  note('installing Ceph')
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive' } }
  run('apt-get', ['update', '-qq'], options)
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options)
}

function stop(pid, signal) {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended.
  }
}

/** Two in a row: the monitor has the next. */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: found } = server.address()
      server.close(() => resolve(found))
    })
  })
}
