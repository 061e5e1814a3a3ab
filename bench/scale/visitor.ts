/**
 * One page in a browser, as light as it can be: it is loaded over HTTP, and then writes and reads the frames of its socket itself. So thousands
 * of them take less of the machine than the server that they are for.
 */
import { Agent, get } from 'node:http'
import { connect, type Socket } from 'node:net'

interface Loaded {
  readonly url: URL
  readonly cookie: string
  readonly csrf: string
  readonly topic: string
  readonly session: string
  readonly static: string
}

/** The server did not let it in, or let go of it: `refused` where it has said so itself. */
export class NotIn extends Error {
  readonly refused: boolean

  constructor(message: string, refused: boolean) {
    super(message)
    this.refused = refused
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: 32 })
const close = Buffer.from([0x88, 0x80, 0, 0, 0, 0])

export class Visitor {
  /** Given what a diff has that comes unasked. */
  onDiff: (diff: string) => void = () => {}
  /** The server or the network has closed its line. */
  onLost: () => void = () => {}
  readonly #page: Loaded
  #socket: Socket | undefined
  #rest: Buffer = Buffer.alloc(0)
  #upgraded = false
  #joinRef = ''
  #refs = 0
  #mounts = 0
  readonly #waiting = new Map<string, (status: string) => void>()
  /** Settles what waits for the line. */
  #failed: (error: NotIn) => void = () => {}
  #opened = (): void => {}

  private constructor(page: Loaded) {
    this.#page = page
  }

  static async load(url: string): Promise<Visitor> {
    return new Visitor(await load(url))
  }

  /** Opens its socket and joins its view, again and again if it likes. `to`: where the balancer sends it now. Rejects with {@link NotIn}. */
  async join(to: string = this.#page.url.href): Promise<void> {
    const { csrf, topic, session, url } = this.#page
    await this.#connect(new URL(to))
    this.#joinRef = String(this.#refs + 1)
    const params = { _csrf_token: csrf, _mounts: this.#mounts++, _mount_attempts: 0 }
    const status = await new Promise<string>((resolve, reject) => {
      this.#failed = reject
      const payload = { url: url.href, params, session, static: this.#page.static, sticky: false }
      this.#push(this.#joinRef, topic, 'phx_join', JSON.stringify(payload), resolve)
    })
    this.#failed = () => {}
    if (status !== 'ok') throw new NotIn(`the join was answered with ${status}`, true)
  }

  /** Clicks; `answered` when the page would have been patched. */
  click(event: string, answered: () => void): void {
    const payload = `{"type":"click","event":"${event}","value":{"value":""}}`
    this.#push(this.#joinRef, this.#page.topic, 'event', payload, answered)
  }

  beat(): void {
    this.#push(null, 'phoenix', 'heartbeat', '{}', () => {})
  }

  /** Leaves as a tab does that is closed. */
  leave(): void {
    this.onLost = () => {}
    this.#socket?.end(close)
  }

  #connect(to: URL): Promise<void> {
    const { csrf, cookie } = this.#page
    const socket = connect(Number(to.port), to.hostname)
    socket.setNoDelay(true)
    this.#socket = socket
    this.#rest = Buffer.alloc(0)
    this.#upgraded = false
    this.#waiting.clear()
    socket.write(
      [
        `GET /live/websocket?_csrf_token=${encodeURIComponent(csrf)}&vsn=2.0.0 HTTP/1.1`,
        `Host: ${to.host}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        `Origin: ${to.origin}`,
        `Cookie: ${cookie}`,
        '\r\n',
      ].join('\r\n'),
    )
    let why = 'closed'
    socket.on('error', (error) => (why = error.message))
    socket.on('data', (data) => this.#receive(data))
    socket.on('close', () => {
      // Refused by the system, as nobody listens, or closed with nothing said, is not what the server has decided.
      this.#failed(new NotIn(why, false))
      this.onLost()
    })
    return new Promise((resolve, reject) => {
      this.#opened = resolve
      this.#failed = reject
    })
  }

  #push(joinRef: string | null, topic: string, event: string, payload: string, answered: (status: string) => void) {
    const ref = String(++this.#refs)
    this.#waiting.set(ref, answered)
    this.#write(`[${JSON.stringify(joinRef)},"${ref}","${topic}","${event}",${payload}]`)
  }

  /** A text frame, with a mask that changes nothing. */
  #write(text: string): void {
    const size = Buffer.byteLength(text)
    const start = size < 126 ? 2 : 4
    const frame = Buffer.alloc(start + 4 + size)
    frame[0] = 0x81
    frame[1] = 0x80 | (size < 126 ? size : 126)
    if (size >= 126) frame.writeUInt16BE(size, 2)
    frame.write(text, start + 4)
    this.#socket!.write(frame)
  }

  #receive(data: Buffer): void {
    let rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data])
    if (!this.#upgraded) {
      const end = rest.indexOf('\r\n\r\n')
      if (end >= 0) {
        const status = rest.toString('latin1', 9, 12)
        if (status === '101') {
          this.#upgraded = true
          this.#opened()
        } else this.#failed(new NotIn(`the socket was answered with ${status}`, true))
        rest = rest.subarray(end + 4)
      }
    }
    if (this.#upgraded) rest = this.#readFrames(rest)
    this.#rest = rest
  }

  /** Gives what is not whole yet. */
  #readFrames(bytes: Buffer): Buffer {
    let at = 0
    while (bytes.length - at >= 2) {
      const short = bytes[at + 1]! & 0x7f
      const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10)
      if (bytes.length < start) break
      const size =
        short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
      if (bytes.length < start + size) break
      const kind = bytes[at]! & 0x0f
      if (kind === 1) this.#read(bytes.toString('utf8', start, start + size))
      else if (kind === 8) this.#socket!.end(close)
      at = start + size
    }
    return bytes.subarray(at)
  }

  #read(text: string): void {
    const [, ref, , event, payload] = JSON.parse(text) as [
      string,
      string,
      string,
      string,
      { status: string; 0?: string },
    ]
    if (event === 'diff') this.onDiff(payload[0] ?? '')
    if (event !== 'phx_reply') return
    this.#waiting.get(ref)?.(payload.status)
    this.#waiting.delete(ref)
  }
}

function load(url: string): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      let html = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => (html += text))
      response.on('end', () => {
        if (response.statusCode !== 200) return reject(new Error(`${url} answered ${response.statusCode}`))
        const attribute = (name: string, text = html): string => new RegExp(`${name}="([^"]*)"`).exec(text)![1]!
        const container = /<[^>]*data-phx-main[^>]*>/.exec(html)![0]
        resolve({
          url: new URL(url),
          cookie: response.headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '',
          csrf: attribute('name="csrf-token" content'),
          topic: `lv:${attribute(' id', container)}`,
          session: attribute('data-phx-session', container),
          static: attribute('data-phx-static', container),
        })
      })
    })
    // A connection that stood idle may have been closed as it was taken again: browsers ask once more, too.
    request.on('error', (error) => (request.reusedSocket ? resolve(load(url)) : reject(error)))
  })
}
