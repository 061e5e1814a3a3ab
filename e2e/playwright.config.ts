import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: '.',
  testMatch: '*.test.ts',
  globalSetup: './support/build-app.ts',
  // What takes long and rarely breaks has a run of its own: `npm run test:slow`.
  ...(process.env['SLOW_TESTS'] === undefined ? { grepInvert: /@slow/ } : { grep: /@slow/ }),
  // Emptied when a run starts: the copies of examples that another run uses lie beside it.
  outputDir: '../test-results/playwright',
  fullyParallel: true,
  forbidOnly: process.env['CI'] !== undefined,
  // Of two cores two use half: most tests wait for something.
  workers: 3,
  // Another machine may be busy. What passes only the second time is listed as flaky.
  retries: process.env['CI'] === undefined ? 0 : 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  // The file of the second is named by PLAYWRIGHT_JSON_OUTPUT_NAME; without one it would print.
  reporter: process.env['PLAYWRIGHT_JSON_OUTPUT_NAME'] === undefined ? 'list' : [['list'], ['json']],
  use: {
    browserName: 'chromium',
    // What hangs is reported where it hangs, not by the end of its test.
    actionTimeout: 20_000,
    trace: 'off',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
