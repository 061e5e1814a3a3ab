/** What the show stands on: a folder, free ports, and programs that end with it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const here = fileURLToPath(new URL('.', import.meta.url))
export const folder = mkdtempSync(join(tmpdir(), 'cluster-'))
const running = new Set()

export function start(command, args, env = {}) {
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

/** `patience`: after how many ms it is given up. */
export async function until(holds, what, patience = 60_000) {
  const end = performance.now() + patience
  while (!(await holds().catch(() => false))) {
    if (performance.now() > end) throw new Error(`waited too long: ${what}`)
    await delay(50)
  }
}

export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const taken = servers.map((server) => server.address().port)
  for (const server of servers) server.close()
  return taken
}

export async function clear() {
  const ended = [...running].map((child) => once(child, 'exit'))
  // nginx has processes of its own, which it ends when it is told to.
  for (const child of running) child.kill(child.spawnfile === 'nginx' ? 'SIGTERM' : 'SIGKILL')
  await Promise.all(ended)
  rmSync(folder, { recursive: true, force: true })
}
