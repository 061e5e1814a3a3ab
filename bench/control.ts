/**
 * What the machine can do without a framework: the same pages, joins and frames from bare `http` and `ws`, each answer as short
 * and as ready-made as it can be, and chunks appended to a file.
 */
import { createWriteStream } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm, unlink } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type WebSocket, WebSocketServer } from 'ws'
import { askForIslands, islands } from './asked.ts'
import './collect.ts'
import './hold.ts'

/** A page is about as long as one of the app. */
const styles = '.filler{display:none}'.repeat(75)
const uploadRef = 'phx-upload'

function tableOf(size: number) {
  const k = Object.fromEntries([
    ...Array.from({ length: size }, (_, id) => [id, { 0: `${id}`, 1: `Row ${id}`, 2: '100', 3: `${id}` }] as const),
    ['kc', size],
  ]) as object
  const button = '</td><td><button phx-click="touch" phx-value-i="'
  const p = [
    ['<table><tbody>', '</tbody></table>'],
    ['<tr><td>', '</td><td>', '</td><td>', button, '">+</button></td></tr>'],
  ]
  return { 0: { s: 1, k }, p, s: 0 }
}

const list = (rows: readonly string[]): string => `<ul>${rows.map((row) => `<li>${row}</li>`).join('')}</ul>`
const numbers = (size: number): readonly number[] => Array.from({ length: size }, (_, number) => number)
const star = (id: number): string => `Component ${id}: 0 <button phx-click="more" phx-target="${id + 1}">+</button>`
const componentTrees = Object.fromEntries(
  numbers(1000).map((id) => [
    id + 1,
    { 0: `Component ${id}`, 1: '0', 2: ` phx-target="${id + 1}"`, s: id === 0 ? ['', ': ', '', ''] : 1 },
  ]),
)
const rowsHtml = (size: number): string =>
  numbers(size)
    .map((id) => `<tr><td>${id}</td><td>Row ${id}</td><td>100</td><td><button phx-value-i="${id}">+</button></td></tr>`)
    .join('')
const islandsTree = JSON.stringify({
  0: {
    k: Object.fromEntries([...islands.map(({ name }, at) => [at, { 0: name }] as const), ['kc', islands.length]]),
    s: ['<li>', '</li>'],
  },
  s: ['<ul>', '</ul>'],
})
const islandsHtml = list(islands.map(({ name }) => name))
const trees: Readonly<Record<string, string>> = {
  '/counter': JSON.stringify({ 0: '0', s: ['<p><button phx-click="dec">-</button>', '</p>'] }),
  '/brief': JSON.stringify({ 0: '0', s: ['<p><button phx-click="dec">-</button>', '</p>'] }),
  '/table': JSON.stringify(tableOf(1000)),
  '/rows': JSON.stringify(tableOf(10_000)),
  '/components': JSON.stringify({ 0: { k: { kc: 1000 } }, s: ['<ul>', '</ul>'], c: componentTrees }),
  '/stream': JSON.stringify({
    0: { k: Object.fromEntries(numbers(10_000).map((id) => [id, { 0: `log-${id}`, 1: `Line ${id}` }])) },
    s: ['<ul>', '</ul>'],
  }),
  '/topic': JSON.stringify({ 0: '0', s: ['<p>', '</p>'] }),
  '/islands': islandsTree,
  '/islands-once': islandsTree,
  '/upload': JSON.stringify({
    0: '',
    s: [`<form><input type="file" data-phx-upload-ref="${uploadRef}" /></form>`, ''],
  }),
}
const contents: Readonly<Record<string, string>> = {
  '/counter': '<p><button phx-click="dec">-</button> <output>0</output> <button phx-click="inc">+</button></p>',
  '/brief': '<p><button phx-click="dec">-</button> <output>0</output></p>',
  '/table': rowsHtml(1000),
  '/rows': rowsHtml(10_000),
  '/components': list(numbers(1000).map(star)),
  '/stream': list(numbers(10_000).map((id) => `Line ${id}`)),
  '/islands': islandsHtml,
  '/islands-once': islandsHtml,
  '/topic': '<p><output>0</output> <button phx-click="publish">Publish</button></p>',
  '/upload': `<form><input type="file" name="files" data-phx-upload-ref="${uploadRef}" /></form>`,
}

const token = 't'.repeat(90)
const pages = new Map(
  Object.entries(contents).map(([path, content]) => [
    path,
    `<!doctype html><html><head><meta name="csrf-token" content="${token}" /><style>${styles}</style></head><body>
    <div id="phx-main" data-phx-main data-phx-session="${token}" data-phx-static="${token}">${content}</div></body></html>`,
  ]),
)

type Payload = Readonly<Record<string, unknown>>

/** The pages of one topic: what each of their frames begins with. */
const subscribers = new Map<WebSocket, string>()
let published = 0

function publish(): void {
  published++
  for (const [ws, start] of subscribers) ws.send(`${start}"diff",{"0":"${published}"}]`)
}

const folder = await mkdtemp(join(tmpdir(), 'liveloom-control-'))
let fileCount = 0

/** One connection's side of a page. */
class Socket {
  readonly #ws: WebSocket
  #count = 0
  #file: FileHandle | undefined
  #path = ''
  #size = 0
  #rows = 0

