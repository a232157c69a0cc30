import { describe, expect, it } from 'vitest'
import { dense } from '../layers/dense.ts'
import { dropout } from '../layers/noise.ts'
import { rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import { decodeModelFile } from '../store/model-file.ts'
import { weightsSha256 } from '../store/weights-hash.ts'
import { modelCheckpoint } from '../train/callbacks/model-checkpoint.ts'
import { classes, points } from '../train/tiny.testing.ts'
import { createModels } from './models.ts'
import { compiled, place, quiet, tiny } from './tiny-classifier.testing.ts'

describe('a sequential classifier', () => {
  it('is compiled, trained, evaluated and asked', async () => {
    const { model, printed } = tiny()
    const history = await model.fit(points, classes, { epochs: 40, batchSize: 4 })
    expect(history.history['accuracy']!.at(-1)).toBe(1)
    expect(printed()).toContain('Epoch 40/40 - ')
    const logs = await model.evaluate(points, classes)
    expect(logs['accuracy']).toBe(1)
    const { shape, data } = await model.predict(points)
    expect(shape).toEqual([13, 2])
    expect(Array.from(classes, (_, row) => Number(data[2 * row + 1]! > 0.5))).toEqual([...classes])
    await model.dispose()
  })

  it('grows by add, keeping its weights', async () => {
    const { sequential } = place()
    const model = sequential([dense({ units: 3, inputShape: [2] })])
    const [kernel] = await model.getWeights()
    model.add(dense({ units: 2, activation: 'softmax' }))
    const weights = await model.getWeights()
    expect(weights.map(weight => [weight.name, weight.shape])).toEqual([
      ['dense/kernel', [2, 3]],
      ['dense/bias', [3]],
      ['dense_1/kernel', [3, 2]],
      ['dense_1/bias', [2]],
    ])
    expect(weights[0]).toEqual(kernel)
    expect((await model.predict(points)).shape).toEqual([13, 2])
    expect(model.countParams().total).toBe(17)
    expect(model.summary()).toContain('Total params: 17')
  })

  it('needs to be compiled before it learns, and again after layers were added or frozen', async () => {
    const { sequential } = place()
    const model = sequential([dense({ units: 2, activation: 'softmax', inputShape: [2] })])
    await expect(model.fit(points, classes)).rejects.toThrow(/cannot train[\s\S]*call compile/)
    await expect(model.evaluate(points, classes)).rejects.toThrow(/compile/)
    await expect(model.gradients(points, classes)).rejects.toThrow(/compile/)
    model.compile(compiled)
    await model.fit(points, classes, quiet)
    model.setTrainable(false)
    await expect(model.fit(points, classes, quiet)).rejects.toThrow(/changed after compile/)
    model.compile(compiled)
    const before = await model.getWeights()
    await model.fit(points, classes, quiet)
    expect(await model.getWeights()).toEqual(before)
    expect(() => model.setTrainable(true, 'dens')).toThrow(/'dense'/)
  })

  it('trains only what is not frozen', async () => {
    const { model } = tiny()
    model.setTrainable(false, 'dense')
    model.compile(compiled)
    const before = await model.getWeights()
    await model.fit(points, classes, quiet)
    const after = await model.getWeights()
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2))
    expect(after[2]).not.toEqual(before[2])
    expect((await model.gradients(points, classes)).map(gradient => gradient.name)).toEqual([
      'dense_1/kernel',
      'dense_1/bias',
    ])
  })

  it('knows its options', async () => {
    const { model } = tiny()
    await expect(model.fit(points, classes, { batchsize: 3 } as never)).rejects.toThrow(/did you mean "batchSize"/)
    await expect(model.predict(points, { verbos: 3 } as never)).rejects.toThrow(/no option "verbos"/)
    expect(() => model.compile({ ...compiled, metric: [] } as never)).toThrow(/did you mean "metrics"/)
  })

  it('says what is wrong in compile at once', () => {
    const { model } = tiny()
    expect(() => model.compile({ ...compiled, loss: 'categoricalCrossentrop' })).toThrow(/categoricalCrossentropy/)
    expect(() => model.compile({ ...compiled, optimizer: 'adm' })).toThrow(/adam/)
    expect(() => model.compile({ ...compiled, metrics: ['acuracy'] })).toThrow(/accuracy/)
    expect(() => model.compile({ ...compiled, optimizer: { type: 'Adam', config: { learningRat: 1 } } })).toThrow(
      /learningRate/,
    )
  })
})

