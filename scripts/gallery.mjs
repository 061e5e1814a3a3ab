/** Runs the gallery on a fresh clone: installs what is missing, builds what is stale, starts the server. */
import { join } from 'node:path'
import { build } from './build.mjs'
import { installPackages, note, root, runServer } from './setup.mjs'

installPackages()
await build()
note('starting the gallery')
runServer(['--import', 'tsx', 'server.ts'], { cwd: join(root, 'examples/gallery') })
