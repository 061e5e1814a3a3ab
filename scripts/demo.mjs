/**
 * Runs the example on a fresh clone: installs what is missing, builds what is stale, starts the photo album. With
 * `--watch` each save of the example starts it again.
 */
import { join } from 'node:path'
import { build } from './build.mjs'
import { installPackages, note, root, runServer } from './setup.mjs'

installPackages()
await build()
note('starting the photo album')
const watch = process.argv.includes('--watch') ? ['--watch'] : []
runServer([...watch, '--import', 'tsx', 'server.ts'], {
  cwd: join(root, 'examples/photo-album'),
})
