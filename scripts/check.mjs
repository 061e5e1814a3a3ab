/** The fast part of the tests: types, lint, unit tests. */
import { pathToFileURL } from 'node:url'
import { build } from './build.mjs'
import { installPackages, note, runTool } from './setup.mjs'

/** Types and lint. */
export async function checkCode() {
  await build()
  note('checking types')
  runTool('typescript', ['-p', 'tsconfig.test.json'])
  note('linting')
  runTool('oxlint', ['--type-aware', '--deny-warnings'])
  runTool('oxfmt', ['--check'])
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  installPackages()
  await checkCode()
  // Hostile clients and the packed package take their time; `npm test` has them.
  runTool('vitest', ['run', '--exclude', 'test/security/**', '--exclude', 'test/package/packed.test.ts'])
}
