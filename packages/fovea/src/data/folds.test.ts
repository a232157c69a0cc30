import { expect, test } from 'vitest'
import { keyOf, uniform } from '../base/random.ts'
import { foldsOf } from './folds.ts'

test.each(Array.from({ length: 60 }, (_, seed) => seed))('folds of set %i: classes even, groups whole', seed => {
  const key = keyOf(seed)
  const count = 20 + Math.floor(200 * uniform(key, 0))
  const folds = 2 + Math.floor(6 * uniform(key, 1))
  const classes = 1 + Math.floor(4 * uniform(key, 2))
  const groupClass = (group: number): number => Math.floor(classes * uniform(key, 1000 + group))
  const groups = Array.from({ length: count }, (_, at) => Math.floor(uniform(key, 3 + at) * count))
  const labels = groups.map(groupClass)
  const result = foldsOf(labels, groups, folds, seed)
  for (const group of new Set(groups)) expect(new Set(result.filter((_, at) => groups[at] === group)).size).toBe(1)
  const largest = Math.max(...groups.map(group => groups.filter(other => other === group).length))
  for (let label = 0; label < classes; label++) {
    const own = Array.from(
      { length: folds },
      (_, number) => result.filter((f, at) => f === number && labels[at] === label).length,
    )
    expect(Math.max(...own) - Math.min(...own)).toBeLessThanOrEqual(largest)
  }
})

test('without groups, classes and folds are even to the sample', () => {
  const labels = Array.from({ length: 53 }, (_, at) => at % 5)
  const result = foldsOf(labels, undefined, 4, 1)
  const sizes = (own: Int32Array) => [0, 1, 2, 3].map(number => own.filter(each => each === number).length)
  for (let label = 0; label < 5; label++) {
    const own = sizes(result.filter((_, at) => labels[at] === label))
    expect(Math.max(...own) - Math.min(...own)).toBeLessThanOrEqual(1)
  }
  expect(Math.max(...sizes(result)) - Math.min(...sizes(result))).toBeLessThanOrEqual(1)
  expect(foldsOf(labels, undefined, 4, 1)).toEqual(result)
  expect(foldsOf(labels, undefined, 4, 2)).not.toEqual(result)
})

test('more folds than samples or groups are refused', () => {
  expect(() => foldsOf([0, 1], undefined, 3, 0)).toThrow(/fewer samples than folds[\s\S]*at least 3 samples[\s\S]*2/)
  expect(() => foldsOf([0, 1, 1], [4, 4, 4], 2, 0)).toThrow(/fewer groups than folds/)
})