  constructor(ws: WebSocket) {
    this.#ws = ws
    ws.on('close', () => subscribers.delete(ws))
    ws.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) void this.#chunk(data)
      else this.#text(data.toString())
    })
    ws.on('error', () => {})
  }

  #reply(joinRef: string | null, ref: string, topic: string, response: string): void {
    this.#ws.send(`[${JSON.stringify(joinRef)},"${ref}","${topic}","phx_reply",{"status":"ok","response":${response}}]`)
  }

  #text(text: string): void {
    const [joinRef, ref, topic, event, payload] = JSON.parse(text) as [string, string, string, string, Payload]
    if (event === 'phx_join' && String(payload['url']).endsWith('/topic')) {
      subscribers.set(this.#ws, `[${JSON.stringify(joinRef)},null,"${topic}",`)
    }
    if (event === 'phx_join' && topic.startsWith('lvu:')) void this.#open(joinRef, ref, topic)
    else this.#reply(joinRef, ref, topic, this.#answer(event, payload))
    if (event === 'event' && payload['event'] === 'save') void this.#drop()
    if (event === 'event' && payload['event'] === 'publish') publish()
  }

  #answer(event: string, payload: Payload): string {
    switch (event) {
      case 'phx_join': {
        const { pathname } = new URL(payload['url'] as string)
        this.#rows = pathname === '/rows' ? 10_000 : 1000
        return `{"rendered":${trees[pathname]!},"liveview_version":"1.2.12"}`
      }
      case 'event':
        return this.#event(payload['event'] as string, payload['value'] as Payload, payload)
      case 'allow_upload': {
        const { entries } = payload as { readonly entries: readonly { readonly size: number }[] }
        return `{"diff":{},"config":{"chunk_size":${chunkSize(entries[0]!.size)}},"entries":{"0":"${token}"},"errors":{}}`
      }
      default:
        return payload['progress'] === 100 ? '{"diff":{"0":{"0":"0"}}}' : '{}'
    }
  }

  #event(event: string, value: Payload, { uploads, cid }: Payload): string {
    if (event === 'touch') {
      return `{"diff":{"0":{"k":{"${Number(value['i'])}":{"2":"${++this.#count}"},"kc":${this.#rows}}}}}`
    }
    if (event === 'more') return `{"diff":{"c":{"${cid as number}":{"1":"${++this.#count}"}}}}`
    if (event === 'append') {
      const id = 10_000 + this.#count++
      const entry = `{"0":"log-${id}","1":"Line ${id}"}`
      return `{"diff":{"0":{"k":{"0":${entry},"kc":1},"stream":["0",[["log-${id}",-1,null,false]],[]]}}}`
    }
    if (event === 'publish') return '{}'
    if (event === 'inc') return `{"diff":{"0":"${++this.#count}"}}`
    if (event === 'save') return `{"diff":{"0":"${this.#size} bytes"}}`
    this.#size = (uploads as Readonly<Record<string, readonly { readonly size: number }[]>>)[uploadRef]![0]!.size
    return '{"diff":{"0":{"0":"0"}}}'
  }

  async #open(joinRef: string, ref: string, topic: string): Promise<void> {
    this.#path = join(folder, String(++fileCount))
    this.#file = await open(this.#path, 'wx', 0o600)
    this.#reply(joinRef, ref, topic, '{}')
  }

  async #drop(): Promise<void> {
    // What came over HTTP has gone.
    await this.#file?.close()
    if (this.#path !== '') await unlink(this.#path)
  }

  async #chunk(frame: Buffer): Promise<void> {
    const ends = [5]
    for (let at = 1; at <= 4; at++) ends.push(ends[at - 1]! + frame[at]!)
    const [joinRef, ref, topic] = [0, 1, 2].map((at) => frame.toString('latin1', ends[at], ends[at + 1])) as [
      string,
      string,
      string,
    ]
    await this.#file!.write(frame, ends[4]!)
    this.#reply(joinRef, ref, topic, '{}')
  }
}

/** The app's rule for one file on its connection. */
function chunkSize(fileSize: number): number {
  return Math.min(Math.max(Math.ceil(fileSize / 100), 64 * 1024), 1024 * 1024)
}

/** Bytes go into a file from where the request says on, and the file goes when it is whole. */
async function sink(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const start = Number(request.headers['upload-offset'])
  const path = join(folder, request.url!.slice('/sink/'.length))
  try {
    // What is answered is on the disk, as with us.
    await pipeline(request, createWriteStream(path, { start, flags: start === 0 ? 'w' : 'r+', flush: true }))
  } catch {
    return
  }
  response.writeHead(204, { 'upload-offset': start + Number(request.headers['content-length']) })
  response.end()
  if (request.headers['upload-complete'] === '?1') await unlink(path)
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'PATCH' && /^\/sink\/[\d.]+$/.test(request.url ?? '')) return sink(request, response)
  if (request.url?.startsWith('/islands') === true) await askForIslands()
  const page = pages.get(request.url ?? '')
  const headers = { 'content-type': 'text/html; charset=utf-8', 'set-cookie': `control=${token}; Path=/; HttpOnly` }
  response.writeHead(page === undefined ? 404 : 200, { ...headers, 'content-length': Buffer.byteLength(page ?? '') })
  response.end(page)
}

const server = createServer((request, response) => void answer(request, response))
const sockets = new WebSocketServer({ server, perMessageDeflate: false, maxPayload: 2 * 1024 * 1024 })
sockets.on('connection', (ws) => new Socket(ws))
process.once('SIGTERM', () => {
  void rm(folder, { recursive: true, force: true }).then(() => process.exit(0))
})
server.listen(Number(process.env['PORT'] ?? 4001), process.env['HOST'] ?? 'localhost', () => {
  const { address, port } = server.address() as AddressInfo
  console.log(`http://${address}:${port}`)
})
