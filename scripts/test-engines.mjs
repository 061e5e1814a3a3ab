/** The tests of publish and subscribe on real engines: Redis, NATS and Postgres from Debian, which the tests start, kill and start again. */
import { existsSync } from 'node:fs'
import { build } from './build.mjs'
import { installPackages, installSystem, isInstalled, runTool } from './setup.mjs'

installPackages()
const engines = [
  ['redis-server', isInstalled('redis-server')],
  ['nats-server', isInstalled('nats-server') || existsSync('/usr/sbin/nats-server')],
  ['postgresql', existsSync('/usr/lib/postgresql')],
]
const missing = engines.filter(([, there]) => !there).map(([name]) => name)
if (missing.length > 0) installSystem(missing.join(', '), missing)
await build()
runTool('vitest', ['run', 'test/engines', 'src/pubsub'], { env: { ENGINES: 'all' } })
