import { expect, test } from 'vitest'
import { voidBecause } from './calibration-log.ts'
import type { BenchDocument } from './document.ts'
import { measure, type Work } from './measure.ts'
import { readOptions } from './options.ts'
import { tableText } from './table.ts'

const work: Work = {
  task: 'train',
  recipe: 'mnist-mlp',
  batch: 32,
  async start() {
    const about = { compileMs: 12, codeBytes: 3000, memoryBytes: 1e6 }
    const one = { ...about, name: 'one', threads: 1, run: async () => 4, close: async () => {} }
    const two = { ...about, name: 'two', threads: 2, run: async () => 2, close: async () => {} }
    return { own: [one, two], cost: { direct: 8e6, done: 4e6 } }
  },
}

test('the document of a measurement', async () => {
  const options = readOptions(['--threads', '1,2', '--recipe', 'mnist-mlp'])
  const pace = { warmUp: 1, rounds: 2, turn: 1, pause: 0 }
  const document: BenchDocument = await measure([work], options, () => {}, pace)
  expect(document.results.map(({ threads, msPerStep }) => [threads, msPerStep])).toEqual([
    [1, 4],
    [2, 2],
  ])
  const two = document.results[1]!
  expect(two).toMatchObject({ task: 'train', recipe: 'mnist-mlp', batch: 32, device: 'wasm', peers: {} })
  expect(two.picturesPerSecond).toBe(16_000)
  expect(two.gflops).toBe(4)
  expect(two.share).toBeCloseTo(2 / document.calibration.all['2']!, 9)
  expect(document.calibration.one).toBeGreaterThan(0)
  expect(Date.parse(document.date)).toBeGreaterThan(0)
  expect(document.geometricMean).toEqual({})
  const text = tableText({ ...document, void: 'the machine is busy' })
  expect(text).toContain('2 threads gain × 2.00')
  expect(text).toContain('VOID: the machine is busy')
})

test('ratios to a peer are shown with their mean and aim', () => {
  const result = (recipe: string, ratio: number) => ({
    ...{ task: 'train' as const, recipe, batch: 32, device: 'wasm', threads: 2, msPerStep: 2 * ratio },
    ...{ leastMsPerStep: 1, picturesPerSecond: 1, gflops: 1, share: 0.5, compileMs: 1, codeBytes: 1, memoryBytes: 1 },
    peers: { torch: { msPerStep: 2, leastMsPerStep: 2, ratio } },
  })
  const text = tableText({
    ...{ date: '', commit: '', machine: { cpu: '', cores: 2, memoryBytes: 1 }, versions: {}, void: null },
    calibration: { one: 40, all: { 2: 79 } },
    results: [result('mnist-mlp', 0.8), result('mnist-cnn', 1.25)],
    geometricMean: { torch: 1 },
  })
  expect(text).toMatch(/mnist-cnn +32 +2 +2\.500 .* 50 % +2\.000 +1\.250 +1\.05/)
  expect(text).toContain('geometric mean ÷ torch: 1.000 (aim 0.9)')
  expect(text).toContain('2 threads 79.0 (× 1.98)')
})

test('a calibration that gains too little from two threads, or is not steady, voids the run', () => {
  expect(voidBecause([40, 41, 39], { 1: 40, 2: 78 })).toBeNull()
  expect(voidBecause([40], { 1: 40 })).toBeNull()
  expect(voidBecause([40], { 2: 70 })).toContain('1.75')
  expect(voidBecause([20, 21, 40], { 2: 43 })).toContain('53 %')
})
