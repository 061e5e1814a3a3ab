/** Runs the example on a fresh clone: installs what is missing, builds what is stale, starts the photo album. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { build } from './build.mjs'
import { installPackages, note, root } from './setup.mjs'

installPackages()
await build()
note('starting the photo album')
const cwd = join(root, 'examples/photo-album')
const album = spawn(process.execPath, ['--import', 'tsx', 'server.ts'], { cwd, stdio: 'inherit' })
// Ctrl-C reaches both; what a process manager sends reaches only this one.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => album.kill('SIGTERM'))
album.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)))
