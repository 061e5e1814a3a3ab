/** The text format of Prometheus, 0.0.4: how names, labels and values are written. */

/** The `Content-Type` of {@link Metrics.text}. */
export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8'

/** Labels of one sample, by name. */
export type Labels = Readonly<Record<string, string>>

/** A name that Prometheus takes for a metric. */
export const metricName: RegExp = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
/** Those that begin with two underscores are its own. */
export const labelName: RegExp = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/

/** What stands above the samples of a metric. */
export function headOf(name: string, type: 'counter' | 'gauge' | 'histogram', help: string): string {
  return `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`
}

export function sampleLine(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${printed(value)}\n`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function printed(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}
