/** Builds `dist/`: one file out for each file in, and the client bundled for pages without a bundler. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { installPackages, note, root, runTool } from './setup.mjs'

const bundle = join(root, 'dist/client/liveloom.min.js')
const unpacked = join(root, 'dist/client/liveloom.unpacked.js')
const developmentBundle = join(root, 'dist/client/development.min.js')

/** Builds unless nothing has changed since the last time. */
export async function build({ clean = false } = {}) {
  if (isFresh() && !clean) return
  note('building')
  // What tests run on meanwhile stays in place; only a package must not hold files whose source is gone.
  if (clean) rmSync(join(root, 'dist'), { recursive: true, force: true })
  runTool('typescript', ['-b', 'tsconfig.json'])
  const esbuild = await import('esbuild')
  const options = {
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
  }
  await esbuild.build({
    ...options,
    entryPoints: [join(root, 'src/client/development.ts')],
    outfile: developmentBundle,
  })
  await esbuild.build({ ...options, entryPoints: [join(root, 'src/client/prebuilt.ts')], outfile: unpacked })
  // What says that all is built comes last.
  compress(developmentBundle)
  compress(unpacked, bundle)
  renameSync(unpacked, bundle)
}

/** Beside each script what browsers are sent of it: made once, as small as it goes. */
function compress(path, named = path) {
  const script = readFileSync(path)
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
  writeFileSync(`${named}.br`, brotliCompressSync(script, { params }))
  writeFileSync(`${named}.gz`, gzipSync(script, { level: constants.Z_BEST_COMPRESSION }))
}

function isFresh() {
  if (!existsSync(bundle) || !existsSync(developmentBundle)) return false
  const built = statSync(bundle).mtimeMs
  const sources = [
    ...filesBelow(join(root, 'src')),
    ...['core', 'node', 'client', 'base'].map((name) => join(root, `tsconfig.${name}.json`)),
  ]
  sources.push(join(root, 'tsconfig.json'), join(root, 'package-lock.json'))
  return sources.every((path) => path.endsWith('.test.ts') || statSync(path).mtimeMs < built)
}

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else yield path
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  installPackages()
  await build({ clean: process.argv.includes('--clean') })
}
