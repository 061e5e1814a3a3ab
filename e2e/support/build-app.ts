/** Before the first browser test: the app that most of them start, compiled once. By `tsx` each of its starts would take a second. */
import { build } from 'esbuild'
import { builtApp, ownApp } from './app.ts'

export default async function buildApp(): Promise<void> {
  const options = { bundle: true, packages: 'external', platform: 'node', format: 'esm', sourcemap: 'inline' } as const
  await build({ ...options, entryPoints: [ownApp], outfile: builtApp, logLevel: 'error' })
}
