/** Compiles a program that tests start in a process of its own, often: by `tsx` each start would take a second. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** Resolves to what Node can run; it lies where it can find the package. */
export async function buildProgram(path: string): Promise<string> {
  const name = createHash('sha256').update(`${path} ${process.pid}`).digest('hex').slice(0, 16)
  const outfile = join(repository, 'test-results/programs', `${name}.mjs`)
  const options = { bundle: true, packages: 'external', platform: 'node', format: 'esm', sourcemap: 'inline' } as const
  await build({ ...options, entryPoints: [path], outfile, logLevel: 'error' })
  return outfile
}
