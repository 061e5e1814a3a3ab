/** What workers hand on to each other: requests as no browser would send them, more than they can take, and in the moment in which they leave. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { buildProgram } from '../support/build-program.ts'
import { Home, KeepingProcess } from '../support/keeping-process.ts'
import { fetchPage, type Page } from '../support/raw-client.ts'
import { ask, openSocket, requestText } from '../support/raw-http.ts'

const source = fileURLToPath(new URL('../support/workers-server.ts', import.meta.url))

let program: string
let home: Home
let server: KeepingProcess

beforeAll(async () => {
  program = await buildProgram(source)
  home = await Home.make()
  server = await KeepingProcess.start(program, home, 0, { WORKERS: '2' })
}, 60_000)

afterAll(async () => {
  await server.end('SIGKILL')
  await home.remove()
})

const host = 'Host: localhost'

/** So many connections come to both workers, in turn: half of them to the one that has to hand them on. */
function many<Result>(run: (at: number) => Promise<Result>, count = 8): Promise<Result[]> {
  return Promise.all(Array.from({ length: count }, (_, at) => run(at)))
}

describe('a request that is handed on', () => {
  it.each([
    ['has more headers than Node shows', [host, ...Array.from({ length: 2100 }, () => 'a:')], '1.1'],
    ['announces trailers', [host, 'Trailer: x'], '1.1'],
    ['is of HTTP/1.0, and names no host', [], '1.0'],
    ['has headers as large as they may be', [host, `Cookie: ${'a'.repeat(16_200)}`], '1.1'],
  ])('is answered where it %s', async (_, headers, version) => {
    const { cookie } = await fetchPage(server.url)
    const own = [`Cookie: ${cookie}`, ...headers.filter((header) => !header.startsWith('Cookie'))]
    for (const all of [headers, own]) {
      const answers = await many(() => ask(server.url, requestText('/who', all, version)).catch(String))
      expect(answers).toEqual(answers.map(() => expect.objectContaining({ status: 200 })))
    }
    expect(server.output).toBe('')
  })

  it('has no header of ours when it is read', async () => {
    const answers = await many(() => ask(server.url, requestText('/headers', [host, 'A: b'])))
    for (const { body } of answers) expect(JSON.parse(body)).toMatchObject({ host: ['localhost'], a: ['b'] })
    for (const { body } of answers) expect(body).not.toContain('liveloom')
    const forged = await many(() => ask(server.url, requestText('/who', [host, 'x-liveloom-client: 6.6.6.6 1 1.1'])))
    for (const { body } of forged) expect(body).toMatch(/(127\.0\.0\.1|::1)$/)
  })

  it('is one request there too, wherever the length of its body stands', async () => {
    const { cookie } = await fetchPage(server.url)
    const hidden = requestText('/told', [host, 'x-liveloom-client: 6.6.6.6 1'])
    // Those that are not handed on make room for what has to be.
    const filling = [...Array.from({ length: 50 }, () => 'Keep-Alive:'), ...Array.from({ length: 1948 }, () => 'a:')]
    const head = [host, `Cookie: ${cookie}`, ...filling, `Content-Length: ${hidden.length}`]
    const answers = await many(() => ask(server.url, requestText('/who', head) + hidden))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    // What came behind has been read by now.
    await many(() => ask(server.url, requestText('/who', [host, `Cookie: ${cookie}`])))
    expect(server.output).toBe('')
  })

  it('waits for its turn behind those before it on its connection', async () => {
    const own = await KeepingProcess.start(program, home, 0, { WORKERS: '2' })
    const { cookie } = await fetchPage(own.url)
    const waiting = requestText('/who', [host, `Cookie: ${cookie}`])
    await many(async () => {
      const socket = await openSocket(own.url)
      socket
        .resume()
        .once('end', () => socket.end())
        .write(waiting.repeat(150))
      await once(socket, 'close')
    }, 2)
    expect(own.output.match(/maxRequestsAhead/g)).toHaveLength(2)
    await own.end('SIGTERM')
  })
})

describe('a server with workers that leaves', () => {
  it('has each answer what it was asked through another', async () => {
    const own = await KeepingProcess.start(program, home, 0, { WORKERS: '2' })
    const page: Page = await fetchPage(own.url)
    const begin = async (): Promise<Socket> => {
      const socket = await openSocket(own.url)
      socket.write(requestText('/body', [host, `Cookie: ${page.cookie}`, 'Transfer-Encoding: chunked']))
      socket.write('1\r\na\r\n')
      // It is being answered.
      await once(socket, 'data')
      return socket
    }
    const sockets = await many(begin)
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
