/** What is shipped for Grafana and Prometheus asks for metrics that there are, by labels that they have. */
import { channel } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMetrics } from 'liveloom/metrics'
import { channelName, type TelemetryName } from 'liveloom/telemetry'
import { describe, expect, it } from 'vitest'
import { root } from '../package/root.ts'
import type { ServerStats } from '../../src/server/stats.ts'
import { type Metric, parsePrometheus } from './prometheus.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat?: string }[]
}

interface Dashboard {
  readonly uid: string
  readonly schemaVersion: number
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] }
}

const read = (name: string): string => readFileSync(join(root, 'docs', name), 'utf8')
const dashboard = JSON.parse(read('grafana/liveloom.json')) as Dashboard

/** Labels that Prometheus gives each sample. */
const ofPrometheus = ['job', 'instance']

/** The metrics of a process in which everything has happened once. */
function metricsOfAll(): Map<string, Metric> {
  const metrics = createMetrics({ server: { stats: () => stats } })
  const time = { startedAt: 0, durationMs: 1 }
  const view = { view: '/', id: 'phx-1' }
  const tell = (name: TelemetryName, event: object): void => channel(channelName(name)).publish(event)
  tell('http', { ...view, ...time, url: '/', status: 500 })
  for (const name of ['join', 'diff'] as const) tell(name, { ...view, ...time })
  tell('turn', { ...view, ...time, stage: 'event', waitedMs: 1, error: new Error() })
  tell('message', { ...view, event: 'diff', bytes: 1 })
  tell('upload', { ...view, ...time, what: 'done' })
  tell('entry', { ...view, outcome: 'consumed' })
  tell('download', { outcome: 'sent', bytes: 1 })
  tell('navigation', { kind: 'patch' })
  tell('connect', { trusted: true })
  tell('disconnect', {})
  tell('resume', { reason: 'reconnect' })
  tell('expire', { why: 'time' })
  for (const what of ['echo', 'gap', 'away', 'queued', 'dropped']) {
    tell('pubsub', { engine: 'Redis', what, code: 'ERR_PUBSUB_AWAY', ...time })
  }
  metrics.stop()
  return parsePrometheus(metrics.text())
}

/** Of a server with one view. */
const stats: ServerStats = {
  ...{
    sockets: 1,
    longPolls: 0,
    parkedPages: 0,
    adoptablePages: 0,
    requests: 0,
    heldBytes: 0,
    downloads: 0,
    finishing: 0,
  },
  ready: true,
  uploads: { sending: 0, waiting: 0, dueBytes: 0, receivedBytes: 0, elsewhereBytes: 0 },
  views: [{ view: '/', live: 1, parked: 0, messages: 0, longestMailbox: 0, sendingFiles: 0, contextBytes: undefined }],
}

const all = metricsOfAll()

/** All series that there can be, each with its labels. */
const series = new Map(
  [...all.values()].flatMap(({ samples }) =>
    samples.map(({ name, labels }) => [name, new Set([...ofPrometheus, ...Object.keys(labels)])] as const),
  ),
)

const asked = (text: string): string[] => text.match(/liveloom_[a-z0-9_]+/g) ?? []

/** The labels that are asked for of each series of an expression: those it is chosen by, and those that what stands around it groups by. */
function askedLabels(expr: string): readonly { readonly name: string; readonly labels: readonly string[] }[] {
  const selectors = [...expr.matchAll(/(liveloom_[a-z0-9_]+)(?:\{([^}]*)\})?/g)]
  const groups = [...expr.matchAll(/\b(?:by|without|on) \(([^)]*)\)/g)].map(({ 1: labels, index }) => ({
    labels: labels!.split(',').map((label) => label.trim()),
    span: spanBehind(expr, index + expr.slice(index).indexOf(')') + 1),
  }))
  return selectors.map(({ 1: name, 2: matchers = '', index }) => ({
    name: name!,
    labels: [
      ...[...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label!),
      ...groups.filter(({ span }) => span.from <= index && index < span.to).flatMap(({ labels }) => labels),
    ],
  }))
}

/** The brackets that open behind `at`. */
function spanBehind(expr: string, at: number): { readonly from: number; readonly to: number } {
  const from = expr.indexOf('(', at)
  let [depth, to] = [0, from]
  do {
    if (expr[to] === '(') depth++
    if (expr[to] === ')') depth--
    to++
  } while (depth > 0 && to < expr.length)
  return { from, to }
}

function expectKnown(expr: string, where: string): void {
  const found = askedLabels(expr)
  expect(found.length, where).toBeGreaterThan(0)
  for (const { name, labels } of found) {
    expect(series.get(name), `${where}: ${name}`).toBeDefined()
    for (const label of labels) expect(series.get(name), `${where}: ${name} has no ${label}`).toContain(label)
  }
}

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

  it('asks for series that there are, by labels that they have', () => {
    expect(targets.length).toBeGreaterThan(30)
    for (const { title, expr } of targets) expectKnown(expr, title)
    for (const { definition } of dashboard.templating.list) {
      if (definition === undefined) continue
      const [, what, label] = /^label_values\((.+), (\w+)\)$/.exec(definition)!
      expectKnown(what!, definition)
      expect(series.get(asked(what!)[0]!), definition).toContain(label)
    }
  })

  it('names each line by a label that its expression keeps', () => {
    for (const { title, targets = [] } of dashboard.panels) {
      for (const { expr, legendFormat = '' } of targets) {
        const kept =
          /\bsum by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? (/^\w*\(?sum\(|^max\(/.test(expr) ? [] : ofPrometheus)
        for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
          expect(kept, `${title}: ${expr}`).toContain(label)
      }
    }
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

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly summary: string
}

/** Of the lines behind `- alert: `. */
function toRule(text: string): Rule {
  const [, alert] = /^(\w+)\n/.exec(text)!
  const [, block, line] = /\n {8}expr: (?:>-\n((?: {10}.*\n)+)|(.*)\n)/.exec(text)!
  const [, summary] = /\n {10}summary: (.*)\n/.exec(text)!
  return { alert: alert!, expr: (block ?? line)!, summary: summary! }
}

describe('the alerts', () => {
  const rules = read('grafana/alerts.yml').split('- alert: ').slice(1).map(toRule)

  it.each(rules)('$alert asks for series that there are, by labels that they have', ({ alert, expr, summary }) => {
    expectKnown(expr, alert)
    const known = askedLabels(expr).flatMap(({ name }) => Array.from(series.get(name)!))
    for (const [, label] of summary.matchAll(/\$labels\.(\w+)/g)) expect(known, alert).toContain(label)
  })

  it('are those of the guide', () => {
    const listed = [...read('guides/metrics.md').matchAll(/^\| `(Liveloom\w+)` \|/gm)].map(([, name]) => name)
    expect(listed.toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted())
  })
})

it('the guide lists every metric, with its labels, and no other', () => {
  const rows = read('guides/metrics.md').matchAll(
    /^\| `(liveloom_[a-z0-9_]+)` \| (counter|gauge|histogram) \|([^|]*)\|/gm,
  )
  const listed = [...rows].map(
    ([, name, type, labels]) => `${name} ${type} ${(labels!.match(/\w+/g) ?? []).toSorted().join()}`,
  )
  const there = [...all].map(([name, { type, samples }]) => {
    const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)))
    labels.delete('le')
    return `${name} ${type} ${[...labels].toSorted().join()}`
  })
  expect(listed.toSorted()).toEqual(there.toSorted())
})
