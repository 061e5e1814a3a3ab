/** Servers that are killed and replaced behind a real HAProxy, with Redis between them: both from Debian. */
import { build } from './build.mjs'
import { installChromium, installPackages, runTool } from './setup.mjs'

installPackages()
const CHROMIUM = installChromium()
await build()
runTool('vitest', ['run', 'test/cluster', 'test/survival/workers.test.ts'], { env: { CLUSTER: 'all', CHROMIUM } })
