import { configDefaults, defineConfig } from 'vitest/config'
import { patience, sources } from './vitest.sources.ts'

const slow = '**/*.slow.test.ts'

/**
 * Suites that replace modules or watch a whole process: what is said once, threads and programs in use, formats of models that nobody added
 * yet. Each of these files has a process of its own. All others share processes, so that the library is loaded once and not for each file.
 */
const ownProcess = [
  'packages/fovea/src/api/{held-out-weights,warnings}.test.ts',
  'packages/fovea/src/host/{browser,node}/{datasets,host,other-versions,pictures,zip}.test.ts',
  'packages/fovea/src/store/foreign-models.test.ts',
  'packages/pictures/src/picture-memory.test.ts',
]

/** The unit suites (`npm test`, about two minutes); slower ones end in `.slow.test.ts` and have a configuration of their own. */
export default defineConfig({
  ...sources,
  test: {
    ...patience,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: 'own process', include: ownProcess, exclude: [...configDefaults.exclude, slow] },
      },
      {
        extends: true,
        test: {
          name: 'shared process',
          isolate: false,
          include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...ownProcess, slow],
        },
      },
    ],
  },
})
