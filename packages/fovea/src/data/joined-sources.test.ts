import { expect, it } from 'vitest'
import { inMemory } from './memory-source.ts'
import { joinedSources } from './parts-of-source.ts'

it('joined sources are read in any order, whether a source answers at once or later', async () => {
  const about = { shape: [1, 1, 2], classNames: ['a', 'b'] } as const
  const first = inMemory({
    ...about,
    images: Uint8Array.of(1, 2, 3, 4),
    labels: Uint8Array.of(0, 1),
    names: ['x', 'y'],
  })
  const later = {
    ...about,
    count: 1,
    labels: Int32Array.of(1),
    names: ['z'],
    read: async (indices: Int32Array, into: Uint8Array) => {
      await Promise.resolve()
      for (const [row] of indices.entries()) into.set([5, 6], 2 * row)
    },
  }
  const joined = joinedSources([first, later])
  expect([joined.count, [...joined.labels], joined.names]).toEqual([3, [0, 1, 1], ['x', 'y', 'z']])
  const into = new Uint8Array(8)
  await joined.read(Int32Array.of(2, 1, 0, 2), into)
  expect([...into]).toEqual([5, 6, 3, 4, 1, 2, 5, 6])
})
