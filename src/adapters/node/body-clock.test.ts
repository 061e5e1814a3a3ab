import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openSocket, readAnswer } from '../../../test/support/raw-http.ts'
import { excuseBody, limitBody } from './body-clock.ts'

const post = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n'
const body = '0123456789'
const whole = 300_000
const rest = 30_000
let server: Server | undefined

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
  server?.closeAllConnections()
  server?.close()
})

interface Asked {
  readonly socket: Socket
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** A request that the server has got so much of, and not answered yet. */
async function ask(text: string): Promise<Asked> {
  server = createServer((request, response) => limitBody(request, response))
  server.requestTimeout = 0
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const asked = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>
  const socket = await openSocket(`http://localhost:${(server.address() as AddressInfo).port}`)
  socket.write(text)
  const [request, response] = await asked
  return { socket, request, response }
}

const ended = (socket: Socket): Promise<unknown> => once(socket.resume(), 'end')

describe('a body that does not come', () => {
  it('is answered with 408, and its connection ended', async () => {
    const { socket, request } = await ask(post)
    request.resume()
    vi.advanceTimersByTime(whole)
    expect((await readAnswer(socket)).status).toBe(408)
    await ended(socket)
  })

  it('has its connection ended in the middle of an answer', async () => {
    const { socket, response } = await ask(post)
    response.write('so far')
    vi.advanceTimersByTime(whole)
    await ended(socket)
  })

  it('has its connection ended when the request has been answered, also one that is excused', async () => {
    const { socket, request, response } = await ask(post)
    excuseBody(request)
    response.end('no')
    expect((await readAnswer(socket)).status).toBe(200)
    vi.advanceTimersByTime(rest)
    await ended(socket)
  })
})

describe('left alone is', () => {
  it('one that is excused, as long as it is not answered', async () => {
    const { socket, request, response } = await ask(post)
    excuseBody(request)
    request.resume()
    vi.advanceTimersByTime(10 * whole)
    socket.write(body)
    await once(request, 'end')
    response.end('all of it')
    expect(await readAnswer(socket)).toMatchObject({ status: 200, body: 'all of it' })
    expect(vi.getTimerCount()).toBe(0)
  })

  it.for([
    ['a request without one', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['one that has come', post + body],
  ] as const)('%s, and its connection', async ([, text]) => {
    const { socket, request, response } = await ask(text)
    request.resume()
    await once(request, 'end')
    vi.advanceTimersByTime(10 * whole)
    response.end('late')
    expect(await readAnswer(socket)).toMatchObject({ status: 200, body: 'late' })
    vi.advanceTimersByTime(rest)
    const next = once(server!, 'request') as Promise<[IncomingMessage, ServerResponse]>
    socket.write(text)
    const [, again] = await next
    again.end('again')
    expect(await readAnswer(socket)).toMatchObject({ status: 200, body: 'again' })
  })
})
