/**
 * Runs a program of `bench/` as a server is run: compiled, in a plain Node. A compiler in the same process makes V8's heap
 * larger, and its garbage collector another one.
 */
import { join } from 'node:path'
import { build } from './build.mjs'
import { installPackages, root, runServer } from './setup.mjs'

const [program, ...args] = process.argv.slice(2)
const folder = join(root, '.bench')
const programs = [
  ...['app', 'client', 'control', 'metrics', 'pubsub', 'run', 's3'],
  ...['app', 'client', 'control', 'member', 'member-control', 'run'].map((name) => `scale/${name}`),
]

installPackages()
await build()
const esbuild = await import('esbuild')
await esbuild.build({
  entryPoints: programs.map((name) => join(root, `bench/${name}.ts`)),
  outdir: folder,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  // The package says that its modules do nothing by being imported; these do.
  ignoreAnnotations: true,
  logLevel: 'warning',
})
runServer([join(folder, `${program}.js`), ...args])
