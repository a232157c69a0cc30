import { defineConfig } from 'vitest/config'
import { patience, sources } from './vitest.sources.ts'

/** Suites that take minutes or need a browser, a registry or the real data: `npm run test:slow`. */
export default defineConfig({
  ...sources,
  test: {
    ...patience,
    include: ['packages/*/src/**/*.slow.test.ts', 'test/**/*.slow.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
