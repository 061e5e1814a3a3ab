/**
 * What an event costs with metrics on, against the same with metrics off: both in one process, in turns, so that the machine's pace is the
 * same for both. The client is in it as well, so the ratio is less than that of the server's work alone.
 */
import { once } from 'node:events'
import { createLiveServer, createLiveView, html } from 'liveloom'
import { createMetrics } from 'liveloom/metrics'
import { serve } from 'liveloom/node'
import { WebSocket } from 'ws'

const rounds = 6
const events = 10_000

const counter = createLiveView<{ count: number }>({
  mount: (socket) => socket.assign({ count: 0 }),
  handleEvent: (socket) => socket.assign({ count: socket.context.count + 1 }),
  render: ({ count }) => html`<p>${count}</p>`,
})

const live = createLiveServer({ secret: 's'.repeat(32), routes: { '/': counter }, limits: { maxFrameRate: 1e6 } })
const server = await serve(live, { port: 0, host: '127.0.0.1', signals: false, development: false })
const response = await fetch(server.url)
const cookie = response.headers.getSetCookie()[0]!.split(';', 1)[0]!
const page = await response.text()
const found = (pattern: RegExp): string => pattern.exec(page)![1]!
const query = `_csrf_token=${encodeURIComponent(found(/name="csrf-token" content="([^"]+)"/))}&vsn=2.0.0`
const socket = new WebSocket(`${server.url.replace('http', 'ws')}/live/websocket?${query}`, { headers: { cookie } })
await once(socket, 'open')
const topic = `lv:${found(/\sid="([^"]+)"\s+data-phx-main/)}`
const [session, fixed] = [found(/data-phx-session="([^"]+)"/), found(/data-phx-static="([^"]+)"/)]

let refs = 1
async function push(event: string, payload: object): Promise<void> {
  socket.send(JSON.stringify(['1', String(refs++), topic, event, payload]))
  await once(socket, 'message')
}

async function round(): Promise<number> {
  const start = performance.now()
  for (let at = 0; at < events; at++) await push('event', { type: 'click', event: 'inc', value: {} })
  return ((performance.now() - start) * 1000) / events
}

await push('phx_join', { url: `${server.url}/`, params: { _mounts: 0 }, session, static: fixed })
await round()
const [off, on]: [number[], number[]] = [[], []]
for (let at = 0; at < rounds; at++) {
  off.push(await round())
  const metrics = createMetrics({ server })
  on.push(await round())
  metrics.stop()
}
const median = (values: readonly number[]): number => values.toSorted((one, next) => one - next)[values.length >> 1]!
const [without, withMetrics] = [median(off), median(on)]
console.log(
  `off  ${without.toFixed(1)} µs an event\non   ${withMetrics.toFixed(1)} µs an event\nratio ${(withMetrics / without).toFixed(2)}`,
)
socket.close()
await server.close()