describe('fit options', () => {
  it('holds out the last samples, or takes those it is given', async () => {
    const one = tiny()
    const split = await one.model.fit(points, classes, { validationSplit: 0.3, shuffle: false, ...quiet })
    const two = tiny()
    const given = await two.model.fit(points.slice(0, 18), classes.slice(0, 9), {
      validationData: [points.slice(18), classes.slice(9)],
      shuffle: false,
      ...quiet,
    })
    expect(split.history).toEqual(given.history)
    await expect(one.model.fit(points, classes, { validationSplit: 1.5 })).rejects.toThrow(/validationSplit/)
    const both = { validationSplit: 0.3, validationData: [points, classes] } as const
    await expect(one.model.fit(points, classes, both)).rejects.toThrow(/several ways/)
  })

  it('trains on a data set and remembers its classes', async () => {
    const { sequential, loadModel } = place()
    const images = Uint8Array.from({ length: 40 * 4 }, (_, index) => (index * 37) % 256)
    const labels = Uint8Array.from({ length: 40 }, (_, row) => Number(images[4 * row]! > images[4 * row + 3]!))
    const part = { images, labels, count: 40 }
    const classNames = ['dark', 'light']
    const dataset = { name: 'tiny', shape: [2, 2, 1] as const, classNames, train: part, test: part }
    const model = sequential([
      rescaling({ scale: 1 / 255, inputShape: [2, 2, 1] }),
      flatten(),
      dense({ units: 2, activation: 'softmax' }),
    ])
    model.compile(compiled)
    const history = await model.fit(dataset, { epochs: 20, validation: { count: 10 }, ...quiet })
    expect(history.history['val_loss']!.length).toBe(20)
    expect((await model.evaluate(dataset))['accuracy']).toBeGreaterThan(0.8)
    expect(await model.evaluate(dataset.test)).toEqual(await model.evaluate(dataset))
    const loaded = await loadModel(await model.toBytes())
    expect(loaded.classNames).toEqual(classNames)
    expect(loaded.preprocess).toBeUndefined()
  })

  it('gives the same bits for the same seed', async () => {
    const run = async (seed: number) => {
      const { sequential } = place()
      const model = sequential([
        dense({ units: 4, inputShape: [2] }),
        dropout({ rate: 0.5 }),
        dense({ units: 2, activation: 'softmax' }),
      ])
      model.compile(compiled)
      await model.fit(points, classes, { epochs: 2, batchSize: 4, seed, ...quiet })
      return weightsSha256(await model.getWeights())
    }
    expect(await run(3)).toBe(await run(3))
    expect(await run(3)).not.toBe(await run(4))
  })

  it('stops by signal and goes on from its checkpoint', async () => {
    const whole = tiny()
    await whole.model.fit(points, classes, { epochs: 4, ...quiet })
    const { model, files, platform } = tiny()
    const controller = new AbortController()
    const history = await model.fit(points, classes, {
      epochs: 4,
      signal: controller.signal,
      checkpoint: 'last.ckpt',
      callbacks: [{ onEpochEnd: epoch => void (epoch === 1 && controller.abort()) }],
      ...quiet,
    })
    expect(history.endReason).toBe('aborted')
    const other = createModels(platform).sequential([
      dense({ units: 4, activation: 'tanh', inputShape: [2] }),
      dense({ units: 2, activation: 'softmax' }),
    ])
    other.compile(compiled)
    await other.fit(points, classes, { epochs: 4, resumeFrom: await files.read('last.ckpt'), ...quiet })
    expect(await other.getWeights()).toEqual(await whole.model.getWeights())
  })

  it('gives no part of a prediction or evaluation', async () => {
    const { model } = tiny()
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(model.predict(points, { signal })).rejects.toThrow('enough')
    await expect(model.evaluate(points, classes, { signal })).rejects.toThrow('enough')
    await expect(model.predict(points, { batchSize: 0 })).rejects.toThrow(/"batchSize" of predict cannot be used/)
  })

  it('lets callbacks ask the model while it trains', async () => {
    const { model } = tiny()
    const asked: number[] = []
    const ask = async (): Promise<void> => {
      asked.push((await model.predict(Float64Array.from(points.slice(0, 2)))).data[0]!)
    }
    await model.fit(points, classes, { epochs: 2, batchSize: 4, callbacks: [{ onBatchEnd: ask }], ...quiet })
    const plain = tiny()
    await plain.model.fit(points, classes, { epochs: 2, batchSize: 4, ...quiet })
    expect(new Set(asked).size).toBe(8)
    expect(await model.getWeights()).toEqual(await plain.model.getWeights())
  })

  it('saves the best by callback', async () => {
    const { model, files } = tiny()
    const callbacks = [modelCheckpoint({ filepath: 'best.safetensors', monitor: 'loss', verbose: 0 })]
    await model.fit(points, classes, { epochs: 3, callbacks, ...quiet })
    expect(decodeModelFile(await files.read('best.safetensors')).weights).toEqual(await model.getWeights())
  })
})

