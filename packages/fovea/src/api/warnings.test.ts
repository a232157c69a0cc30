/** What a user is told though nothing fails: what cannot learn at `compile`, what goes wrong in silence with the samples at `fit`. */
import { describe, expect, it } from 'vitest'
import { memorySource } from '../data/memory-source.ts'
import { activation } from '../layers/activation-layers.ts'
import { activationTable } from '../layers/activations.ts'
import { conv2d } from '../layers/conv.ts'
import { customLayer } from '../layers/custom-layer.ts'
import { dense } from '../layers/dense.ts'
import type { Layer } from '../layers/layer.ts'
import { batchNormalization } from '../layers/normalization.ts'
import { globalAveragePooling2d, maxPooling2d } from '../layers/pooling.ts'
import { reshape } from '../layers/rearranging.ts'
import { normalization, rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import type { LossType } from '../objectives/loss-formulas.ts'
import { lossFromConfig } from '../objectives/losses.ts'
import { sgd } from '../optimizer/factories.ts'
import type { TrainEvent } from '../train/events.ts'
import type { CompileOptions, FitOptions } from './options.ts'
import { place, quiet } from './tiny-classifier.testing.ts'

const softmax = { activation: 'softmax' } as const

/** A model compiled, with what was printed by it. */
function compiled(layers: readonly Layer[], options: Partial<CompileOptions> = {}) {
  const { sequential, printed } = place()
  const model = sequential(layers)
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', ...options })
  return { model, printed }
}

describe('compile', () => {
  const dead = (units: number, name: string) => dense({ units, activation: name as 'relu', inputShape: [3] })

  it.each<[string, readonly Layer[], Partial<CompileOptions>, RegExp]>([
    [
      'a model without weights',
      [flatten({ inputShape: [2] })],
      { loss: 'mse' as never },
      /no trainable weights, its layers have none/,
    ],
    [
      'frozen layers',
      [dense({ units: 2, ...softmax, inputShape: [2], trainable: false })],
      {},
      /no trainable weights, all its layers are frozen[\s\S]*setTrainable\(true/,
    ],
    [
      'a softmax over one unit',
      [dead(1, 'softmax')],
      { loss: 'binaryCrossentropy' },
      /softmax over 1 unit[\s\S]*'sigmoid'/,
    ],
    ['logits', [dead(3, 'linear')], {}, /ends in linear[\s\S]*activation: 'softmax', or give[\s\S]*fromLogits: true/],
    ['relu', [dead(3, 'relu')], {}, /ends in relu[\s\S]*takes probabilities/],
    ['sigmoid for one class of several', [dead(3, 'sigmoid')], {}, /judges each class by itself[\s\S]*'softmax'/],
    [
      'probabilities given as logits',
      [dead(3, 'softmax')],
      { loss: lossFromConfig('SparseCategoricalCrossentropy', { from_logits: true }) },
      /ends in softmax[\s\S]*fromLogits: true[\s\S]*Leave one/,
    ],
    [
      'cut logits',
      [dead(3, 'relu')],
      { loss: lossFromConfig('SparseCategoricalCrossentropy', { from_logits: true }) },
      /ends in relu[\s\S]*logits, which may be any number/,
    ],
    ['a learning rate of 0', [dead(3, 'softmax')], { optimizer: sgd({ learningRate: 0 }) }, /learning rate is 0/],
    [
      'factors that leave no rate',
      [dead(3, 'softmax')],
      { optimizer: sgd({ rateFactors: { kernel: 0, bias: 0 } }) },
      /All trainable weights have the rate factor 0/,
    ],
    ['a loss that does not count', [dead(3, 'softmax')], { lossWeights: [0] }, /All lossWeights are 0/],
    [
      'a formula without its input',
      [customLayer('One', (graph, x) => graph.broadcast(graph.constant(1), x.shape, true), { inputShape: [2] })],
      { loss: 'mse' as never },
      /'one' does not depend on the model's input/,
    ],
  ])('%s: says so once, and does not fail', (_, layers, options, message) => {
    const { model, printed } = compiled(layers, options)
    expect(printed()).toMatch(/^Warning: /)
    expect(printed()).toMatch(message)
    const said = printed()
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', ...options })
    expect(printed()).toBe(said)
  })

  it('refuses factors of weights that there are not', () => {
    const optimizer = sgd({ rateFactors: { kernl: 2 } })
    expect(() => compiled([dead(3, 'softmax')], { optimizer })).toThrow(/no such weight[\s\S]*Did you mean 'kernel'/)
  })

  const inputs = Float32Array.from({ length: 300 }, (_, i) => 6 * Math.sin(i * i))
  const losses: LossType[] = [
    'CategoricalCrossentropy',
    'SparseCategoricalCrossentropy',
    'CategoricalFocalCrossentropy',
    'CategoricalGeneralizedCrossEntropy',
    'KLDivergence',
    'BinaryCrossentropy',
    'BinaryFocalCrossentropy',
    'MeanSquaredError',
    'CategoricalHinge',
  ]
  const crossentropies = losses.slice(0, 7)
  const names = Object.keys(activationTable)
  it.each(names)('%s: warns a loss that takes probabilities exactly where it gets others', async name => {
    // As an option of the last layer, as a layer of its own, and before layers that only hand on.
    const tails: Layer[][] = [
      [dense({ units: 3, activation: name as 'relu', inputShape: [3] })],
      [dense({ units: 3, inputShape: [3] }), activation({ activation: name as 'relu' })],
      [
        dense({ units: 3, activation: name as 'relu', inputShape: [3] }),
        reshape({ targetShape: [1, 1, 3] }),
        globalAveragePooling2d(),
      ],
    ]
    for (const layers of tails) {
      for (const loss of losses) {
        const { model, printed } = compiled(layers, { loss: loss as never })
        const { data } = await model.predict(inputs)
        const outside = data.some(value => value < 0 || value > 1)
        const sums = Array.from({ length: 100 }, (_, row) => data[3 * row]! + data[3 * row + 1]! + data[3 * row + 2]!)
        const areDistributions = !outside && sums.every(sum => Math.abs(sum - 1) < 1e-5)
        const binary = loss.startsWith('Binary')
        const label = `${loss}: ${printed() || 'nothing said'}`
        // What is only positive is brought to the sum 1 by the losses of one class out of several.
        const normalised = !binary && data.every(value => value > 0)
        if (crossentropies.includes(loss) && outside && !normalised) expect(printed(), label).toMatch(/ends in/)
        if (areDistributions || (binary && !outside) || !crossentropies.includes(loss))
          expect(printed(), label).toBe('')
      }
    }
  })

  it('says nothing of models that are as they should be', () => {
    const fine: [Layer[], Partial<CompileOptions>][] = [
      [[dead(3, 'softmax')], {}],
      [[dead(3, 'linear')], { loss: lossFromConfig('SparseCategoricalCrossentropy', { from_logits: true }) }],
      [[dead(1, 'sigmoid')], { loss: 'binaryCrossentropy' }],
      [[dead(3, 'sigmoid')], { loss: 'binaryCrossentropy' }],
      [[dead(1, 'linear')], { loss: 'meanSquaredError' }],
      [[dead(2, 'tanh')], { loss: 'hinge' }],
    ]
    for (const [layers, options] of fine) expect(compiled(layers, options).printed()).toBe('')
  })
})

describe('fit', () => {
  const count = 12
  const shape = [2, 2, 1] as const
  const labels = Array.from({ length: count }, (_, i) => i % 3)
  const bytes = Uint8Array.from({ length: 4 * count }, (_, i) => (i * 67) % 256)
  const units = Float32Array.from(bytes, value => value / 255)
  const head = (inputShape: readonly number[] = shape) => [
    flatten({ inputShape: [...inputShape] }),
    dense({ units: 3, ...softmax }),
  ]

  /** What is printed and told to a listener. */
  async function said(layers: readonly Layer[], x: unknown, y: unknown, options: FitOptions = {}) {
    const { model, printed } = compiled(layers)
    const events: TrainEvent[] = []
    await model.fit(x as never, y as never, { ...options, onEvent: event => void events.push(event) })
    const told = events.flatMap(event => (event.type === 'message' && event.level === 'warning' ? event.text : []))
    const lines = printed()
      .split('\n')
      .filter(line => line.startsWith('Warning: '))
      .map(line => line.slice(9))
    return { told, lines, model, printed }
  }

  it.each<[string, unknown, unknown, FitOptions, RegExp]>([
    ['labels of one class', units, labels.map(() => 1), {}, /All 12 labels are class 1/],
    [
      'classes that never occur',
      units,
      labels.map(label => label % 2),
      {},
      /Of the 3 classes of output 'dense', class 2 never occurs/,
    ],
    [
      'rows sorted by class',
      units,
      labels.toSorted(),
      { validationSplit: 0.3 },
      /hold class 2, which training never sees[\s\S]*shuffle/,
    ],
    [
      'held-out samples of another class',
      units,
      labels.map(label => label % 2),
      { validationData: [units, labels] },
      /hold class 2, which training never sees/,
    ],
    ['weights of 0', units, labels, { sampleWeight: labels.map(() => 0) }, /All samples have weight 0/],
    ['classes of weight 0', units, labels, { classWeight: [0, 0, 0] }, /All samples have weight 0/],
    [
      'a batch beyond the data',
      units,
      labels,
      { batchSize: 64, shuffle: true },
      /batchSize 64 is more than the 12 samples[\s\S]*shuffle/,
    ],
    ['epochs that are done', units, labels, { epochs: 2, initialEpoch: 2 }, /Nothing is trained/],
    ['bytes', bytes, labels, {}, /values up to 254[\s\S]*'dense' \(Dense\)[\s\S]*rescaling/],
    ['floats in the range of bytes', Float32Array.from(bytes), labels, {}, /values up to 254[\s\S]*rescaling/],
    ['one-hot labels of one class', units, labels.map(() => [0, 1, 0]), {}, /All 12 labels are class 1/],
  ])('%s: printed and told once', async (_, x, y, options, message) => {
    const { told, lines, model, printed } = await said(head(), x, y, options)
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(message)
    expect(lines).toEqual(told)
    await model.fit(x as never, y as never, options)
    expect(printed().split('Warning: ')).toHaveLength(2)
  })

  it('names splitValidation where pictures of a source are sorted by class, or held out by a rule for data sets', async () => {
    const source = memorySource({
      shape,
      classNames: ['a', 'b', 'c'],
      images: bytes.map(value => value % 10),
      labels: Uint8Array.from(labels.toSorted()),
    })
    const { model, printed } = compiled(head())
    await model.fit(source, { validationSplit: 0.3 })
    expect(printed()).toMatch(/hold class 2, which training never sees[\s\S]*splitValidation\(source[\s\S]*stratified/)
    const rule = { validation: { fraction: 0.2, kind: 'stratified' } } as const
    await expect(model.fit(source, rule)).rejects.toThrow(/one part[\s\S]*fix: [\s\S]*splitValidation\(pictures/)
    await expect(model.fit(units, labels, rule)).rejects.toThrow(/are arrays[\s\S]*validationSplit/)
  })

  it('prints nothing with verbose 0, and tells listeners all the same', async () => {
    const { told, lines } = await said(head(), bytes, labels, quiet)
    expect(told).toHaveLength(1)
    expect(lines).toEqual([])
  })

  it('does not print again what compile has printed, and tells it to listeners', async () => {
    const { told, lines } = await said([flatten({ inputShape: [...shape] }), dense({ units: 3 })], units, labels)
    expect(told).toHaveLength(1)
    expect(lines).toEqual(told)
  })

  it('knows where bytes are rescaled, and where they stay bytes', async () => {
    const kernel = { filters: 2, kernelSize: 2 } as const
    const raw: Layer[][] = [
      [conv2d({ ...kernel, inputShape: [...shape] }), flatten(), dense({ units: 3, ...softmax })],
      [maxPooling2d({ poolSize: 2, inputShape: [...shape] }), flatten(), dense({ units: 3, ...softmax })],
      [conv2d({ ...kernel, inputShape: [...shape] }), batchNormalization(), flatten(), dense({ units: 3, ...softmax })],
    ]
    for (const layers of raw)
      expect((await said(layers, bytes, labels, quiet)).told.join()).toMatch(/nothing rescales them/)
    const first = { inputShape: [...shape] }
    const scaled: Layer[] = [
      rescaling({ scale: 1 / 255, ...first }),
      normalization({ mean: 100, variance: 900, ...first }),
      batchNormalization(first),
      customLayer('Scale', (graph, x) => graph.mul(x, 1 / 255), first),
    ]
    for (const layer of scaled)
      expect((await said([layer, ...head().map(bare)], bytes, labels, quiet)).told).toEqual([])
    expect((await said(head(), units, labels, quiet)).told).toEqual([])
  })
  const bare = (layer: Layer): Layer => (layer.type === 'Flatten' ? flatten() : layer)

  it('says nothing of samples that are as they should be', async () => {
    for (const options of [{}, { validationSplit: 0.5 }, { batchSize: 12 }, { batchSize: 4, shuffle: true }]) {
      expect((await said(head(), units, labels, options)).told).toEqual([])
    }
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuses %s among samples and labels, and says where',
    async value => {
      const { model } = compiled(head())
      const broken = units.slice()
      broken[4 * 7 + 2] = value
      await expect(model.fit(broken, labels, quiet)).rejects.toThrow(/Samples of training[\s\S]*in sample 7/)
      await expect(model.fit(units, labels, { validationData: [broken, labels], ...quiet })).rejects.toThrow(
        /Samples of validation[\s\S]*in sample 7/,
      )
      await expect(model.fit(broken, labels, { validationSplit: 0.5, ...quiet })).rejects.toThrow(
        /validation[\s\S]*in sample 1/,
      )
      const before = await model.getWeights()
      expect(before.every(({ data }) => data.every(Number.isFinite))).toBe(true)
      const amounts = compiled([flatten({ inputShape: [...shape] }), dense({ units: 1 })], {
        loss: 'meanSquaredError',
      }).model
      const wrong = labels.map((label, row) => (row === 5 ? value : label))
      await expect(amounts.fit(units, wrong, quiet)).rejects.toThrow(/Labels of training[\s\S]*in sample 5/)
    },
  )
})
