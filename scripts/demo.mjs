/** Runs the example on a fresh clone: installs what is missing, builds what is stale, starts the photo album. */
import { build } from './build.mjs'
import { installPackages, note, runTool } from './setup.mjs'

installPackages()
await build()
note('starting the photo album')
runTool('tsx', ['examples/photo-album/server.ts'])
