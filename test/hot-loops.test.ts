/**
 * Loops in plain JavaScript over pixels, samples or random numbers name no global. In Jest every access to one goes through its sandbox
 * and takes a microsecond: the built-in data set took 63 s instead of 2. So these files bind what they need once:
 * `const { floor, max } = Math`.
 */
import { expect, test } from 'vitest'
import { parseSource, sourceFiles } from './source-files.testing.ts'

/** Files and rooms of the library with such loops. */
const hot = [
  'base/extremes.ts',
  'base/half.ts',
  'base/math.ts',
  'base/random.ts',
  'data/one-hot.ts',
  'data/outlines.ts',
  'data/shapes.ts',
  'engine/target-column.ts',
  'explain/drawing.ts',
  'explain/occlusion.ts',
  'explain/picture-grid.ts',
  'explain/plane.ts',
  'explain/shift.ts',
  'graph/oracle/',
  'layers/initializers.ts',
  'objectives/area-metrics.ts',
  'objectives/class-metrics.ts',
  'objectives/f-score.ts',
  'objectives/threshold-counts.ts',
  'preprocess/digit.ts',
  'preprocess/picture.ts',
  'preprocess/resize.ts',
  'preprocess/shrink.ts',
  'preprocess/taps.ts',
]

const library = 'packages/fovea/src/'
const globals = (code: string): string[] => code.match(/\b(?:Math|Number)\.\w+/g) ?? []

test.each(hot)('%s binds what it needs of Math and Number', place => {
  const files = sourceFiles(library).filter(
    ({ path }) => path.startsWith(library + place) && !/\.(test|testing)\.ts$/.test(path),
  )
  expect(files).not.toEqual([])
  expect(files.flatMap(({ path, code }) => globals(code).map(name => `${path}: ${name}`))).toEqual([])
})

test('a global in a loop is found, one in a comment or a text is not', () => {
  expect(globals(parseSource('for (const x of y) sum += Math.abs(x)').code)).toEqual(['Math.abs'])
  expect(globals(parseSource("const { abs } = Math // Math.abs\nconst text = 'Math.abs'").code)).toEqual([])
})
