/** Kernels ask the builder how wide vectors are: no source of theirs holds a number of lanes, nor the bytes of a vector. */
import { expect, it } from 'vitest'
import { sourceFiles } from './source-files.testing.ts'

/** What moves numbers between lanes (lanes), or widens half a vector to doubles (math), is written for vectors of four. */
const ofFour = ['packages/fovea/src/kernels/lanes.ts', 'packages/fovea/src/kernels/math.ts']

const bare = [
  /\bLANES\b/,
  /\* (16|32)\b/,
  /k\.mul\(\w+, (16|32)\)/,
  /, 16, \w+ =>/,
  /(&|>>|>>>) [23]\b/,
  /\[0, 1, 2, 3\]/,
  /shuffle\([^[\n]*\[\d/,
]

it('no kernel holds a bare lane count', () => {
  const kernels = sourceFiles('packages/fovea/src/kernels').filter(
    ({ path }) => !/\.(test|testing)\.ts$/.test(path) && !ofFour.includes(path),
  )
  expect(kernels.length).toBeGreaterThan(30)
  const found = kernels.flatMap(({ path, code }) =>
    code
      .split('\n')
      .filter(line => bare.some(pattern => pattern.test(line)))
      .map(line => `${path}: ${line.trim()}`),
  )
  expect(found).toEqual([])
})
