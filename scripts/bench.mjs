/**
 * Runs a program of `bench/` as a server is run: compiled, in a plain Node. A compiler in the same process makes V8's heap
 * larger, and its garbage collector another one.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { build } from './build.mjs'
import { installPackages, root } from './setup.mjs'

const [program, ...args] = process.argv.slice(2)
const folder = join(root, '.bench')

installPackages()
await build()
const esbuild = await import('esbuild')
await esbuild.build({
  entryPoints: ['app', 'client', 'control', 'run'].map((name) => join(root, `bench/${name}.ts`)),
  outdir: folder,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  // The package says that its modules do nothing by being imported; these do.
  ignoreAnnotations: true,
  logLevel: 'warning',
})
const child = spawn(process.execPath, [join(folder, `${program}.js`), ...args], { stdio: 'inherit' })
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)))
