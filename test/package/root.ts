import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the package. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url))

/** The files below `folder` whose name ends so, by their path from it. */
export function filesBelow(folder: string, ending: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith(ending))
  return new Map(paths.toSorted().map((path) => [path, readFileSync(join(folder, path), 'utf8')]))
}

/** The package's own sources, without tests and ambient declarations. */
export function sources(): Map<string, string> {
  const all = filesBelow(join(root, 'src'), '.ts')
  return new Map([...all].filter(([path]) => !/\.(?:test|d)\.ts$/.test(path)))
}
