/** Forms over HTTP from strangers: what their bodies hold is counted with what all connections hold, and let go of however they end. */
import { createLiveServer } from 'liveloom'
import { serve } from 'liveloom/node'
import type { Socket } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { openSocket, readAnswer } from '../support/raw-http.ts'

const opened: Socket[] = []
const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy()
  for (const end of ends.splice(0)) await end()
})

async function start(): Promise<{ readonly url: string; readonly limits: (string | undefined)[] }> {
  const limits: (string | undefined)[] = []
  const live = createLiveServer({
    secret: 'a secret of the tests, long enough',
    routes: {},
    limits: { maxProcessBytes: 300_000 },
    onError: (_error, context) => void limits.push(context.limit),
  })
  live.post('/form', () => ({ status: 204 }))
  const { url, close } = await serve(live, { port: 0, host: '127.0.0.1', signals: false, development: false })
  ends.push(close)
  return { url, limits }
}

/** A form of `size` bytes of which `sent` are sent. */
async function post(url: string, size: number, sent: number): Promise<Socket> {
  const socket = await openSocket(url)
  opened.push(socket)
  const head = [
    'POST /form HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${size}`,
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\na=`)
  socket.write('x'.repeat(sent - 2))
  return socket
}

const statusOf = async (socket: Socket): Promise<number> => (await readAnswer(socket)).status

it('bodies that do not come whole leave room for others, and for small forms always', async () => {
  const { url, limits } = await start()
  const waiting = [await post(url, 900_000, 150_000), await post(url, 900_000, 150_000)]
  // None of them has its token: 403 is the answer of a server that has read them.
  await vi.waitFor(async () => expect(await statusOf(await post(url, 100_000, 100_000))).toBe(503))
  expect(await statusOf(await post(url, 60_000, 60_000))).toBe(403)
  expect(limits).toEqual(['maxProcessBytes'])
  for (const socket of waiting) socket.destroy()
  await vi.waitFor(async () => expect(await statusOf(await post(url, 100_000, 100_000))).toBe(403))
})

it('a body that is larger than it may be is not read to its end', async () => {
  const { url } = await start()
  expect(await statusOf(await post(url, 2_000_000, 1000))).toBe(413)
})
