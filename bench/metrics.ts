/**
 * What an event costs with metrics on, against the same with metrics off: both in one process, in short turns, so that the machine's pace is the
 * same for both, and in the time of the CPU, which others on the machine do not take away. The client is in it as well, so the ratio is less than
 * that of the server's work alone.
 */
import { once } from 'node:events'
import { createLiveServer, createLiveView, html } from 'liveloom'
import { createMetrics } from 'liveloom/metrics'
import { serve } from 'liveloom/node'
import { WebSocket } from 'ws'

const rounds = 10
const events = 5000
/** What was compiled for the one is compiled anew for the other: that is not counted. */
const warmUp = 2000

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

/** µs an event. */
async function round(): Promise<number> {
  for (let at = 0; at < warmUp; at++) await push('event', { type: 'click', event: 'inc', value: {} })
  const start = process.cpuUsage()
  for (let at = 0; at < events; at++) await push('event', { type: 'click', event: 'inc', value: {} })
  const { user, system } = process.cpuUsage(start)
  return (user + system) / events
}

await push('phx_join', { url: `${server.url}/`, params: { _mounts: 0 }, session, static: fixed })
for (let at = 0; at < 3; at++) await round()
const [off, on]: [number[], number[]] = [[], []]
for (let at = 0; at < rounds; at++) {
  off.push(await round())
  const metrics = createMetrics({ server })
  on.push(await round())
  metrics.stop()
}
const median = (values: readonly number[]): number => values.toSorted((one, next) => one - next)[values.length >> 1]!
const ratios = on.map((value, at) => value / off[at]!)
console.log(
  `off  ${median(off).toFixed(1)} µs an event\non   ${median(on).toFixed(1)} µs an event\nratio ${median(ratios).toFixed(2)}`,
)
socket.close()
await server.close()
