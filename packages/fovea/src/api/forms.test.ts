import { describe, expect, it } from 'vitest'
import { dense } from '../layers/dense.ts'
import { add, concatenate } from '../layers/merging.ts'
import { rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import { apply } from '../layers/tensor.ts'
import { input } from '../network/functional.ts'
import { sparseCategoricalCrossentropy } from '../objectives/losses.ts'
import { sgd } from '../optimizer/factories.ts'
import { weightsSha256 } from '../store/weights-hash.ts'
import { classes, points } from '../train/tiny.testing.ts'
import { place, quiet, tiny } from './tiny-classifier.testing.ts'

const oneHot = Array.from(classes, label => [1 - label, label])

describe('forms of samples and labels', () => {
  const hash = async (x: unknown, y: unknown, loss = 'sparseCategoricalCrossentropy'): Promise<string> => {
    const { model } = tiny({ loss })
    await model.fit(x as never, y as never, { epochs: 2, batchSize: 4, ...quiet })
    return weightsSha256(await model.getWeights())
  }
  const list = [...points]
  const rows = classes.length

  it('all say the same', async () => {
    const expected = await hash(points, classes)
    for (const x of [
      { shape: [rows, 2], data: points },
      { shape: [rows, 2], data: list },
      { shape: [rows, 2], data: Float64Array.from(points) },
      Array.from(classes, (_, row) => points.slice(2 * row, 2 * row + 2)),
      Array.from(classes, (_, row) => list.slice(2 * row, 2 * row + 2)),
      Array.from(classes, (_, row) => ({ shape: [2], data: points.slice(2 * row, 2 * row + 2) })),
      [points],
      { input_layer: points },
    ]) {
      expect(await hash(x, classes)).toBe(expected)
    }
    const flat = Float32Array.from(oneHot.flat())
    for (const y of [
      [...classes],
      Uint8Array.from(classes),
      { shape: [rows, 1], data: classes },
      oneHot,
      { shape: [rows, 2], data: flat },
      { dense_1: classes },
    ]) {
      expect(await hash(points, y)).toBe(expected)
    }
    const dense = await hash(points, oneHot, 'categoricalCrossentropy')
    expect(await hash(points, classes, 'categoricalCrossentropy')).toBe(dense)
  })

  it.each([
    ['another shape', { shape: [13, 3], data: new Float32Array(39) }, classes, /\(None, 2\)[\s\S]*\(13, 3\)/],
    ['a shape that the values do not fill', { shape: [13, 2], data: [1] }, classes, /26 values[\s\S]*1 values/],
    ['values that make no whole sample', new Float32Array(27), classes, /multiple of 2[\s\S]*27 values/],
    ['samples of different sizes', [new Float32Array(2), new Float32Array(3)], [0, 1], /3 values in sample 1/],
    ['samples of different shapes', [1, 2].map(n => ({ shape: [n], data: [1, 2].slice(0, n) })), [0, 1], /in sample 1/],
    ['ragged lists', [[1, 2], [3]], [0, 1], /not of one shape/],
    ['no samples', new Float32Array(0), [], /no samples/],
    ['fewer labels', points, [0, 1], /13 samples[\s\S]*2 in the labels/],
    ['a label that is not a class', points, [...classes.slice(0, 12), 2], /0 … 1[\s\S]*2 at sample 12/],
    ['rows of another number of classes', points, oneHot.map(row => [...row, 0]), /\(None, 2\)[\s\S]*\(13, 3\)/],
    ['no labels', points, undefined, /labels are missing/],
    ['labels as text', points, [...classes].map(String), /lists of the labels/],
    ['soft rows for class numbers', points, oneHot.map(() => [0.5, 0.5]), /not one-hot[\s\S]*\[0.5, 0.5\] at sample 0/],
    ['rows without a class', points, [...oneHot.slice(1), [0, 0]], /not one-hot[\s\S]*at sample 12/],
    ['a view that is no array', new DataView(new ArrayBuffer(8)), classes, /received: a DataView/],
    ['two inputs for one', { a: points, b: points }, classes, /expected: input_layer[\s\S]*a, b/],
  ])('%s: a clear error', async (_, x, y, message) => {
    const { model } = tiny()
    await expect(model.fit(x as never, y as never, quiet)).rejects.toThrow(message)
  })

  it('keeps what is not a probability from a crossentropy', async () => {
    const model = place().sequential([dense({ units: 1, activation: 'sigmoid', inputShape: [2] })])
    const binary = { optimizer: 'sgd', loss: 'binaryCrossentropy', metrics: ['accuracy'] }
    model.compile(binary)
    await model.fit(points, classes, { classWeight: { 1: 2 }, ...quiet })
    const signs = classes.map(label => 2 * label - 1)
    await expect(model.fit(points, signs, quiet)).rejects.toThrow(/not a probability[\s\S]*-1 at sample/)
    model.compile({ ...binary, loss: 'hinge' })
    await model.fit(points, signs, quiet)
    model.compile({ ...binary, loss: 'meanSquaredError' })
    const halves = Float32Array.from(classes, label => label / 2)
    await model.fit(points, halves, quiet)
    await expect(model.fit(points, halves, { classWeight: { 0: 2 }, ...quiet })).rejects.toThrow(
      /labels that are classes/,
    )
  })

  it('leaves out the class a loss ignores', async () => {
    const { model } = tiny()
    const ignoring = sparseCategoricalCrossentropy({ ignoreClass: -1 })
    model.compile({ optimizer: sgd({ learningRate: 0 }), loss: ignoring })
    const some = [...classes].map((label, row) => (row < 3 ? -1 : label))
    const { loss } = await model.evaluate(points, some)
    const { loss: rest } = await model.evaluate(points.slice(6), classes.slice(3))
    // Keras counts only what is not ignored.
    expect(loss).toBeCloseTo(rest!, 6)
    await expect(
      model.evaluate(
        points,
        some.map(label => label - 1),
      ),
    ).rejects.toThrow(/-2 at sample 0/)
  })

  it('one sample needs no batch axis', async () => {
    const { model } = tiny()
    const expected = await model.predict(points.slice(0, 2))
    const one = [...points.slice(0, 2)]
    for (const x of [
      one,
      [one],
      { shape: [2], data: one },
      [{ shape: [2], data: one }],
      { shape: [1, 2], data: one },
    ]) {
      expect(await model.predict(x)).toEqual(expected)
    }
    for (const labels of [[[0, 1]], [Float32Array.of(0, 1)], [1], Uint8Array.of(1), { shape: [1, 2], data: [0, 1] }]) {
      const { loss } = await model.evaluate([Float32Array.from(one)], labels)
      expect(loss).toBeCloseTo(-Math.log(expected.data[1]!), 6)
    }
  })

  it('bytes and floats give the same prediction, in any order', async () => {
    const bytes = Uint8Array.from({ length: 8 }, (_, index) => index * 30)
    const { sequential } = place()
    const model = sequential([
      rescaling({ scale: 1 / 255, inputShape: [2, 2, 1] }),
      flatten(),
      dense({ units: 2, activation: 'softmax' }),
    ])
    const first = await model.predict({ shape: [2, 2, 2], data: bytes })
    const floats = await model.predict({ shape: [2, 2, 2, 1], data: Float32Array.from(bytes) })
    expect(floats).toEqual(first)
    expect(await model.predict(bytes)).toEqual(first)
    for (const other of [Uint8ClampedArray.from(bytes), Uint16Array.from(bytes), Int32Array.from(bytes)]) {
      expect(await model.predict(other)).toEqual(first)
    }
  })
})

describe('weights of samples', () => {
  it.each([
    ['a class that the model does not have', { classWeight: { 2: 1 } }, /0 … 1[\s\S]*received: 2/],
    ['a class by name', { classWeight: { cat: 1 } }, /names no class/],
    ['a negative weight', { classWeight: { 0: -1 } }, /classWeight of class 0/],
    ['too few weights', { sampleWeight: [1, 2] }, /13 weights[\s\S]*received: 2/],
    ['NaN', { sampleWeight: new Float32Array(13).fill(Number.NaN) }, /sampleWeight of sample 0/],
    ['an output that is not there', { sampleWeight: { dens_1: new Float32Array(13) } }, /did you mean "dense_1"/],
    ['no list', { sampleWeight: 3 }, /one number per sample[\s\S]*received: 3/],
  ])('%s: a clear error', async (_, weighting, message) => {
    const { model } = tiny()
    await expect(model.fit(points, classes, { ...weighting, ...quiet } as never)).rejects.toThrow(message)
  })
})

describe('several inputs and outputs', () => {
  function twoEnds() {
    const here = place()
    const a = input({ shape: [2], name: 'a' })
    const b = input({ shape: [1], name: 'b' })
    const joined = apply(concatenate(), [a, b])
    const first = apply(dense({ units: 2, activation: 'softmax', name: 'kind' }), joined)
    const second = apply(dense({ units: 1, name: 'amount' }), apply(add(), [b, b]))
    const model = here.model({ inputs: [a, b], outputs: [first, second] })
    model.compile({
      optimizer: 'adam',
      loss: { kind: 'sparseCategoricalCrossentropy', amount: 'meanSquaredError' },
      lossWeights: { amount: 0.5 },
      metrics: { kind: ['accuracy'] },
    })
    return model
  }
  const b = new Float32Array(13).fill(0.5)
  const amounts = Float32Array.from(classes, label => label + 0.5)

  it('as lists or records, with one loss and weight per output', async () => {
    const model = twoEnds()
    const logs = await model.evaluate([points, b], [classes, amounts])
    expect(await model.evaluate({ b, a: points }, { amount: amounts, kind: classes })).toEqual(logs)
    expect(Object.keys(logs)).toEqual(['loss', 'kind_loss', 'amount_loss', 'kind_accuracy'])
    expect(logs['loss']).toBeCloseTo(logs['kind_loss']! + 0.5 * logs['amount_loss']!, 6)
    const history = await model.fit([points, b], [classes, amounts], { epochs: 3, ...quiet })
    expect(history.history['amount_loss']!.at(-1)).toBeLessThan(history.history['amount_loss']![0]!)
    const [kind, amount] = await model.predict([points, b])
    expect([kind!.shape, amount!.shape]).toEqual([
      [13, 2],
      [13, 1],
    ])
  })

  it('weighs samples of each output on its own', async () => {
    const model = twoEnds()
    const none = new Float32Array(13)
    const logs = await model.evaluate([points, b], [classes, amounts], { sampleWeight: { kind: none } })
    expect(logs['kind_loss']).toBe(0)
    expect(logs['amount_loss']).toBeGreaterThan(0)
  })

  it('does not guess which output classes belong to', async () => {
    const model = twoEnds()
    const fit = model.fit([points, b], [classes, amounts], { classWeight: { 0: 2 }, ...quiet })
    await expect(fit).rejects.toThrow(/which output[\s\S]*kind, amount[\s\S]*sampleWeight/)
  })

  it('may be called what an array has', async () => {
    const ends = ['shape', 'data'].map(name => input({ shape: [2], name }))
    const out = apply(dense({ units: 2 }), apply(add(), ends))
    const model = place().model({ inputs: ends, outputs: out })
    const byName = await model.predict({ data: points, shape: points.map(v => -v) })
    expect(byName).toEqual(await model.predict([points.map(v => -v), points]))
  })

  it('says which are missing', async () => {
    const model = twoEnds()
    await expect(model.predict(points)).rejects.toThrow(/2 inputs, one was given/)
    await expect(model.predict({ a: points })).rejects.toThrow(/expected: a, b/)
  })
})
