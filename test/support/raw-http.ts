/** Requests as no library would send them: written to the bare socket, and answered as text. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  readonly status: number
  /** By name in lower case; the last of several. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** All of it, as it came. */
  readonly text: string
}

/** Opens a socket to the server at `url`. It stays open on this side when the server has ended its own. */
export async function openSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** A request without a body. */
export function requestText(target: string, headers: readonly string[] = [], version = '1.1'): string {
  return [`GET ${target} HTTP/${version}`, ...headers, '', ''].join('\r\n')
}

/** Sends `text` on a connection of its own and gives the first answer. */
export async function ask(url: string, text: string): Promise<RawAnswer> {
  const socket = await openSocket(url)
  socket.write(text)
  try {
    return await readAnswer(socket)
  } finally {
    socket.destroy()
  }
}

/** The next answer of a connection: its length is told, or it ends with the connection. */
export async function readAnswer(socket: Socket): Promise<RawAnswer> {
  let bytes = Buffer.alloc(0)
  const found = (): RawAnswer | undefined => {
    const end = bytes.indexOf('\r\n\r\n')
    if (end === -1) return undefined
    const [line, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
    const headers = Object.fromEntries(
      lines.map((header) => {
        const colon = header.indexOf(':')
        return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()]
      }),
    )
    const length = Number(headers['content-length'] ?? 0)
    if (bytes.length < end + 4 + length) return undefined
    const text = bytes.subarray(0, end + 4 + length)
    return {
      status: Number(line!.split(' ')[1]),
      headers,
      body: text.subarray(end + 4).toString(),
      text: text.toString(),
    }
  }
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const answer = found()
      if (answer !== undefined) settle(() => resolve(answer))
    }
    const onData = (data: Buffer): void => {
      bytes = Buffer.concat([bytes, data])
      look()
    }
    const onEnd = (): void =>
      settle(() => reject(new Error(`the connection ended after ${JSON.stringify(String(bytes))}`)))
    const settle = (then: () => void): void => {
      socket.removeListener('data', onData).removeListener('end', onEnd).removeListener('close', onEnd)
      then()
    }
    socket.on('data', onData).once('end', onEnd).once('close', onEnd)
  })
}
