/** A classifier that begins with a trained one: head alone on kept features, then everything. */
import { describe, expect, it } from 'vitest'
import { dense } from '../layers/dense.ts'
import { classes, points } from '../train/tiny.testing.ts'
import { compiled, place, quiet, tiny } from './tiny-classifier.testing.ts'

const preprocess = { shape: [1, 2, 1], channels: 'grey', resize: 'cover' } as const

async function begun() {
  const { model, transferFrom, files } = tiny({ seed: 3 })
  await model.fit(points, classes, { ...quiet, epochs: 2 })
  model.preprocess = preprocess
  return { files, old: model, transferFrom, model: await transferFrom(model, { classes: ['a', 'b', 'c'], seed: 4 }) }
}

describe('transferFrom', () => {
  it('keeps layers, weights and preprocessing, and trains the new head alone', async () => {
    const { old, model } = await begun()
    const [kernel] = await old.getWeights()
    expect(model.classNames).toEqual(['a', 'b', 'c'])
    expect(model.preprocess).toEqual(preprocess)
    expect((await model.getWeights())[0]).toEqual(kernel)
    expect(model.countParams()).toEqual({ total: 27, trainable: 15, nonTrainable: 12 })
    model.compile(compiled)
    await model.fit(points, classes, { ...quiet, cacheFeatures: true, epochs: 3 })
    const after = await model.getWeights()
    expect(after[0]).toEqual(kernel)
    expect(after[2]!.data).not.toEqual(new Float32Array(after[2]!.data.length))
    expect((await model.predict(points)).shape).toEqual([13, 3])
  })

  it('gives the bits of training without kept features, and thaws at a lower rate', async () => {
    const hashes = []
    for (const cacheFeatures of [true, false]) {
      const { model } = await begun()
      model.compile(compiled)
      await model.fit(points, classes, { ...quiet, cacheFeatures, epochs: 3, seed: 1 })
      model.freeze('none')
      await expect(model.fit(points, classes, quiet)).rejects.toThrow(/compile again/)
      model.compile({ ...compiled, optimizer: { type: 'SGD', config: { learningRate: 0.05 } } })
      const [before] = await model.getWeights()
      await model.fit(points, classes, { ...quiet, seed: 1 })
      const weights = await model.getWeights()
      expect(weights[0]).not.toEqual(before)
      hashes.push(weights)
    }
    expect(hashes[0]).toEqual(hashes[1])
  })

  it('keeps what the head knows of classes that go on', async () => {
    const { old, transferFrom } = await begun()
    old.classNames = ['a', 'b']
    const model = await transferFrom(old, { classes: ['b', 'new'], keepClasses: true })
    const [kernel, head] = [(await old.getWeights())[2]!.data, (await model.getWeights())[2]!.data]
    expect([head[0], head[2]]).toEqual([kernel[1], kernel[3]])
    await expect(transferFrom(old, { classes: 2, keepClasses: true })).rejects.toThrow(/none of these classes/)
  })

  it('is saved with its frozen layers and loaded again', async () => {
    const { model, files } = await begun()
    await model.save('a.safetensors')
    const again = await place().loadModel(await files.read('a.safetensors'))
    expect(again.countParams()).toEqual(model.countParams())
    expect(again.classNames).toEqual(['a', 'b', 'c'])
  })

  it('says what is wrong', async () => {
    const { model, transferFrom } = await begun()
    await expect(transferFrom(model, { classes: 1 })).rejects.toThrow(/classes/)
    await expect(transferFrom(model, { classes: 3, cut: 'denze' })).rejects.toThrow(/'dense'/)
    await expect(transferFrom({} as never, { classes: 3 })).rejects.toThrow(/a classifier, as loadModel/)
    expect(() => model.freeze('all' as never)).toThrow(/all-but-head/)
    const alone = place().sequential([dense({ units: 2, activation: 'softmax', inputShape: [2] })])
    await expect(transferFrom(alone, { classes: 3 })).rejects.toThrow(/nothing to begin with/)
    model.freeze('none')
    model.compile(compiled)
    await expect(model.fit(points, classes, { ...quiet, cacheFeatures: true })).rejects.toThrow(/no features to keep/)
  })
})
