/** The programs of the guides for doors, run as they stand, on what they are for. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { transformSync } from 'esbuild'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Door } from '../doors/app.ts'
import { root } from '../package/root.ts'
import { fetchPage, RawClient } from '../support/raw-client.ts'
import { startProgram } from './runtime.ts'

let folder: string
let door: Door
const clients: RawClient[] = []

beforeAll(() => {
  // Within the repository, where the packages are found.
  mkdirSync(join(root, 'test-results'), { recursive: true })
  folder = mkdtempSync(join(root, 'test-results/guides-'))
})

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.terminate()
  await door.close()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Starts the first program of a guide that `fits`. Each has its own way to say what is to listen. */
async function start(guide: string, runtime: string, fits: (code: string) => boolean): Promise<string> {
  const text = readFileSync(join(root, `docs/guides/${guide}.md`), 'utf8')
  const code = [...text.matchAll(/```ts\n([^]*?)```/g)].map(([, block]) => block!).find(fits)!
  const file = join(folder, `${guide}-${text.indexOf(code)}.mjs`)
  writeFileSync(file, transformSync(code, { loader: 'ts' }).code)
  const port = await freePort()
  const listens = join(folder, `${guide}-${port}.mjs`)
  writeFileSync(
    listens,
    `globalThis.userOf = (cookie) => /(?:^|; )who=(\\w+)/.exec(cookie ?? '')?.[1]
    const { app, createApp, start } = await import(${JSON.stringify(file)})
    export async function listen() {
      if (start !== undefined) await start(${port})
      else if (createApp !== undefined) createApp().server.listen(${port})
      else await app.listen({ port: ${port} })
      return { url: 'http://localhost:${port}', close: async () => {} }
    }`,
  )
  door = await startProgram(runtime, listens, 'listen', {})
  return door.url
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function ask(url: string, headers: Record<string, string>): Promise<[IncomingMessage, Buffer]> {
  const asked = get(url, { headers, agent: false })
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return [response, Buffer.concat(await response.toArray())]
}

describe.each([
  ['express', 'node22'],
  ['fastify', 'node22'],
  ['koa', 'node22'],
  ['hono', 'node22'],
  ['bun', 'bun'],
  ['deno', 'deno'],
])('the guide of %s', (guide, runtime) => {
  it('begins with a view that lives', async () => {
    const page = await fetchPage(`${await start(guide, runtime, () => true)}/`)
    const client = await RawClient.open(page)
    clients.push(client)
    const view = await client.joinView(page)
    await view.event('inc')
    expect(view.html).toContain('>1</button>')
  })

  it('puts logins, headers, compression and a proxy around views that stand below a prefix', async () => {
    const url = await start(guide, runtime, (code) => code.includes('userOf'))
    const stranger = await fetch(`${url}/app/`, { redirect: 'manual' })
    expect([stranger.status, new URL(stranger.headers.get('location')!, url).pathname]).toEqual([302, '/login'])
    expect(await (await fetch(`${url}/login`)).text()).toBe('A login of yours')

    const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'example.com' }
    const [{ headers }, body] = await ask(`${url}/app/`, {
      cookie: 'who=Ada',
      'accept-encoding': 'gzip',
      ...forwarded,
    })
    expect(headers['content-security-policy']).toContain("default-src 'self'")
    expect(headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(body).toString()).toContain('Hello, Ada')
    expect(String(headers['set-cookie'])).toContain('Secure')

    const page = await fetchPage(`${url}/app/`, `who=Ada; ${String(headers['set-cookie']).split(';', 1)[0]}`)
    const client = await RawClient.open(page, { path: '/app/live' })
    clients.push(client)
    expect((await client.joinView(page)).html).toContain('Hello, Ada')
    const strange = { ...page, cookie: page.cookie.replace('who=Ada; ', '') }
    await expect(RawClient.open(strange, { path: '/app/live' })).rejects.toThrow('302')
  })
})
