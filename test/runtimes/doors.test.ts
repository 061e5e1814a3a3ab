/** The suite of the doors on the other runtimes, and on the servers that only they have: `npm run test:runtimes`. */
import { describeDoor } from '../contracts/server-door.ts'
import { startIn } from './runtime.ts'

const guarded = { guardsSockets: true }

for (const node of ['node22', 'node24']) {
  describeDoor(`${node}, node:http`, startIn(node, 'node-http.ts'))
  describeDoor(`${node}, Express`, startIn(node, 'express.ts'), { ...guarded, compresses: true })
  describeDoor(`${node}, Fastify`, startIn(node, 'fastify.ts'), guarded)
  describeDoor(`${node}, Koa`, startIn(node, 'koa.ts'), { ...guarded, compresses: true })
  describeDoor(`${node}, Hono`, startIn(node, 'hono.ts'), { ...guarded, compresses: true })
}

describeDoor('Bun, node:http', startIn('bun', 'node-http.ts'))
// Bun sends each stream in pieces.
const bun = { ...guarded, dropsLength: true }
describeDoor('Bun, Bun.serve', startIn('bun', 'bun.ts'), bun)
describeDoor('Bun, Hono', startIn('bun', 'bun.ts', 'startHono'), bun)

describeDoor('Deno, node:http', startIn('deno', 'node-http.ts'))
describeDoor('Deno, Deno.serve', startIn('deno', 'deno.ts'), guarded)
describeDoor('Deno, Hono', startIn('deno', 'deno.ts', 'startHono'), guarded)
