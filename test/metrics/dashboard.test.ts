import { channel } from 'node:diagnostics_channel'
import { createLiveServer } from 'liveloom'
import { createDashboard, createMetrics, type DashboardOptions, type Metrics } from 'liveloom/metrics'
import { serve } from 'liveloom/node'
import { channelName } from 'liveloom/telemetry'
import { afterEach, describe, expect, it } from 'vitest'
import { fetchPage, RawClient } from '../support/raw-client.ts'

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

describe('the dashboard', () => {
  it('shows itself over HTTP, and comes up to date by itself', async () => {
    const metrics = createMetrics()
    ends.push(() => metrics.stop())
    const routes = { '/dashboard': createDashboard(metrics, { every: 250 }) }
    const server = await serve(createLiveServer({ secret: 's'.repeat(32), routes }), {
      ...{ port: 0, host: '127.0.0.1', signals: false, development: false },
    })
    ends.push(() => server.close())
    metrics.watch(server)
    const html = await (await fetch(`${server.url}/dashboard`)).text()
    for (const part of ['Process', 'Traffic', 'Views', 'Files', 'Held']) expect(html).toContain(`<h2>${part}</h2>`)
    const page = await fetchPage(`${server.url}/dashboard`)
    const client = await RawClient.open(page)
    const view = await client.joinView(page)
    for (let times = 0; times < 3; times++) await client.next(({ event }) => event === 'diff')
    expect(view.html).toMatch(/<th scope="row">\/dashboard<\/th>\s*<td>1<\/td>/)
    // What is shown each second is the numbers, and not the page.
    const sizes = client.frames
      .filter(({ event }) => event === 'diff')
      .map(({ payload }) => JSON.stringify(payload).length)
    expect(sizes.at(-1)!).toBeLessThan(2500)
    await client.leave()
  })

  it('says what it says in the page’s language, and the rest in English', async () => {
    const metrics = createMetrics()
    ends.push(() => metrics.stop())
    const labels: DashboardOptions['labels'] = {
      de: { process: 'Prozess', perSecond: ({ amount }) => `${amount} je Sekunde` },
      'de-AT': { uptime: 'Läuft seit <kurzem>' },
    }
    const routes = { '/dashboard': createDashboard(metrics, { labels }) }
    const server = await serve(createLiveServer({ secret: 's'.repeat(32), routes, page: { lang: 'de-AT' } }), {
      ...{ port: 0, host: '127.0.0.1', signals: false, development: false },
    })
    ends.push(() => server.close())
    const html = await (await fetch(`${server.url}/dashboard`)).text()
    for (const text of ['<h2>Prozess</h2>', '0.0 je Sekunde', 'Läuft seit &lt;kurzem&gt;', '<h2>Traffic</h2>']) {
      expect(html).toContain(text)
    }
  })

  it('shows the engine between processes where there is one', async () => {
    const metrics = createMetrics()
    ends.push(() => metrics.stop())
    const routes = { '/dashboard': createDashboard(metrics) }
    const server = await serve(createLiveServer({ secret: 's'.repeat(32), routes }), {
      ...{ port: 0, host: '127.0.0.1', signals: false, development: false },
    })
    ends.push(() => server.close())
    const shown = async (): Promise<string> => (await fetch(`${server.url}/dashboard`)).text()
    expect(await shown()).not.toContain('Between processes')
    const told = channel(channelName('pubsub'))
    for (let at = 0; at < 3; at++) told.publish({ engine: 'Redis', what: 'gap', topic: 'a' })
    told.publish({ engine: 'Redis', what: 'echo', startedAt: 0, durationMs: 4 })
    told.publish({ engine: 'Redis', what: 'away' })
    const tiles = /<h3>Redis<\/h3>([^]*?)<\/dl>/.exec(await shown())![1]!
    const values = [...tiles.matchAll(/<dd>(.*?)<\/dd>/g)].map(([, value]) => value)
    const lag = expect.stringMatching(/^[34]\.\d ms$/) as string
    expect(values).toEqual(['no', lag, lag, '3', '0', '0'])
  })

  const wrong: readonly [string, unknown, DashboardOptions | undefined, RegExp][] = [
    ['what are no metrics', {}, undefined, /expected metrics of createMetrics, got a plain object/],
    [
      'labels of no language',
      { snapshot: () => {} },
      { labels: { 'no!': {} } },
      /languages such as 'de' or 'pt-BR', got 'no!'/,
    ],
    [
      'a label that there is not',
      { snapshot: () => {} },
      { labels: { de: { proces: 'x' } } as never },
      /unknown label 'proces' in labels\.de; known are title, process, /,
    ],
    [
      'a label that is no text',
      { snapshot: () => {} },
      { labels: { de: { process: 7 } } as never },
      /labels\.de\.process must be a text, or a function that makes one, got 7/,
    ],
    ['a time that is none', { snapshot: () => {} }, { every: 10 }, /every must be a time in ms, 250 or more, got 10/],
  ]
  it.each(wrong)('throws for %s', (_, metrics, options, message) => {
    const error = expect.objectContaining({ code: 'ERR_TELEMETRY', message: expect.stringMatching(message) as string })
    expect(() => createDashboard(metrics as Metrics, options)).toThrow(error as Error)
  })
})
