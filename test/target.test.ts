/** Who knows the machine: kernels ask the builder, a few passes ask the target, the other passes are never told. */
import { expect, it } from 'vitest'
import { sourceFiles } from './source-files.testing.ts'

/** Numbers of lanes, bytes of a vector, outputs of a block, and shuffles written for one width. */
const bare = [
  /\b(LANES|BLOCK)\b/,
  /\* (8|16|32)\b/,
  /k\.mul\(\w+, (8|16|32)\)/,
  /, 16, \w+ =>/,
  /(&|>>|>>>) [23]\b/,
  /\[0, 1, 2, 3\]/,
  /shuffle\([^\n]*, \[\d/,
]

it('no kernel holds a number of the machine', () => {
  const kernels = sourceFiles('packages/fovea/src/kernels').filter(({ path }) => !/\.(test|testing)\.ts$/.test(path))
  expect(kernels.length).toBeGreaterThan(30)
  const found = kernels.flatMap(({ path, code }) =>
    code
      .split('\n')
      .filter(line => bare.some(pattern => pattern.test(line)))
      .map(line => `${path}: ${line.trim()}`),
  )
  expect(found).toEqual([])
})

it('the passes that are given a target are the ones of plan/cpu, memory, and those that turn jobs into kernels', () => {
  const passes = sourceFiles('packages/fovea/src/plan').filter(
    ({ path, code, imports }) =>
      !path.endsWith('.test.ts') &&
      (/\btarget\b/.test(code) || imports.some(({ specifier }) => specifier.endsWith('target.ts'))),
  )
  expect(passes.map(({ path }) => path.slice('packages/fovea/src/plan/'.length))).toEqual([
    'cpu/gradient-space.ts',
    'cpu/padded-space.ts',
    'cpu/winograd-gradient-space.ts',
    'cpu/winograd-space.ts',
    'lower-conv-cut.ts',
    'lower-conv-gradient.ts',
    'lower-conv.ts',
    'lower-dense-gradient.ts',
    'lower-dense.ts',
    'lower-gradients.ts',
    'lower-pool.ts',
    'lower-winograd.ts',
    'lowering.ts',
    'memory.ts',
    'plan-more.ts',
    'plan.ts',
  ])
})
