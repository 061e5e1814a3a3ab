import { createLiveServer } from 'liveloom'
import { createDashboard, createMetrics, type DashboardOptions, type Metrics } from 'liveloom/metrics'
import { serve } from 'liveloom/node'
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

  const wrong: readonly [string, unknown, DashboardOptions | undefined, RegExp][] = [
    ['what are no metrics', {}, undefined, /expected metrics of createMetrics, got a plain object/],
    ['a time that is none', { snapshot: () => {} }, { every: 10 }, /every must be a time in ms, 250 or more, got 10/],
  ]
  it.each(wrong)('throws for %s', (_, metrics, options, message) => {
    const error = expect.objectContaining({ code: 'ERR_TELEMETRY', message: expect.stringMatching(message) as string })
    expect(() => createDashboard(metrics as Metrics, options)).toThrow(error as Error)
  })
})
