/** What metrics say of a `PubSub` on an engine: with the engine itself, which goes away and comes back. */
import { createMetrics } from 'liveloom/metrics'
import { describe, expect, it, vi } from 'vitest'
import { parsePrometheus, valueOf } from '../metrics/prometheus.ts'
import { EngineProcess } from '../support/engines.ts'
import type { EngineCase } from './engine-pubsub.ts'

/** `told`: what the engine is called. */
export function engineMetricsContract(told: string, { engine, join }: EngineCase): void {
  describe(`the metrics of the pubsub on ${told}`, () => {
    it('say how late messages are, what was lost while it was away, and who was told of it', async () => {
      const server = await EngineProcess.start(engine)
      const metrics = createMetrics()
      const value = (name: string, labels = {}): number | undefined =>
        valueOf(metrics.text(), `liveloom_pubsub_${name}`, { engine: told, ...labels })
      const [here, there] = [await join(server.port, {}), await join(server.port, { whileAway: 'queue' })]
      let gaps = 0
      for (const { pubsub } of [here, there]) {
        const subscription = pubsub.subscribe(
          'a',
          () => {},
          () => gaps++,
        )
        await subscription.ready
      }
      await vi.waitFor(() => expect(value('lag_seconds_count')).toBeGreaterThanOrEqual(2), { timeout: 10_000 })
      const { lag, up } = metrics.snapshot().pubsub[0]!
      expect(lag.p99).toBeGreaterThan(0)
      expect(lag.p99).toBeLessThan(2)
      expect(up).toBe(true)
      // What a process sends itself counts for none of these.
      for (const name of ['away_total', 'queued_total', 'dropped_total']) expect(value(name) ?? 0).toBe(0)
      // Those who subscribe before it hears are told once it does.
      expect(value('gaps_total') ?? 0).toBe(gaps)
      const before = gaps

      await server.kill()
      await vi.waitFor(() => expect(value('away_total')).toBe(2), { timeout: 10_000 })
      await expect(here.pubsub.publish('a', 1)).rejects.toMatchObject({ code: 'ERR_PUBSUB_AWAY' })
      const waits = there.pubsub.publish('a', 2)
      expect(value('dropped_total', { code: 'ERR_PUBSUB_AWAY' })).toBe(1)
      expect(value('queued_total')).toBe(1)
      expect(metrics.snapshot().pubsub).toMatchObject([
        { engine: told, up: false, queued: 1, dropped: 1, gaps: before },
      ])

      await server.start()
      await waits
      await vi.waitFor(() => expect(gaps).toBe(before + 2), { timeout: 10_000 })
      expect(value('gaps_total')).toBe(gaps)
      expect(metrics.snapshot().pubsub).toMatchObject([{ up: true, gaps }])
      expect(parsePrometheus(metrics.text()).size).toBeGreaterThan(50)
      metrics.stop()
      for (const { pubsub, closeClient } of [here, there]) {
        await pubsub.close()
        await closeClient()
      }
      await server.stop()
    }, 60_000)
  })
}
