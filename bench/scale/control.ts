/** What the machine can do without us: the same pages, joins and frames from bare `http` and `ws`, each answer ready-made. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Answers } from './app.ts'
import { answerAsks } from './asks.ts'
import { openBare } from './engines.ts'
import { figures } from './figures.ts'

const token = 't'.repeat(90)
const page = `<!doctype html><html><head><meta name="csrf-token" content="${token}" /></head><body>
<div id="phx-main" data-phx-main data-phx-session="${token}" data-phx-static="${token}"></div></body></html>`
const rendered =
  '{"rendered":{"0":"0","s":["<p><output>","</output> <button>+</button></p>"]},"liveview_version":"1.2.12"}'

const server = createServer((_, response) => {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'set-cookie': `control=${token}; Path=/; HttpOnly` }
  response.writeHead(200, headers).end(page)
})

/** Those who hear the news: what each of their frames begins with. */
const readers = new Map<WebSocket, string>()
const counts = new Map<WebSocket, number>()

function answer(ws: WebSocket, text: string): void {
  const [joinRef, ref, topic, event, payload] = JSON.parse(text) as [string, string, string, string, { url?: string }]
  const reply = (response: string): void =>
    ws.send(`[${JSON.stringify(joinRef)},"${ref}","${topic}","phx_reply",{"status":"ok","response":${response}}]`)
  if (event === 'phx_join') {
    counts.set(ws, 0)
    if (payload.url!.endsWith('/news')) readers.set(ws, `["${joinRef}",null,"${topic}","diff",`)
    return reply(rendered)
  }
  if (event !== 'event') return reply('{}')
  const count = counts.get(ws)! + 1
  counts.set(ws, count)
  reply(`{"diff":{"0":"${count}"}}`)
}

new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (ws) => {
  ws.on('message', (data: Buffer) => answer(ws, data.toString()))
  ws.on('error', () => {})
  ws.on('close', () => {
    readers.delete(ws)
    counts.delete(ws)
  })
})
const publish = await openBare('news', (text) => {
  for (const [ws, start] of readers) ws.send(`${start}{"0":${JSON.stringify(text)}}]`)
})
await new Promise<void>((resolve) => server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

answerAsks({
  ...figures,
  url: () => url,
  publish: async (text: string) => void (await publish(text)),
} satisfies Answers)
