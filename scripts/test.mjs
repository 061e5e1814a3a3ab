/** Everything that CI runs: set-up, types, lint, unit tests, browser tests. Ends with a line that counts the tests. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { checkCode } from './check.mjs'
import { installChromium, installPackages, installRedis, note, root, toolPath } from './setup.mjs'

// Also what ends before the tests begin is a failure that is counted.
let counted = false
process.on('exit', () => counted || process.stdout.write('\n0 passed, 1 failed\n'))

installPackages()
const chromium = installChromium()
installRedis()
await checkCode()

const reports = mkdtempSync(join(tmpdir(), 'test-reports-'))
note('unit tests')
const unit = runTests('vitest', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile=${join(reports, 'unit.json')}`,
])
note('browser tests')
const browser = runTests('@playwright/test', ['test', '--config', 'e2e/playwright.config.ts'], {
  CHROMIUM: chromium,
  PLAYWRIGHT_JSON_OUTPUT_NAME: join(reports, 'browser.json'),
})

// Where a log is cut, its end is what is left of it.
for (const name of failedUnitTests(readReport('unit.json'))) process.stdout.write(`failed: ${name}\n`)
const counts = [countVitest(readReport('unit.json')), countPlaywright(readReport('browser.json'))]
rmSync(reports, { recursive: true, force: true })
const total = (name) => counts.reduce((sum, count) => sum + count[name], 0)
const failed = Math.max(total('failed'), unit + browser > 0 ? 1 : 0)
const skipped = total('skipped')
counted = true
process.stdout.write(`\n${total('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
process.exit(failed > 0 ? 1 : 0)

function runTests(tool, args, env = {}) {
  const options = { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }
  return spawnSync(process.execPath, [toolPath(tool), ...args], options).status ?? 1
}

/** A run that ended without its report counts as one failure. */
function readReport(name) {
  try {
    return JSON.parse(readFileSync(join(reports, name), 'utf8'))
  } catch {
    return undefined
  }
}

function countVitest(report) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 }
  return { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests }
}

function failedUnitTests(report) {
  const names = ({ name: file, status, message, assertionResults: tests }) => {
    const failed = tests
      .filter((test) => test.status === 'failed')
      .map(({ fullName }) => `${relative(root, file)}: ${fullName}`)
    return status === 'failed' && failed.length === 0 ? [`${relative(root, file)}: ${message}`] : failed
  }
  return (report?.testResults ?? []).flatMap(names)
}

function countPlaywright(report) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 }
  const { expected, flaky, unexpected, skipped } = report.stats
  return { passed: expected + flaky, failed: unexpected, skipped }
}