describe('single steps', () => {
  it('trainOnBatch is one step of fit', async () => {
    const one = tiny()
    const logs = await one.model.trainOnBatch(points, classes)
    const two = tiny()
    const history = await two.model.fit(points, classes, { batchSize: 13, shuffle: false, ...quiet })
    expect(logs['loss']).toBeCloseTo(history.history['loss']![0]!, 12)
    expect(await one.model.getWeights()).toEqual(await two.model.getWeights())
  })

  it('gradients are what a step of SGD takes off', async () => {
    const { model } = tiny()
    const before = await model.getWeights()
    const gradients = await model.gradients(points, classes, { classWeight: { 0: 2 } })
    expect(await model.getWeights()).toEqual(before)
    await model.trainOnBatch(points, classes, { classWeight: { 0: 2 } })
    const after = await model.getWeights()
    expect(gradients.map(({ name, shape }) => [name, shape])).toEqual(before.map(({ name, shape }) => [name, shape]))
    for (const [index, gradient] of gradients.entries()) {
      for (const [at, value] of gradient.data.entries()) {
        expect(after[index]!.data[at]).toBeCloseTo(before[index]!.data[at]! - 0.5 * value, 6)
      }
    }
  })
})

describe('weights and files', () => {
  it('saves and loads a model that predicts the same', async () => {
    const { model, loadModel } = tiny()
    await model.fit(points, classes, { epochs: 2, ...quiet })
    await model.save('models/tiny.safetensors')
    const loaded = await loadModel('models/tiny.safetensors')
    expect(await loaded.getWeights()).toEqual(await model.getWeights())
    expect(await loaded.predict(points)).toEqual(await model.predict(points))
    expect(loaded.summary()).toBe(model.summary())
    loaded.compile(compiled)
    expect(await loaded.evaluate(points, classes)).toEqual(await model.evaluate(points, classes))
  })

  it('takes weights by name', async () => {
    const { model } = tiny({ seed: 1 })
    const other = tiny({ seed: 2 }).model
    const weights = await model.getWeights()
    await other.setWeights(weights.toReversed())
    expect(await other.getWeights()).toEqual(weights)
    await other.fit(points, classes, quiet)
    await other.loadWeights(await model.toBytes())
    expect(await other.getWeights()).toEqual(weights)
    await expect(other.setWeights(weights.slice(1))).rejects.toThrow(/"dense\/kernel" \(2, 4\) is missing/)
  })

  it('copies: what was given and got can be changed', async () => {
    const { model } = tiny()
    const got = await model.getWeights()
    got[0]!.data.fill(7)
    expect((await model.getWeights())[0]!.data[0]).not.toBe(7)
    await model.setWeights(got)
    got[0]!.data.fill(8)
    expect((await model.getWeights())[0]!.data[0]).toBe(7)
  })

  it('keeps weights over compile and dispose', async () => {
    const { model } = tiny()
    await model.fit(points, classes, quiet)
    const weights = await model.getWeights()
    model.compile({ ...compiled, optimizer: 'adam' })
    expect(await model.getWeights()).toEqual(weights)
    await model.dispose()
    expect(await model.getWeights()).toEqual(weights)
    expect((await model.predict(points)).shape).toEqual([13, 2])
  })

  it('says when there are no files, or no model in a file', async () => {
    const { platform } = place()
    const { files: _, ...bare } = platform
    const { sequential, loadModel } = createModels(bare)
    const model = sequential([dense({ units: 2, inputShape: [2] })])
    await expect(model.save('a.safetensors')).rejects.toThrow(/no files here[\s\S]*toBytes/)
    const weightsOnly = (await import('../store/model-encoder.ts')).encodeModelFile({
      weights: await model.getWeights(),
    })
    await expect(loadModel(weightsOnly)).rejects.toThrow(/weights, but not the model/)
  })
})
