import { configDefaults, defineConfig } from 'vitest/config'
import { sources } from './vitest.sources.ts'

const slow = '**/*.slow.test.ts'

/**
 * Suites that watch a whole process, or train models in it: threads and programs in use, what is said once, replaced modules.
 * Each of these files has a process of its own.
 */
const ownProcess = [
  'packages/fovea/src/{api,engine,train,runner,host}/**/*.test.ts',
  'packages/pictures/src/**/*.test.ts',
  'test/{cli,wasm,package,explain,site}/**/*.test.ts',
]

/** The unit suites (`npm test`, about two and a half minutes); slower ones end in `.slow.test.ts` and have a configuration of their own. */
export default defineConfig({
  ...sources,
  test: {
    testTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: 'own process', include: ownProcess, exclude: [...configDefaults.exclude, slow] },
      },
      {
        // The others are functions of their input: they share processes, so that the library is loaded once and not for each file.
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
