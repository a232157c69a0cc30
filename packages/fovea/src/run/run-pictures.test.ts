import { describe, expect, it } from 'vitest'
import { UserError } from '../base/errors.ts'
import { inMemory } from '../data/memory-source.ts'
import { chosenPictures, sourceRange } from '../data/parts-of-source.ts'
import { decodeRunPictures, encodeRunPictures, runPictures } from './run-pictures.ts'

const files = ['a/1.png', 'a/2.png', 'b/3 🙂.png', 'b/4.png']
const all = inMemory({
  images: Uint8Array.of(1, 2, 3, 4),
  labels: Uint8Array.of(0, 0, 1, 1),
  shape: [1, 1, 1],
  classNames: ['a', 'b'],
  names: files,
})
const train = chosenPictures(all, Int32Array.of(3, 0))

describe('the files of a run', () => {
  it('follow their pictures through choices and ranges, and come back', () => {
    const pictures = runPictures('/own', { train, test: sourceRange(all, 1, 3) })!
    expect(pictures.parts).toEqual({
      train: { files: ['b/4.png', 'a/1.png'], labels: [1, 0] },
      test: { files: ['a/2.png', 'b/3 🙂.png'], labels: [0, 1] },
    })
    expect(decodeRunPictures(encodeRunPictures(pictures), 'pictures.json')).toStrictEqual(pictures)
  })

  it('come once where the test part validates too', () => {
    const test = sourceRange(all, 1, 3)
    expect(Object.keys(runPictures('/own', { train, validation: test, test })!.parts)).toEqual(['train', 'test'])
  })

  it('are none where pictures have no names', () => {
    const { names: _, ...unnamed } = all
    expect(runPictures('/own', { train: unnamed })).toBeUndefined()
  })

  it.each([
    ['no JSON', '{'],
    ['labels that are missing', '{"folder":"f","classNames":["a"],"parts":{"train":{"files":["x"],"labels":[]}}}'],
    ['labels of no class', '{"folder":"f","classNames":["a"],"parts":{"train":{"files":["x"],"labels":[1]}}}'],
  ])('are refused with %s', (_, text) => {
    expect(() => decodeRunPictures(new TextEncoder().encode(text), 'pictures.json')).toThrow(UserError)
  })
})
