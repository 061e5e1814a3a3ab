import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // The real client's own sources are the oracle of the wire tests.
    server: { deps: { inline: [/phoenix_live_view/, /phoenix\/assets/] } },
    testTimeout: 30_000,
    typecheck: { enabled: true, include: ['test/types/**/*.test-d.ts'], tsconfig: 'tsconfig.test.json' },
  },
})
