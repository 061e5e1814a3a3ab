import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createLiveServer, createLiveView, html } from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { afterEach, describe, expect, it } from 'vitest'

const hello = createLiveView({ render: () => html`<h1>Hello</h1>` })
/** So many come at once; Linux lets so many wait. */
const crowd = 1000
const mostWaiting = process.platform === 'linux' ? Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')) : 0
let server: NodeServer | undefined

async function start(options: Parameters<typeof serve>[1] = {}): Promise<NodeServer> {
  const secret = 'a secret of the tests, long enough'
  server = await serve(createLiveServer({ secret, routes: { '/': hello }, onError() {} }), {
    port: 0,
    signals: false,
    ...options,
  })
  return server
}

async function openTo({ url }: NodeServer): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), 'localhost')
  await once(socket, 'connect')
  return socket
}

afterEach(() => server?.close())

describe('serve', () => {
  it('has a clock for the head of a request, and leaves its body to others', async () => {
    const { server } = await start()
    expect(server).toMatchObject({ requestTimeout: 0, headersTimeout: 60_000 })
  })

  it('closes without waiting for a request that never arrives whole', async () => {
    // Longer than the test may take: waiting for it would fail.
    const running = await start({ closeTimeout: 600_000 })
    const socket = await openTo(running)
    socket.write('GET / HTTP/1.1\r\nHost: local')
    // Cut, in whatever way.
    socket.on('error', () => {})
    const ended = new Promise((resolve) => socket.once('close', resolve))
    await running.close()
    await ended
  })

  it.skipIf(mostWaiting < crowd)('has a crowd wait that comes while it is busy, and sends nobody away', async () => {
    const { url } = await start()
    const program = `
      let connected = 0
      const onConnect = () => ++connected === ${crowd} && process.exit(0)
      for (let at = 0; at < ${crowd}; at++) require('node:net').connect(${new URL(url).port}, 'localhost', onConnect)`
    // Until it ends this process accepts nobody.
    expect(spawnSync(process.execPath, ['-e', program], { timeout: 20_000 }).status).toBe(0)
  })

  it('answers what was asked before it closes', async () => {
    let release = (): void => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    let asked = (): void => {}
    const waiting = new Promise<void>((resolve) => (asked = resolve))
    const running = await start({
      closeTimeout: 600_000,
      use: [
        (_request, _response, next) => {
          asked()
          held.then(() => next(), next)
        },
      ],
    })
    const answer = fetch(running.url)
    await waiting
    const closed = running.close()
    release()
    expect((await answer).status).toBe(200)
    await closed
  })

  it('rejects when closing gives something up, and says what', async () => {
    let asked = (): void => {}
    const waiting = new Promise<void>((resolve) => (asked = resolve))
    const running = await start({ closeTimeout: 0, use: [() => asked()] })
    const answer = fetch(running.url).catch(() => 'cut')
    await waiting
    const closed = running.close()
    await expect(closed).rejects.toMatchObject({
      code: 'ERR_CLOSE_TIMEOUT',
      message: 'close: given up after 0 ms: 1 request',
    })
    expect(await answer).toBe('cut')
    expect(running.server.listening).toBe(false)
    server = undefined
  })

  it.each([
    { closeTimeout: -1, says: 'serve: closeTimeout must be a number of ms from 0 to 2147483647, got -1' },
    { closeTimeout: Number.NaN, says: 'got NaN' },
    { closeTimeout: 2 ** 31, says: 'got 2147483648' },
    { fsync: 'yes' as unknown as boolean, says: "createHandler: fsync must be true or false, got 'yes'" },
  ])('refuses the option of $says', async ({ says, ...options }) => {
    await expect(start(options)).rejects.toMatchObject({
      code: 'ERR_SERVER_OPTIONS',
      message: expect.stringContaining(says),
    })
  })

  it('answers for a middleware that rejects', async () => {
    const running = await start({
      use: [
        async () => {
          throw new Error('later')
        },
      ],
    })
    expect((await fetch(running.url)).status).toBe(500)
  })

  it('answers 404 and 500 with pages', async () => {
    const running = await start({
      development: true,
      use: [
        (request, _response, next) => {
          if (request.url === '/broken') throw new TypeError('no such thing')
          next()
        },
      ],
    })
    const missing = await fetch(`${running.url}/missing`)
    expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining('Page not found')])
    const broken = await fetch(`${running.url}/broken`)
    expect([broken.status, await broken.text()]).toEqual([500, expect.stringContaining('no such thing')])
  })

  it.each([
    { port: 'http', env: { PORT: 'http' } },
    { port: '70000', env: { PORT: '70000' } },
  ])('refuses the port $port', async ({ env }) => {
    const { PORT } = process.env
    Object.assign(process.env, env)
    try {
      await expect(start({ port: undefined })).rejects.toThrow('PORT must be a port number')
    } finally {
      if (PORT === undefined) delete process.env['PORT']
      else process.env['PORT'] = PORT
    }
  })

  describe('at a port that is taken', () => {
    const secret = 'a secret of the tests, long enough'
    const live = createLiveServer({ secret, routes: { '/': hello } })

    async function occupied(): Promise<{ readonly port: number; free(): void }> {
      const other = createServer().listen(0, 'localhost')
      await once(other, 'listening')
      return { port: (other.address() as AddressInfo).port, free: () => other.close() }
    }

    it('says so in production, at once', async () => {
      const { port, free } = await occupied()
      const started = serve(live, { port, signals: false, development: false })
      await expect(started).rejects.toMatchObject({
        code: 'ERR_PORT',
        message: `serve: the port ${port} is taken by another program; end that, or set PORT or the option port`,
      })
      free()
    })

    it('waits for it in development, where the process before may just be ending', async () => {
      const { port, free } = await occupied()
      const started = serve(live, { port, signals: false, development: true })
      // Some of its tries fail.
      await new Promise((resolve) => setImmediate(resolve))
      free()
      server = await started
      expect(server.url).toBe(`http://localhost:${port}`)
    })
  })
})
