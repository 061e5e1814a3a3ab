/** Prints what was measured. */

/** One figure of ours beside the control's. `figure` names its unit. */
export interface Line {
  readonly scenario: string
  readonly figure: string
  readonly ours: number
  /** `undefined`: there is nothing to compare with. */
  readonly control: number | undefined
}

export function toTable(lines: readonly Line[]): string {
  const header = ['', 'figure', 'ours', 'control', 'ratio']
  const rows = lines.map(({ scenario, figure, ours, control }, at) => [
    lines[at - 1]?.scenario === scenario ? '' : scenario,
    figure,
    format(ours),
    control === undefined ? '' : format(control),
    control === undefined ? '' : (ours / control).toFixed(2),
  ])
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)))
  const toLine = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd()
  return [toLine(header), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(toLine)].join('\n')
}

function format(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
