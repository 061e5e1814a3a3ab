/** Ours and the control in turns, so that what else the machine does meets both; each figure is the median of its rounds. */
import { loadavg } from 'node:os'
import { type Line, median } from '../table.ts'

export interface Settings {
  readonly rounds: number
  /** Of all the numbers of a part. */
  readonly share: number
}

/** The figures of one run, by name and unit. */
export type Figures = ReadonlyMap<string, number>

export type Side = 'ours' | 'control'

export async function inRounds(
  title: string,
  { rounds }: Settings,
  run: (side: Side) => Promise<Figures>,
): Promise<readonly Line[]> {
  const measured = { ours: [] as Figures[], control: [] as Figures[] }
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? (['ours', 'control'] as const) : (['control', 'ours'] as const)) {
      const load = loadavg()[0]!.toFixed(1)
      const figures = await run(side)
      measured[side].push(figures)
      const shown = [...figures].map(([figure, value]) => `${figure} ${value.toPrecision(4)}`).join('; ')
      process.stderr.write(`${title} ${round + 1}/${rounds} ${side.padEnd(7)} load ${load}: ${shown}\n`)
    }
  }
  const of = (side: Side, figure: string): number | undefined => {
    const values = measured[side].flatMap((figures) => figures.get(figure) ?? [])
    return values.length === 0 ? undefined : median(values)
  }
  // What the control has not, it is not asked for.
  return [...measured.ours[0]!.keys()].map((figure) => ({
    scenario: title,
    figure,
    ours: of('ours', figure)!,
    control: of('control', figure),
  }))
}
