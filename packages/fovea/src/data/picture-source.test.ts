import { describe, expect, it } from 'vitest'
import { UserError } from '../base/errors.ts'
import { checkedSource } from './checked-source.ts'
import { takeFirst } from './dataset.ts'
import { generatedSource } from './generated-source.ts'
import { bytesHeld, isInMemory, memorySource } from './memory-source.ts'
import { changedPictures, chosenPictures, sourceRange } from './parts-of-source.ts'
import type { PictureSource } from './picture-source.ts'
import { byteCounts, piecesOf, readOnePicture, readPictures, somePictures } from './read-pictures.ts'
import { splitValidation } from './split.ts'

const shape = [1, 2, 1] as const
const classNames = ['a', 'b']
/** Picture i is the two bytes 10 i, 10 i + 1; labels 0 0 0 1 0 0 0 1 … */
const pixelsOf = (index: number) => Uint8Array.of(10 * index, 10 * index + 1)
const labelsOf = (count: number) => Uint8Array.from({ length: count }, (_, index) => (index % 4 === 3 ? 1 : 0))
const held = (count: number) =>
  memorySource({
    images: Uint8Array.from({ length: 2 * count }, (_, at) => 10 * (at >> 1) + (at & 1)),
    labels: labelsOf(count),
    shape,
    classNames,
  })
const generated = (count: number) => generatedSource({ shape, classNames, labels: labelsOf(count), picture: pixelsOf })
const later = (count: number) =>
  generatedSource({ shape, classNames, labels: labelsOf(count), picture: async index => pixelsOf(index) })

const read = async (source: PictureSource, ...indices: number[]) => [
  ...(await readPictures(source, Int32Array.from(indices))),
]

describe.each([
  ['in memory', held],
  ['made by a function', generated],
  ['made by a function that takes its time', later],
] as const)('pictures %s', (_, make) => {
  it('are read in any order, neighbours and repeated ones too', async () => {
    const source = make(8)
    expect(source).toMatchObject({ shape, classNames, count: 8 })
    expect(await read(source, 3, 4, 5, 0, 0, 7)).toEqual([30, 31, 40, 41, 50, 51, 0, 1, 0, 1, 70, 71])
    expect(await readOnePicture(source, 2)).toEqual({ width: 2, height: 1, channels: 1, data: Uint8Array.of(20, 21) })
  })

  it('have ranges, choices, splits, changes', async () => {
    const source = make(8)
    const range = sourceRange(source, 2, 5)
    expect([...range.labels]).toEqual([0, 1, 0])
    expect(await read(range, 2, 0)).toEqual([40, 41, 20, 21])
    const chosen = chosenPictures(sourceRange(source, 1, 8), Int32Array.of(6, 2))
    expect([...chosen.labels]).toEqual([1, 1])
    expect(await read(chosen, 1, 0)).toEqual([30, 31, 70, 71])
    expect(await read(takeFirst(source, 99), 7)).toEqual([70, 71])
    const { train, validation } = splitValidation(source, { count: 4, kind: 'stratified' })
    expect([...validation.labels]).toEqual([0, 0, 0, 1])
    const together = await Promise.all([read(train, 0, 1, 2, 3), read(validation, 0, 1, 2, 3)])
    expect(together.flat().sort((a, b) => a - b)).toEqual(await read(source, 0, 1, 2, 3, 4, 5, 6, 7))
    const first = splitValidation(source, { count: 2 })
    expect(await read(first.validation, 0, 1)).toEqual([0, 1, 10, 11])
    expect(await read(first.train, 0)).toEqual([20, 21])
    const doubled = changedPictures(source, [2, 2, 1], pictures => Uint8Array.from([...pictures, ...pictures]))
    expect(await read(doubled, 3)).toEqual([30, 31, 30, 31])
  })

  it('are counted byte by byte, piece by piece', async () => {
    const source = make(8)
    const [counts] = await byteCounts(source)
    expect(counts!.reduce((sum, count) => sum + count, 0)).toBe(16)
    expect([0, 1, 2, 70, 71].map(value => counts![value])).toEqual([1, 1, 0, 1, 1])
    expect([...(await somePictures(source, 4))]).toEqual([0, 1, 40, 41])
    expect([...(await somePictures(source, 1))]).toEqual([0, 1])
  })
})

