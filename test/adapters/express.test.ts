/** The guide of Express, run as it stands. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transformSync } from 'esbuild'
import type { LiveHandler } from 'liveloom/node'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { root } from '../package/root.ts'
import { fetchPage, RawClient } from '../support/raw-client.ts'
import { ask, requestText } from '../support/raw-http.ts'

interface Guide {
  createApp(basePath?: string): { readonly server: Server; readonly live: LiveHandler }
}

let guide: Guide
let folder: string
let app: ReturnType<Guide['createApp']>

beforeAll(async () => {
  const text = readFileSync(join(root, 'docs/guides/express.md'), 'utf8')
  const [, program] = /```ts\n([^]*?)```/.exec(text)!
  // Within the repository, where the packages are found.
  mkdirSync(join(root, 'test-results'), { recursive: true })
  folder = mkdtempSync(join(root, 'test-results/express-'))
  const file = join(folder, 'guide.mjs')
  writeFileSync(file, transformSync(program!, { loader: 'ts' }).code)
  vi.stubEnv('LIVELOOM_SECRET', 'a secret of the tests, long enough')
  guide = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Guide
})

afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

afterEach(async () => {
  app.server.closeAllConnections()
  app.server.close()
  await app.live.close()
})

async function start(basePath?: string): Promise<string> {
  app = guide.createApp(basePath)
  await new Promise<void>((resolve) => void app.server.listen(0, resolve))
  return `http://localhost:${(app.server.address() as AddressInfo).port}`
}

describe.each(['', '/acme'])('Express, mounted at %j', (basePath) => {
  it('shows views, compressed, which live over their socket', async () => {
    const url = `${await start(basePath)}${basePath}/`
    const response = await fetch(url, { headers: { 'accept-encoding': 'gzip' } })
    expect(response.status).toBe(200)
    const page = await fetchPage(url)
    const client = await RawClient.open(page, { path: `${basePath}/live` })
    const view = await client.joinView(page)
    await view.event('click')
    expect(view.html).toContain('>1</button>')
    client.socket.terminate()
  })

  it('takes forms', async () => {
    const url = `${await start(basePath)}${basePath}`
    const { cookie, csrfToken } = await fetchPage(`${url}/`)
    const body = new URLSearchParams({ _csrf_token: csrfToken, name: 'Ada' })
    const response = await fetch(`${url}/greet`, { method: 'POST', body, headers: { cookie }, redirect: 'manual' })
    expect(response.headers.get('location')).toBe(`${basePath}/?name=Ada`)
  })

  it('leaves other routes to it, and shows the page for 404', async () => {
    const url = await start(basePath)
    expect(await (await fetch(`${url}/api/health`)).json()).toEqual({ ok: true })
    expect(await (await fetch(`${url}/api/me`)).json()).toEqual({})
    const missing = await fetch(`${url}/nothing`)
    expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining('Page not found')])
  })

  it('refuses what names two hosts, also where it says that a proxy sent it', async () => {
    const url = await start(basePath)
    const hosts = ['Host: localhost', 'Host: evil.example', 'X-Forwarded-Host: localhost']
    for (const headers of [hosts, hosts.slice(0, 2)]) {
      const { status } = await ask(url, requestText(`${basePath}/`, headers))
      expect(status).toBe(400)
    }
  })

  it('shows the page for 500 when a route throws', async () => {
    const url = await start(basePath)
    const response = await fetch(`${url}/api/health`, {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    })
    expect(response.status).toBe(500)
    expect(await response.text()).toContain('<!doctype html>')
  })
})
