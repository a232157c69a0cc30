import { describe, expect, it } from 'vitest'
import { UserError } from '../base/errors.ts'
import { encodeSafetensors } from '../store/safetensors-encoder.ts'
import { decodeSafetensors } from '../store/tensor-file.ts'
import { decodeEmbeddings, encodeEmbeddings } from './run-embeddings.ts'
import type { RunPictures } from './run-pictures.ts'

const run: RunPictures = {
  folder: '/own',
  classNames: ['a', 'b'],
  parts: {
    train: { files: ['a/1.png', 'b/2.png'], labels: [0, 1] },
    validation: { files: ['a/3.png'], labels: [0] },
  },
}
const given = {
  count: 3,
  probabilities: Float32Array.of(0.75, 0.25, 0.5, 0.5, 0, 1),
  features: Float32Array.of(-1, 5, 0, 3, 5, 3.5, Number.NaN, 5, 1),
  seen: 400,
  support: Float32Array.of(0.9, 0.5, -0.125),
  suggested: [0, 1, 1],
}
const copy = { name: 'any', shape: [1, 1, 2, 1], data: Uint8Array.of(7, 8) }
const bytes = encodeEmbeddings(given, copy, Int32Array.of(2))

describe('the embeddings of a run', () => {
  it('come back with the names of their pictures', () => {
    const read = decodeEmbeddings(bytes, 'e', run)
    expect(read).toMatchObject({ count: 3, classes: 2, size: 3, seen: 400, folder: '/own', classNames: ['a', 'b'] })
    expect(read.pictures.map(({ file, part }) => `${part} ${file}`)).toEqual([
      'train a/1.png',
      'train b/2.png',
      'validation a/3.png',
    ])
    expect([...read.labels]).toEqual([0, 1, 0])
    expect(read.probabilities).toEqual(given.probabilities)
    expect([read.support, Array.from(read.suggested)]).toEqual([given.support, given.suggested])
    expect([...read.thumbnails].map(([row, { width, height, data }]) => [row, width, height, ...data])).toEqual([
      [2, 2, 1, 7, 8],
    ])
    // A feature has 256 levels between its ends; one that never changes stays; what was no number is the least.
    for (const [at, value] of [-1, 5, 0, 3, 5, 3.5, -1, 5, 1].entries()) expect(read.features[at]).toBeCloseTo(value, 2)
  })

  it('are refused beside another list of pictures, and when a part is missing', () => {
    const fewer = { ...run, parts: { train: run.parts.train! } }
    expect(() => decodeEmbeddings(bytes, 'e', fewer)).toThrow(/expected: 2 pictures[\s\S]*received: 3/)
    const { tensors, metadata } = decodeSafetensors(bytes)
    for (const { name } of tensors) {
      const without = encodeSafetensors({ metadata, tensors: tensors.filter(tensor => tensor.name !== name) })
      expect(() => decodeEmbeddings(without, 'e', run), name).toThrow(UserError)
    }
  })
})
