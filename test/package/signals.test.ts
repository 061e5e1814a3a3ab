/** A server that npm runs: a signal to npm is one to the server, and nothing is left behind. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { root } from './root.ts'

const setup = pathToFileURL(join(root, 'scripts/setup.mjs')).href
const server = `
process.on('SIGTERM', () => process.stdout.write('ended\\n', () => process.exit(0)))
setInterval(() => {}, 1000)
process.stdout.write('pid ' + process.pid + '\\n')
`

let folder: string | undefined

afterEach(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('SIGTERM', () => {
  it.each([
    ['npm', 'npm', ['run', '--silent', 'demo']],
    ['the script', process.execPath, ['demo.mjs']],
  ])(
    'to %s reaches the server, which ends as it does by itself',
    async (_, command, args) => {
      folder = await mkdtemp(join(tmpdir(), 'signals-'))
      await writeFile(join(folder, 'package.json'), '{ "scripts": { "demo": "node demo.mjs" } }')
      await writeFile(join(folder, 'server.mjs'), server)
      const demo = `import { runServer } from '${setup}'\nrunServer(['server.mjs'], { cwd: import.meta.dirname })\n`
      await writeFile(join(folder, 'demo.mjs'), demo)
      const { npm_lifecycle_event: _event, ...env } = process.env
      const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'], env })
      let output = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
      // The end of the output is that of the last process that has it.
      const closed = once(child.stdout, 'close')
      while (!output.includes('\n')) await once(child.stdout, 'data')
      const pid = Number(/pid (\d+)/.exec(output)![1])
      child.kill('SIGTERM')
      await closed
      expect(output).toContain('ended')
      expect(isAlive(pid)).toBe(false)
    },
    30_000,
  )
})
