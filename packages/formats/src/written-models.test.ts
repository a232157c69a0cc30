/** What Fovea writes for Keras and TensorFlow.js it reads back as it was: model, weights, names of classes. (Answers, and large recipes: the slow suite.) */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Classifier, dense, loadModel, sequential, weightsSha256 } from 'fovea'
import { modelToConfig } from 'fovea/internal/network/config'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  answersOf,
  branches,
  everyLayer,
  everyRecipe,
  withOtherWeights,
  withoutOwnWords,
  written,
  writtenFormats,
} from './written-models.testing.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-written-'))
  // Notes on layers that are left out.
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterAll(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

/** Layers that these programs do not have, or have otherwise: so many of each type in the suite of layers. */
const ofKeras = { LocalResponseNormalization: 1, RMSNormalization: 1, RandomAffine: 1 }
const unsaid: Readonly<Record<(typeof writtenFormats)[number], Readonly<Record<string, number>>>> = {
  'model.keras': ofKeras,
  'model.weights.h5': ofKeras,
  'model.json': {
    BatchNormalization: 1,
    Conv2D: 1,
    Conv2DTranspose: 2,
    ELU: 1,
    GroupNormalization: 3,
    LayerNormalization: 1,
    LocalResponseNormalization: 1,
    RMSNormalization: 2,
    RandomAffine: 1,
    RandomBrightness: 1,
    RandomContrast: 1,
    RandomCrop: 2,
    RandomErasing: 2,
    RandomFlip: 1,
    RandomRotation: 1,
    RandomTranslation: 1,
    RandomZoom: 1,
    ReLU: 1,
    Resizing: 1,
    Softmax: 1,
    SpatialDropout2D: 1,
    Subtract: 1,
    UnitNormalization: 2,
    UpSampling2D: 1,
  },
}

async function expectSame(read: Classifier, made: Classifier): Promise<void> {
  expect(modelToConfig(read.model)).toEqual(modelToConfig(made.model))
  expect(weightsSha256(await read.getWeights())).toBe(weightsSha256(await made.getWeights()))
}

describe.each(writtenFormats)('%s', format => {
  test('every layer that can be said comes back as it was; the others are refused by name', async () => {
    const refused: Record<string, number> = {}
    for (const { name, made } of everyLayer()) {
      await withOtherWeights(made)
      const path = await written(made, folder, name, format)
      const [type] = name.split(' ')
      if (path === undefined) refused[type!] = (refused[type!] ?? 0) + 1
      else await expectSame(await loadModel(path), made)
    }
    expect(refused).toEqual(unsaid[format])
  }, 60_000)

  test('every smaller recipe comes back as it was, with its names of classes', async () => {
    for (const { name, made } of everyRecipe().filter(each => each.made.countParams().total < 200_000)) {
      await withOtherWeights(made)
      made.classNames = ['one', 'two']
      const read = await loadModel((await written(made, folder, name, format))!)
      await expectSame(read, made)
      expect(read.classNames).toEqual(['one', 'two'])
    }
  }, 60_000)

  test('weights go into a model that is built in code, whatever its layers are called', async () => {
    const build = (name: string) =>
      sequential([dense({ units: 3, inputShape: [4], name: `${name}-1` }), dense({ units: 2, name: `${name}-2` })])
    const made = build('first')
    await withOtherWeights(made)
    const path = (await written(made, folder, 'built', format))!
    const alike = build('first')
    await alike.loadWeights(path)
    expect(weightsSha256(await alike.getWeights())).toBe(weightsSha256(await made.getWeights()))
    const other = build('other')
    if (format !== 'model.weights.h5') return expect(other.loadWeights(path)).rejects.toThrow(/other-1/)
    await other.loadWeights(path)
    expect(weightsSha256(await other.getWeights())).toBe(weightsSha256(await made.getWeights()))
  })

  test('branches give the same bits; so they do where the file says nothing of Fovea', async () => {
    const { name, made } = branches()
    await withOtherWeights(made)
    const path = (await written(made, folder, name, format))!
    const expected = await answersOf(made)
    const read = await loadModel(path)
    expect(await answersOf(read)).toEqual(expected)
    if (format !== 'model.weights.h5')
      expect(await answersOf(await loadModel(await withoutOwnWords(path)))).toEqual(expected)
  }, 60_000)
})
