/** A name that is exported means one thing: it stands in one file. */
import { expect, test } from 'vitest'
import { sourceFiles } from './source-files.testing.ts'

/** Names that stand for one thing in two places. */
const sharedNames: Record<string, readonly string[]> = {
  'an entry binds it to the device and files of its place': [
    ...[
      'classifier',
      'datasetFromFiles',
      'loadDataset',
      'loadModel',
      'transferFrom',
      'loadPredictor',
      'model',
      'openModel',
      'runRecipe',
      'sequential',
    ],
    'wasmDevice',
  ],
  'a door to the host, or to the package that reads picture files': [
    ...['decodePicture', 'openPicture', 'readPicture', 'writePng'],
  ],
  'the same function for numbers of the host, of kernels or of the oracle': [
    ...['cos', 'erf', 'exp', 'expm1', 'log', 'pow', 'sin', 'tanh'],
  ],
  'a verb of the command line is called as what it does': ['diagnose', 'recipes', 'serve', 'summary'],
}

test('no name is exported from two files', () => {
  const places = new Map<string, Set<string>>()
  for (const { path, code } of sourceFiles('packages').filter(({ path }) => !/\.(test|testing)\.ts$/.test(path))) {
    for (const [, name] of code.matchAll(/^export (?:async )?(?:const|function\*?|class|interface|type) (\w+)/gm)) {
      places.set(name!, (places.get(name!) ?? new Set()).add(path))
    }
  }
  const twice = [...places].filter(([, paths]) => paths.size > 1).map(([name]) => name)
  expect(twice.sort()).toEqual(Object.values(sharedNames).flat().sort())
})
