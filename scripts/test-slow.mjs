/** The tests that take long and rarely break; `npm test` leaves them out. */
import { build } from './build.mjs'
import { installChromium, installPackages, runTool } from './setup.mjs'

installPackages()
// A whole one: its headless shell cannot do all that they ask for.
const CHROMIUM = installChromium(true)
await build()
// Servers that are killed two hundred times, fifty clients that lose their network, what requests cost, and every row of each door.
runTool('vitest', ['run', 'test/survival', 'test/security/costs', 'test/adapters/doors'], {
  env: { SLOW_TESTS: 'yes' },
})
runTool('@playwright/test', ['test', '--config', 'e2e/playwright.config.ts'], { env: { CHROMIUM, SLOW_TESTS: 'yes' } })
