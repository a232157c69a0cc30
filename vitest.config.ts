import { configDefaults, defineConfig } from 'vitest/config'
import { sources } from './vitest.sources.ts'

/** The unit suites (`npm test`, about three minutes); slower ones end in `.slow.test.ts` and have a configuration of their own. */
export default defineConfig({
  ...sources,
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    exclude: [...configDefaults.exclude, '**/*.slow.test.ts'],
    testTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
