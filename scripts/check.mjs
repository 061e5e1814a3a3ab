/** The fast part of the tests: types, lint, unit tests. */
import { pathToFileURL } from 'node:url'
import { build } from './build.mjs'
import { installPackages, note, runTool, runToolsTogether } from './setup.mjs'

/** Types and lint. */
export async function checkCode() {
  await build()
  note('checking types, linting')
  // The first works on one core.
  await runToolsTogether([
    ['typescript', ['-p', 'tsconfig.test.json']],
    ['oxlint', ['--type-aware', '--deny-warnings']],
    ['oxfmt', ['--check']],
  ])
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  installPackages()
  await checkCode()
  // Hostile clients and the packed package take their time; `npm test` has them.
  runTool('vitest', ['run', '--exclude', 'test/security/**', '--exclude', 'test/package/packed.test.ts'])
}
