import { describe, expect, test } from 'vitest'
import { fold, keyOf, uniform } from '../base/random.ts'
import { groupedSplit } from './grouped-split.ts'

const shares = { validation: 0.15, test: 0.15 }
const partNames = ['train', 'validation', 'test'] as const

/** A set of some classes, whose groups have 1 to `largest` pictures, most of them 1. */
function madeSet(seed: number, largest: number) {
  const key = keyOf(seed)
  let at = 0
  const random = (): number => uniform(key, at++)
  const pictures: { label: number; group: number }[] = []
  const classes = 2 + Math.floor(5 * random())
  let group = 0
  for (let label = 0; label < classes; label++)
    for (let count = Math.floor(3 + 60 * random() ** 2); count > 0; count--, group++) {
      const size = random() < 0.7 ? 1 : 1 + Math.floor(largest * random())
      for (let member = 0; member < size; member++) pictures.push({ label, group })
    }
  // In any order.
  const order = pictures.map((picture, index) => ({ picture, by: uniform(fold(key, 1), index) }))
  const mixed = order.sort((a, b) => a.by - b.by).map(({ picture }) => picture)
  return { classes, labels: mixed.map(({ label }) => label), groups: mixed.map(each => each.group) }
}

describe.each([1, 2, 4, 9])('groups of 1 to %i pictures', largest => {
  test.each(Array.from({ length: 40 }, (_, seed) => seed))('set %i', seed => {
    const { classes, labels, groups } = madeSet(seed, largest)
    const { parts, leaks } = groupedSplit({ labels, groups }, shares, seed)
    expect(leaks).toEqual([])
    expect(parts).toHaveLength(labels.length)
    const partOfGroup = new Map<number, string>()
    for (const [picture, part] of parts.entries()) {
      expect(partOfGroup.get(groups[picture]!) ?? part).toBe(part)
      partOfGroup.set(groups[picture]!, part)
    }
    for (let label = 0; label < classes; label++) {
      const own = parts.filter((_, picture) => labels[picture] === label)
      const groupCount = new Set(groups.filter((_, picture) => labels[picture] === label)).size
      if (groupCount < 3) continue
      for (const part of partNames) {
        const share = part === 'train' ? 0.7 : 0.15
        const count = own.filter(each => each === part).length
        expect(count).toBeGreaterThan(0)
        // A part that would have less than one picture has one.
        expect(Math.abs(count - share * own.length)).toBeLessThan(largest + 2)
      }
    }
  })
})

test('without groups, classes are divided to the picture, and all together too', () => {
  const labels = Array.from({ length: 7 * 50 }, (_, at) => at % 7)
  const { parts } = groupedSplit({ labels, groups: labels.map((_, at) => at) }, shares, 3)
  for (let label = 0; label < 7; label++) {
    const own = parts.filter((_, at) => labels[at] === label)
    expect(own.filter(part => part === 'train')).toHaveLength(35)
    expect([7, 8]).toContain(own.filter(part => part === 'test').length)
  }
  const held = (name: string) => parts.filter(part => part === name).length
  expect([52, 53]).toContain(held('test'))
  expect(held('validation') + held('test')).toBe(105)
})

test('the same seed gives the same parts, another seed others', () => {
  const { labels, groups } = madeSet(5, 3)
  const split = (seed: number) => groupedSplit({ labels, groups }, shares, seed).parts
  expect(split(1)).toEqual(split(1))
  expect(split(2)).not.toEqual(split(1))
  // Bits of a split are those of every system: these parts were drawn once.
  const small = groupedSplit({ labels: [0, 0, 0, 0, 0, 0, 0, 0], groups: [0, 1, 2, 3, 4, 5, 6, 6] }, shares, 7).parts
  expect(small.map(part => part.slice(0, 2)).join(' ')).toBe('va te tr tr tr tr tr tr')
})

test('every picture is drawn to be tested on by some seed', () => {
  const labels = new Array<number>(20).fill(0)
  const groups = labels.map((_, at) => at)
  const seen = new Set<number>()
  for (let seed = 0; seed < 60; seed++)
    groupedSplit({ labels, groups }, shares, seed).parts.forEach((part, at) => {
      if (part === 'test') seen.add(at)
    })
  expect(seen.size).toBe(20)
})

test('three pictures are one for each part; one or two are trained on', () => {
  const split = (count: number) => {
    const labels = new Array<number>(count).fill(0)
    return [...groupedSplit({ labels, groups: labels.map((_, at) => at) }, shares, 1).parts].sort()
  }
  expect(split(3)).toEqual(['test', 'train', 'validation'])
  expect(split(2)).toEqual(['train', 'train'])
  expect(split(1)).toEqual(['train'])
  expect(split(0)).toEqual([])
})

test('given parts stay, and the others of a group follow', () => {
  const given = ['test', undefined, 'train', undefined, undefined, undefined] as const
  const { parts, leaks } = groupedSplit(
    { labels: [0, 0, 0, 0, 0, 0], groups: [0, 0, 1, 2, 3, 4], given },
    { validation: 0.3, test: 0 },
    1,
  )
  expect(parts.slice(0, 3)).toEqual(['test', 'test', 'train'])
  expect(parts.slice(3).filter(part => part === 'validation')).toHaveLength(1)
  expect(parts.slice(3)).not.toContain('test')
  expect(leaks).toEqual([])
})

test('a group given to several parts is told, and what has no part in it is trained on', () => {
  const given = ['test', 'train', undefined, 'validation', undefined] as const
  const { parts, leaks } = groupedSplit({ labels: [0, 0, 0, 0, 0], groups: [7, 7, 7, 8, 8], given }, shares, 1)
  expect(parts).toEqual(['test', 'train', 'train', 'validation', 'validation'])
  expect(leaks).toEqual([[0, 1, 2]])
})

test('a picture under two labels is trained on', () => {
  for (let seed = 0; seed < 20; seed++) {
    const { parts } = groupedSplit({ labels: [0, 1, 0, 0, 0, 1, 1, 1], groups: [0, 0, 1, 2, 3, 4, 5, 6] }, shares, seed)
    expect(parts.slice(0, 2)).toEqual(['train', 'train'])
    expect(parts.filter(part => part === 'test')).toHaveLength(2)
  }
})
