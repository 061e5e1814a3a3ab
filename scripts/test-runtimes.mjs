/** The suite of the doors on Node 22 and 24, Bun and Deno: their npm packages bring them. Further words name the tests that are to run. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './build.mjs'
import { installPackages, note, root, run, runTool } from './setup.mjs'

const versions = { bun: '1', deno: '2', node22: 'npm:node@22', node24: 'npm:node@24' }
const programs = { bun: 'bun/bin/bun.exe', deno: 'deno/deno', node22: 'node22/bin/node', node24: 'node24/bin/node' }

installPackages()
const RUNTIMES = installRuntimes()
await build()
const words = process.argv.slice(2)
const only = words.length === 0 ? [] : ['-t', words.join(' ')]
runTool('vitest', ['run', 'test/runtimes', ...only], { env: { RUNTIMES } })

/** The folder with a program for each. What npm installs for all of the package goes, and these with it. */
function installRuntimes() {
  const folder = join(root, 'node_modules/.cache/runtimes')
  const bin = join(folder, 'bin')
  const works = (name) => spawnSync(join(bin, name), ['--version']).status === 0
  if (existsSync(bin) && Object.keys(versions).every(works)) return bin
  note('installing Node 22 and 24, Bun and Deno')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: versions }))
  // What the packages do when they are installed puts the programs in place.
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts=false'], { cwd: folder })
  for (const [name, path] of Object.entries(programs)) {
    if (!existsSync(join(bin, name))) symlinkSync(join(folder, 'node_modules', path), join(bin, name))
  }
  return bin
}
