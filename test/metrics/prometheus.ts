/** Reads the text format of Prometheus, 0.0.4, as strictly as it is written down, and more: what is wrong is thrown. */

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly samples: readonly Sample[]
}

/** Metrics by name. */
export function parsePrometheus(text: string): Map<string, Metric> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  const metrics = new Map<string, { type: Metric['type']; help: string; samples: Sample[] }>()
  let current: string | undefined
  let help: readonly [string, string] | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    const head = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line)
    if (head?.[1] === 'HELP') {
      if (metrics.has(head[2]!)) throw new Error(`${head[2]} is told of twice`)
      help = [head[2]!, head[3]!]
    } else if (head?.[1] === 'TYPE') {
      if (help === undefined || help[0] !== head[2]) throw new Error(`no HELP before the TYPE of ${head[2]}`)
      if (!/^(?:counter|gauge|histogram)$/.test(head[3]!)) throw new Error(`no type: ${line}`)
      current = head[2]!
      metrics.set(current, { type: head[3] as Metric['type'], help: help[1], samples: [] })
    } else {
      const sample = readSample(line)
      const metric = metrics.get(current!)
      if (metric === undefined) throw new Error(`a sample before all: ${line}`)
      const suffixes = metric.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
      if (!suffixes.some((suffix) => sample.name === current + suffix)) throw new Error(`not of ${current}: ${line}`)
      metric.samples.push(sample)
    }
  }
  for (const [name, metric] of metrics) check(name, metric)
  return metrics
}

function readSample(line: string): Sample {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0]
  if (name === undefined) throw new Error(`no sample: ${line}`)
  const labels: Record<string, string> = {}
  let rest = line.slice(name.length)
  if (rest.startsWith('{')) {
    rest = rest.slice(1)
    for (;;) {
      const label = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\\\|\\"|\\n)*)"(,|\})/.exec(rest)
      if (label === null) throw new Error(`no label: ${line}`)
      if (Object.hasOwn(labels, label[1]!)) throw new Error(`the label ${label[1]} stands twice: ${line}`)
      const unescaped = label[2]!.replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char))
      Object.defineProperty(labels, label[1]!, { value: unescaped, enumerable: true })
      rest = rest.slice(label[0].length)
      if (label[3] === '}') break
    }
  }
  const value = /^ (\+Inf|-Inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(rest)?.[1]
  if (value === undefined) throw new Error(`no value: ${line}`)
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) }
}

const byText = (one: string, next: string): number => (one < next ? -1 : 1)

function check(name: string, { type, samples }: Metric): void {
  if (type === 'counter' && !name.endsWith('_total')) throw new Error(`a counter's name ends in _total: ${name}`)
  if (type !== 'counter' && name.endsWith('_total')) throw new Error(`no counter, by its name one: ${name}`)
  const series = samples.map(({ name, labels }) => name + JSON.stringify(labels, Object.keys(labels).toSorted(byText)))
  if (new Set(series).size < series.length) throw new Error(`${name} has a series twice`)
  if (type !== 'histogram') return
  let [bound, before] = [-Infinity, 0]
  for (const sample of samples) {
    if (sample.name === `${name}_bucket`) {
      const le = Number(sample.labels['le']!.replace('Inf', 'Infinity'))
      if (!(le > bound) || sample.value < before) throw new Error(`buckets of ${name} do not grow`)
      ;[bound, before] = [le, sample.value]
    } else if (sample.name === `${name}_count`) {
      if (bound !== Infinity || sample.value !== before) throw new Error(`the count of ${name} is not that of +Inf`)
      ;[bound, before] = [-Infinity, 0]
    }
  }
}

/** The value of the one sample with these labels and maybe others; 0 when there is none. */
export function valueOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const metrics = parsePrometheus(text)
  const samples = [...metrics.values()].flatMap(({ samples }) => samples)
  const found = samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )
  if (found.length > 1) throw new Error(`${found.length} samples of ${name}`)
  return found[0]?.value ?? 0
}
