import { defineConfig } from 'vitest/config'

/** These put others in the place of modules, or look at what a process has loaded, told or kept so far: each gets a process of its own. */
const alone = [
  'src/adapters/**/*.test.ts',
  'src/protocol/weight.test.ts',
  'src/server/dead-render.test.ts',
  'test/adapters/beside.test.ts',
  'test/development/**/*.test.ts',
  'test/metrics/**/*.test.ts',
]

/** What takes long and rarely breaks: `npm run test:slow`. */
const slow =
  process.env['SLOW_TESTS'] === undefined
    ? ['test/security/costs.test.ts', 'test/survival/uploads-{faults,to-s3,two-processes}.test.ts']
    : []

/** Servers, engines and clients in processes of their own, by real time. */
const processes = ['test/engines/**/*.test.ts', 'test/survival/**/*.test.ts', 'test/runtimes/**/*.test.ts']

export default defineConfig({
  test: {
    // The real client's own sources are the oracle of the wire tests.
    server: { deps: { inline: [/phoenix_live_view/, /phoenix\/assets/] } },
    testTimeout: 30_000,
    pool: 'forks',
    // One less than the machine has cores would be one at a time in CI, while most tests wait for something: two use half of two cores.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          // A real S3 takes a minute to install: `npm run test:s3`.
          exclude: [
            ...alone,
            ...processes,
            ...slow,
            // HAProxy, Redis and browsers: `npm run test:cluster`.
            ...(process.env['CLUSTER'] === undefined ? ['test/cluster/**'] : []),
            ...(process.env['S3_ENDPOINT'] === undefined ? ['test/s3/**'] : []),
          ],
          // A fresh process for each file would take longer than most of them.
          isolate: false,
          typecheck: {
            enabled: true,
            include: ['test/types/**/*.test-d.ts'],
            // The other tests' types are checked with the code.
            tsconfig: 'tsconfig.types.json',
          },
        },
      },
      { extends: true, test: { name: 'alone', include: alone } },
      {
        extends: true,
        test: {
          name: 'processes',
          include: processes,
          exclude: [
            ...slow,
            // Of the engines `npm test` has Redis: `npm run test:engines` has all.
            ...(process.env['ENGINES'] === undefined ? ['test/engines/{nats,postgres}.test.ts'] : []),
            // Other runtimes are large: `npm run test:runtimes`.
            ...(process.env['RUNTIMES'] === undefined ? ['test/runtimes/**'] : []),
          ],
          isolate: false,
          // Another machine may be busy, as for the browser tests. What passes only the second time says so in its line.
          retry: process.env['CI'] === undefined ? 0 : 1,
        },
      },
    ],
  },
})
