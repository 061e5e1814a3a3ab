/** What is shipped for Grafana and Prometheus asks for metrics that there are, by labels that they have. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMetrics } from 'liveloom/metrics'
import { describe, expect, it } from 'vitest'
import { root } from '../package/root.ts'
import { parsePrometheus } from './prometheus.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[]
}

interface Dashboard {
  readonly uid: string
  readonly schemaVersion: number
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] }
}

const read = (name: string): string => readFileSync(join(root, 'docs', name), 'utf8')
const dashboard = JSON.parse(read('grafana/liveloom.json')) as Dashboard

/** The names of all series that there can be. */
function series(): Set<string> {
  const metrics = createMetrics()
  metrics.stop()
  const names = [...parsePrometheus(metrics.text())].flatMap(([name, { type }]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name],
  )
  return new Set(names)
}

const asked = (text: string): string[] => text.match(/liveloom_[a-z0-9_]+/g) ?? []

describe('the dashboard of Grafana', () => {
  const targets = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })))

  it('has a schema of Grafana 11 or later, and panels that do not lie on one another', () => {
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39)
    expect(dashboard.uid).toBe('liveloom')
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
  })

  it('asks for series that there are', () => {
    const known = series()
    expect(targets.length).toBeGreaterThan(25)
    for (const { title, expr } of targets) {
      expect(asked(expr).length, title).toBeGreaterThan(0)
      for (const name of asked(expr)) expect(known, title).toContain(name)
    }
    const variables = dashboard.templating.list.flatMap(({ definition }) => asked(definition ?? ''))
    for (const name of variables) expect(known).toContain(name)
  })

  it('names variables that it has, and closes its brackets', () => {
    const variables = new Set(dashboard.templating.list.map(({ name }) => name))
    for (const { title, expr } of targets) {
      const named = [...expr.matchAll(/\$(\w+)/g)].map(([, name]) => name!).filter((name) => !name.startsWith('__'))
      for (const name of named) expect(variables, title).toContain(name)
      for (const [open, close] of ['()', '{}', '[]']) {
        expect(expr.split(open!).length, expr).toBe(expr.split(close!).length)
      }
    }
  })
})

it('the alerts ask for series that there are', () => {
  const known = series()
  const names = asked(read('grafana/alerts.yml'))
  expect(names.length).toBeGreaterThan(8)
  for (const name of names) expect(known).toContain(name)
})

it('the guide lists every metric, with its labels, and no other', () => {
  const metrics = createMetrics()
  metrics.stop()
  const rows = [...read('guides/metrics.md').matchAll(/^\| `liveloom_([a-z0-9_]+)` \| (counter|gauge|histogram) \|/gm)]
  const listed = rows.map(([, name, type]) => `liveloom_${name} ${type}`)
  const there = [...parsePrometheus(metrics.text())].map(([name, { type }]) => `${name} ${type}`)
  expect(listed.toSorted()).toEqual(there.toSorted())
})
