/** What workers hand on to each other: requests as no browser would send them, more than they can take, and in the moment in which they leave. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { buildProgram } from '../support/build-program.ts'
import { Home, KeepingProcess } from '../support/keeping-process.ts'
import { fetchPage } from '../support/raw-client.ts'
import { ask, openSocket, requestText } from '../support/raw-http.ts'

const source = fileURLToPath(new URL('../support/workers-server.ts', import.meta.url))

let program: string
let home: Home
let server: KeepingProcess
let cookies: readonly string[]

beforeAll(async () => {
  program = await buildProgram(source)
  home = await Home.make()
  server = await KeepingProcess.start(program, home, 0, { WORKERS: '2' })
  cookies = await visitors(server.url)
}, 60_000)

afterAll(async () => {
  await server.end('SIGKILL')
  await home.remove()
})

const host = 'Host: localhost'

/** The cookie of one visitor of each worker: whoever takes a connection has to hand on what one of them asks. */
async function visitors(url: string): Promise<readonly string[]> {
  const found = new Map<string, string>()
  while (found.size < 2) {
    const { cookie } = await fetchPage(url)
    const { body } = await ask(url, requestText('/who', [host, `Cookie: ${cookie}`]))
    found.set(body.split(' ')[0]!, cookie)
  }
  return [...found.values()]
}

function many<Result>(run: (cookie: string) => Promise<Result>, of = cookies): Promise<Result[]> {
  return Promise.all([...of, ...of, ...of, ...of].map((cookie) => run(cookie)))
}

describe('a request that is handed on', () => {
  it.each([
    ['has more headers than Node shows', [host, ...Array.from({ length: 2100 }, () => 'a:')], '1.1'],
    ['announces trailers', [host, 'Trailer: x'], '1.1'],
    ['is of HTTP/1.0, and names no host', [], '1.0'],
    ['has headers as large as they may be', [host, `Cookie: ${'a'.repeat(16_200)}`], '1.1'],
  ])('is answered where it %s', async (_, headers, version) => {
    const rest = headers.filter((header) => !header.startsWith('Cookie'))
    for (const all of [() => headers, (cookie: string) => [`Cookie: ${cookie}`, ...rest]]) {
      const answers = await many((cookie) => ask(server.url, requestText('/who', all(cookie), version)).catch(String))
      expect(answers).toEqual(answers.map(() => expect.objectContaining({ status: 200 })))
    }
    expect(server.output).toBe('')
  })

  it('has no header of ours when it is read', async () => {
    const answers = await many((cookie) =>
      ask(server.url, requestText('/headers', [host, 'A: b', `Cookie: ${cookie}`])),
    )
    for (const { body } of answers) expect(JSON.parse(body)).toMatchObject({ host: ['localhost'], a: ['b'] })
    for (const { body } of answers) expect(body).not.toContain('x-liveloom')
    const forged = await many((cookie) =>
      ask(server.url, requestText('/who', [host, `Cookie: ${cookie}`, 'x-liveloom-client: 6.6.6.6 1 1.1'])),
    )
    for (const { body } of forged) expect(body).toMatch(/(127\.0\.0\.1|::1) \d$/)
  })

  it('is one request there too, wherever the length of its body stands', async () => {
    const hidden = requestText('/told', [host, 'x-liveloom-client: 6.6.6.6 1'])
    // Those that are not handed on make room for what has to be.
    const filling = [...Array.from({ length: 50 }, () => 'Keep-Alive:'), ...Array.from({ length: 1948 }, () => 'a:')]
    const head = [...filling, `Content-Length: ${hidden.length}`]
    const answers = await many((cookie) =>
      ask(server.url, requestText('/who', [host, `Cookie: ${cookie}`, ...head]) + hidden),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    // What came behind has been read by now.
    await many((cookie) => ask(server.url, requestText('/who', [host, `Cookie: ${cookie}`])))
    expect(server.output).toBe('')
  })

  it('waits for its turn behind those before it on its connection', async () => {
    const own = await KeepingProcess.start(program, home, 0, { WORKERS: '2' })
    for (const cookie of await visitors(own.url)) {
      const socket = await openSocket(own.url)
      socket
        .resume()
        .once('end', () => socket.end())
        .write(requestText('/who', [host, `Cookie: ${cookie}`]).repeat(150))
      // It is ended, whoever has to answer: each worker says so once.
      await once(socket, 'close')
    }
    expect(own.output).toMatch(/maxRequestsAhead/)
    await own.end('SIGTERM')
  })
})

describe('a server with workers that leaves', () => {
  it('has each answer what it was asked through another', async () => {
    const own = await KeepingProcess.start(program, home, 0, { WORKERS: '2' })
    const begin = async (cookie: string): Promise<Socket> => {
      const socket = await openSocket(own.url)
      socket.write(requestText('/body', [host, `Cookie: ${cookie}`, 'Transfer-Encoding: chunked']))
      socket.write('1\r\na\r\n')
      // It is being answered.
      await once(socket, 'data')
      return socket
    }
    const sockets = await many(begin, await visitors(own.url))
    const ended = own.end('SIGTERM')
    await vi.waitFor(() => expect(fetchPage(own.url)).rejects.toThrow(), { timeout: 20_000 })
    const rests = sockets.map(async (socket) => {
      let rest = ''
      socket.on('data', (data) => (rest += data.toString()))
      const closed = once(socket, 'end')
      socket.write('1\r\nb\r\n0\r\n\r\n')
      await closed
      return rest
    })
    expect(await Promise.all(rests)).toEqual(sockets.map(() => expect.stringContaining('0\r\n\r\n')))
    await ended
    expect(own.output).toBe('')
  })
})