it('pieces of large pictures are few at a time, and give all', async () => {
  const side = 512
  const picture = (index: number) => new Uint8Array(side * side).fill(index)
  const large = generatedSource({ shape: [side, side, 1], classNames, labels: new Uint8Array(10), picture })
  const seen: number[][] = []
  for await (const { begin, pictures } of piecesOf(large)) {
    expect(pictures.length).toBeLessThanOrEqual(1 << 20)
    seen.push([begin, ...Array.from({ length: pictures.length / side ** 2 }, (_, row) => pictures[row * side ** 2]!)])
  }
  expect(seen).toEqual([
    [0, 0, 1, 2, 3],
    [4, 4, 5, 6, 7],
    [8, 8, 9],
  ])
})

it('only pictures in memory hold bytes, and ranges of them are views', () => {
  const source = held(8)
  const range = sourceRange(source, 2, 5)
  expect(isInMemory(range) && range.images.buffer).toBe(source.images.buffer)
  expect([source, range, generated(8), chosenPictures(source, Int32Array.of(1))].map(bytesHeld)).toEqual([16, 6, 0, 0])
})

it('sources of our own come through the door as they are', () => {
  for (const source of [held(4), later(4), sourceRange(generated(4), 0, 2)]) expect(checkedSource(source)).toBe(source)
})

describe('is refused', () => {
  const about = { labels: labelsOf(2), shape, classNames }
  const pictures = { ...about, images: new Uint8Array(4) }
  const picture = pixelsOf
  it.each([
    [
      'bytes of half a picture',
      () => memorySource({ ...pictures, images: new Uint8Array(5) }),
      /wrong number of bytes[\s\S]*2 pictures[\s\S]*5/,
    ],
    ['labels of another number', () => memorySource({ ...pictures, labels: labelsOf(3) }), /2 labels[\s\S]*3/],
    ['a label that is not a class', () => memorySource({ ...pictures, labels: Uint8Array.of(0, 2) }), /label 1.*range/],
    ['a negative label', () => memorySource({ ...pictures, labels: Int32Array.of(-1, 0) }), /label 0.*range/],
    ['no class at all', () => memorySource({ ...pictures, classNames: [] }), /"classNames" of memorySource/],
    ['a shape of two numbers', () => memorySource({ ...pictures, shape: [1, 2] as never }), /"shape" of memorySource/],
    ['nothing', () => memorySource(undefined as never), /memorySource/],
    ['a label made up', () => generatedSource({ ...about, labels: Uint8Array.of(2), picture }), /label 0.*range/],
    ['no function', () => generatedSource({ ...about, picture: 1 as never }), /"picture" of generatedSource/],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(UserError)
    expect(make).toThrow(message)
  })

  it.each([
    ['of another size', () => new Uint8Array(3), /no picture 1[\s\S]*1×2×1 = 2 bytes[\s\S]*3 bytes/],
    ['of another kind', () => [1, 2] as never, /no picture 1[\s\S]*an Array/],
    ['of nothing', () => undefined as never, /no picture 1[\s\S]*undefined/],
    ['of another size, later', async () => new Uint8Array(1), /no picture 1[\s\S]*1 bytes/],
  ])('a picture %s', async (_, made, message) => {
    const source = generatedSource({ ...about, picture: index => (index === 1 ? made() : pixelsOf(index)) })
    expect(await read(source, 0)).toEqual([0, 1])
    await expect((async () => read(source, 0, 1))()).rejects.toThrow(message)
  })
})
