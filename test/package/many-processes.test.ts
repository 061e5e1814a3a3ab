/** What the guide of many processes has readers copy is what the show runs, and what answers. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { NodeServer } from '../../src/node.ts'
import { root } from './root.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const guide = read('docs/guides/many-processes.md')

function blockOf(language: string, part = ''): string {
  const blocks = [...guide.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
  return blocks.find(([, fence, code]) => fence === language && code!.includes(part))![2]!
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
}

describe('the configuration of', () => {
  /** What is its site's own, and not the show's. */
  const proxies = [
    { language: 'haproxy', file: 'haproxy.cfg', own: [] },
    { language: 'nginx', file: 'nginx.conf', own: ['listen 443 ssl;'] },
    { language: 'caddy', file: 'Caddyfile', own: ['example.com {'] },
  ]
  /** The machines of the guide are ports of the show; it has one more. */
  const addressed = (text: string): string =>
    text
      .replaceAll(
        /"?127\.0\.0\.1:\{?\$\{?PORT_(\w)\}"?/g,
        (_, place: string) => `10.0.0.${'ABC'.indexOf(place) + 1}:4000`,
      )
      .replaceAll(' 10.0.0.3:4000', '')

  it.each(proxies)('$language in the guide stands in $file, line by line', ({ language, file, own }) => {
    const shown = new Set(linesOf(addressed(read(`examples/cluster/${file}`))))
    const lines = linesOf(blockOf(language))
    expect(lines.length).toBeGreaterThan(10)
    expect(lines.filter((line) => !shown.has(line))).toEqual(own)
  })
})

describe('the health endpoints', () => {
  const folder = join(root, 'test-results/guides')
  let server: NodeServer | undefined

  afterEach(async () => {
    await server?.close()
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true, force: true })
  })

  it('say that it lives, and whether new visitors may come', async () => {
    vi.stubEnv('PORT', '0')
    vi.stubEnv('LIVELOOM_SECRET', 'a secret of the tests, long enough')
    mkdirSync(folder, { recursive: true })
    const program = join(folder, `health-${process.pid}.ts`)
    writeFileSync(program, `${blockOf('ts', 'const health')}\nexport { server }\n`)
    server = ((await import(program)) as { readonly server: NodeServer }).server
    const ask = async (path: string): Promise<number> => (await fetch(server!.url + path)).status
    expect(await Promise.all(['/healthz', '/readyz'].map(ask))).toEqual([200, 200])
    const drained = server.drain({ over: 0, grace: 0 })
    expect(await Promise.all(['/healthz', '/readyz'].map(ask))).toEqual([200, 503])
    await drained
  })

  it('of the show are those of the guide, but for what HAProxy takes for leaving', () => {
    const middleware = /^const health: Middleware[\s\S]*?^}$/m
    const [ofGuide] = middleware.exec(blockOf('ts', 'const health'))!
    const [ofShow] = middleware.exec(read('examples/cluster/server.ts'))!
    expect(ofShow).toBe(ofGuide.replace('503', '404'))
  })
})
