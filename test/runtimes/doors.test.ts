/** The suite of the doors on the other runtimes, and on the servers that only they have: `npm run test:runtimes`. */
import { describeDoor } from '../contracts/server-door.ts'
import { bunServe, onBun, onDeno, onNode } from '../doors/facts.ts'
import { startIn } from './runtime.ts'

for (const node of ['node22', 'node24']) {
  describeDoor(`${node}, node:http`, startIn(node, 'node-http.ts'), { ...onNode, guardsSockets: false })
  describeDoor(`${node}, Express`, startIn(node, 'express.ts'), onNode)
  describeDoor(`${node}, Fastify`, startIn(node, 'fastify.ts'), onNode)
  describeDoor(`${node}, Koa`, startIn(node, 'koa.ts'), onNode)
  describeDoor(`${node}, Hono`, startIn(node, 'hono.ts'), onNode)
}

describeDoor('Bun, node:http', startIn('bun', 'node-http.ts'), { ...onBun, guardsSockets: false })
describeDoor('Bun, Bun.serve', startIn('bun', 'bun.ts'), bunServe)
describeDoor('Bun, Hono', startIn('bun', 'bun.ts', 'startHono'), bunServe)

describeDoor('Deno, node:http', startIn('deno', 'node-http.ts'), { ...onDeno, guardsSockets: false })
describeDoor('Deno, Deno.serve', startIn('deno', 'deno.ts'), onDeno)
describeDoor('Deno, Hono', startIn('deno', 'deno.ts', 'startHono'), onDeno)
