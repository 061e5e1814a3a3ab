/** The example as it is shown: it ends with 0 when nobody has lost anything. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const program = fileURLToPath(new URL('../../examples/cluster/run.mjs', import.meta.url))

it('three users keep everything while one process is killed and all three are replaced', async () => {
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (data: Buffer) => (said += data.toString()))
  const [code] = (await once(child, 'close')) as [number]
  expect(said).toMatch(/(\d+) of \1 hold/)
  expect(code, said).toBe(0)
}, 300_000)
