import { describe, expect, it } from 'vitest'
import { keyOf, uniform } from '../base/random.ts'
import { nodesOf, type StepGraph } from '../graph/node.ts'
import { verify } from '../graph/verify.ts'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import type { Layer } from '../layers/layer.ts'
import { add, concatenate } from '../layers/merging.ts'
import { dropout } from '../layers/noise.ts'
import { batchNormalization } from '../layers/normalization.ts'
import { l2 } from '../layers/regularizers.ts'
import { rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import { apply } from '../layers/tensor.ts'
import { chain, input, model } from '../network/functional.ts'
import { type Model, withTrainable } from '../network/model.ts'
import { sequential } from '../network/sequential.ts'
import { initialWeights } from '../network/weights.ts'
import { zoo } from '../network/zoo/zoo.ts'
import { lossRules } from '../objectives/loss-formulas.ts'
import { lossFromConfig, loss as lossNamed } from '../objectives/losses.ts'
import { adam, optimizer as optimizerNamed } from '../optimizer/factories.ts'
import { learningRateAt, type Optimizer } from '../optimizer/optimizer.ts'
import type { Program } from '../runtime/device.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { buildEntries, type EntryOptions } from './entries.testing.ts'
import { initialOptimizerState } from './train-entry.ts'

type Data = Readonly<Record<string, ArrayLike<number>>>

const uniforms = (seed: number, count: number, low = 0, high = 1): number[] =>
  Array.from({ length: count }, (_, index) => low + (high - low) * uniform(keyOf(seed), index))

async function compiled(net: Model, options: Omit<EntryOptions, 'optimizer'> & { optimizer: Optimizer }, seed = 1) {
  const entries = buildEntries(net, { ...options, gradients: true })
  for (const graph of Object.values(entries as unknown as Record<string, StepGraph>)) verify(graph)
  const program = await referenceDevice().compile(entries as unknown as Record<string, StepGraph>)
  await program.writeStates({ ...initialWeights(net, seed), ...initialOptimizerState(net, options.optimizer) })
  return { program, entries }
}

/** Runs one step of an entry on n rows; what is not given is 1 for weights and 0 for the rest. */
async function step(program: Program, entry: string, n: number, data: Data, scalars: Data | object = {}) {
  const fed = { ...data, ...scalars } as Data
  const [outputs] = await program.run(entry, 1, (_, slots) => {
    for (const [name, slot] of Object.entries(slots)) {
      const values = fed[name]
      if (values) slot.set(Array.from(values))
      else slot.fill(name.startsWith('weight:') ? 1 : 0)
    }
    return n
  })
  return outputs!
}

async function train(program: Program, optimizer: Optimizer, n: number, data: Data, steps: number) {
  const losses: number[] = []
  for (let t = 1; t <= steps; t++) {
    const scalars = Object.entries(optimizer.scalars(t, learningRateAt(optimizer, t)))
    const fed = Object.fromEntries(scalars.map(([name, value]) => [`scalar:${name}`, [value]]))
    const outputs = await step(program, 'train', n, { randomKey: [t, 7], ...data }, fed)
    losses.push(outputs['loss']![0]!)
  }
  return losses
}

const small = (last: Layer = dense({ units: 3, activation: 'softmax' })) =>
  sequential([dense({ units: 5, activation: 'tanh', inputShape: [4] }), last])

describe('one training step lowers the loss', () => {
  const optimizers = ['sgd', 'rmsprop', 'adam', 'adamw', 'adamax', 'nadam', 'adagrad', 'adadelta', 'lion', 'muon']
  const x = uniforms(3, 24, -1, 1)
  const classes = [0, 2, 1, 1, 0, 2]
  const oneHot = classes.flatMap(c => [0, 1, 2].map(k => (k === c ? 1 : 0)))
  for (const name of Object.keys(lossRules)) {
    it(`${name} with every optimizer`, async () => {
      const found = lossNamed(name)
      const target = found.target === 'sparse' ? classes : oneHot
      for (const optimizerName of optimizers) {
        const optimizer = optimizerNamed(optimizerName)
        const { program } = await compiled(small(), { batch: 6, loss: name, metrics: ['accuracy'], optimizer })
        const [first, second] = await train(program, optimizer, 6, { input_layer: x, 'target:dense_1': target }, 2)
        expect(second!, optimizerName).toBeLessThan(first!)
      }
    })
  }
})

describe('known values', () => {
  // One unit without activation: prediction = w x + b, w = 2, b = 1.
  const line = () => sequential([dense({ units: 1, inputShape: [1] })])
  const start = { 'dense/kernel': [2], 'dense/bias': [1] }

  it('weights each sample: loss = Σ w l / n, and its gradients', async () => {
    const optimizer = optimizerNamed('sgd')
    const { program } = await compiled(line(), { batch: 4, loss: 'meanSquaredError', metrics: ['mae'], optimizer })
    await program.writeStates(start)
    // Predictions 3 and 5, errors 1 and 2.
    const data = { input_layer: [1, 2], 'target:dense': [2, 3], 'weight:dense': [3, 0.5] }
    const evaluated = await step(program, 'evaluate', 2, data)
    expect(evaluated['loss']![0]).toBeCloseTo((3 * 1 + 0.5 * 4) / 2, 12)
    expect(evaluated['mae']![0]).toBeCloseTo(1.5, 12)
    expect(Array.from(evaluated['predictions:dense']!)).toEqual([3, 5])
    const derivative = await step(program, 'gradients', 2, data)
    expect(derivative['gradient:dense/kernel']![0]).toBeCloseTo((3 * 2 * 1 * 1 + 0.5 * 2 * 2 * 2) / 2, 12)
    expect(derivative['gradient:dense/bias']![0]).toBeCloseTo((3 * 2 * 1 + 0.5 * 2 * 2) / 2, 12)
  })

  it('counts L2 penalties in training and evaluation, and in the gradient', async () => {
    const net = sequential([dense({ units: 1, inputShape: [1], kernelRegularizer: l2({ l2: 0.1 }) })])
    const optimizer = optimizerNamed('sgd')
    const { program } = await compiled(net, { batch: 1, loss: 'meanSquaredError', optimizer })
    await program.writeStates(start)
    const data = { input_layer: [1], 'target:dense': [3] }
    expect((await step(program, 'evaluate', 1, data))['loss']![0]).toBeCloseTo(0.4, 12)
    expect((await step(program, 'gradients', 1, data))['gradient:dense/kernel']![0]).toBeCloseTo(0.4, 12)
    expect((await train(program, optimizer, 1, data, 1))[0]).toBeCloseTo(0.4, 12)
    expect((await program.readStates())['dense/kernel']![0]).toBeCloseTo(2 - 0.01 * 0.4, 12)
  })

  it('updates with keras-rmsprop as the recipes state it', async () => {
    const optimizer = optimizerNamed('rmsprop')
    const { program } = await compiled(line(), { batch: 1, loss: 'meanSquaredError', optimizer })
    await program.writeStates(start)
    await train(program, optimizer, 1, { input_layer: [1], 'target:dense': [2] }, 2)
    let [w, b, vw, vb] = [2, 1, 0, 0]
    for (let t = 0; t < 2; t++) {
      const g = 2 * (w + b - 2)
      vw = 0.9 * vw + 0.1 * g * g
      vb = 0.9 * vb + 0.1 * g * g
      w -= (0.001 * g) / Math.sqrt(vw + 1e-7)
      b -= (0.001 * g) / Math.sqrt(vb + 1e-7)
    }
    const states = await program.readStates()
    expect(states['dense/kernel']![0]).toBeCloseTo(w, 12)
    expect(states['dense/bias']![0]).toBeCloseTo(b, 12)
    expect(states['dense/kernel@velocity']![0]).toBeCloseTo(vw, 12)
  })

  it('writes vanishing optimizer state as 0', async () => {
    const optimizer = optimizerNamed('rmsprop')
    const { program } = await compiled(line(), { batch: 1, loss: 'meanSquaredError', optimizer })
    await program.writeStates({ ...start, 'dense/kernel@velocity': [1.1e-30], 'dense/bias@velocity': [1.2e-30] })
    await train(program, optimizer, 1, { input_layer: [0], 'target:dense': [1] }, 1)
    const states = await program.readStates()
    expect(states['dense/kernel@velocity']![0]).toBe(0)
    expect(states['dense/bias@velocity']![0]).toBeGreaterThan(1e-30)
  })

  it('gives the sparse and the one-hot loss the same gradients', async () => {
    const x = uniforms(5, 8)
    const results = []
    for (const [name, target] of [
      ['sparseCategoricalCrossentropy', [2, 0]],
      ['categoricalCrossentropy', [0, 0, 1, 1, 0, 0]],
    ] as const) {
      const optimizer = optimizerNamed('sgd')
      const { program } = await compiled(small(), { batch: 2, loss: name, metrics: ['accuracy'], optimizer })
      results.push(await step(program, 'gradients', 2, { input_layer: x, 'target:dense_1': target }))
    }
    for (const name of Object.keys(results[0]!)) {
      for (const [index, value] of results[0]![name]!.entries()) {
        expect(results[1]![name]![index]).toBeCloseTo(value, 14)
      }
    }
  })
})

it('learns XOR', async () => {
  const net = sequential([
    dense({ units: 8, activation: 'tanh', inputShape: [2] }),
    dense({ units: 1, activation: 'sigmoid' }),
  ])
  const optimizer = optimizerNamed('adam')
  const options = { batch: 4, loss: 'binaryCrossentropy', metrics: ['accuracy'], optimizer }
  const { program } = await compiled(net, options)
  const data = { input_layer: [0, 0, 0, 1, 1, 0, 1, 1], 'target:dense_1': [0, 1, 1, 0] }
  const losses: number[] = []
  for (let t = 1; t <= 300; t++) {
    const scalars = Object.entries(optimizer.scalars(t, 0.05)).map(([name, value]) => [`scalar:${name}`, [value]])
    losses.push((await step(program, 'train', 4, data, Object.fromEntries(scalars)))['loss']![0]!)
  }
  expect(losses.at(-1)).toBeLessThan(0.05)
  expect((await step(program, 'evaluate', 4, data))['accuracy']![0]).toBe(1)
})

describe('functional models', () => {
  const twoInTwoOut = () => {
    const picture = input({ shape: [4, 4, 1], name: 'picture' })
    const hint = input({ shape: [3] })
    const features = chain(picture, rescaling({ scale: 1 / 255 }), conv2d({ filters: 2, kernelSize: 3 }), flatten())
    const shared = dense({ units: 8, activation: 'relu', name: 'shared' })
    const first = apply(shared, features)
    const skip = apply(add(), [first, apply(shared, first)])
    const joined = apply(concatenate(), [skip, hint])
    const kind = apply(dense({ units: 3, activation: 'softmax', name: 'kind' }), joined)
    const size = apply(dense({ units: 1, name: 'size' }), joined)
    return model({ inputs: [picture, hint], outputs: [kind, size] })
  }

  it('trains two inputs, two outputs, a shared layer and a skip', async () => {
    const optimizer = adam({ learningRate: 0.01 })
    const { program, entries } = await compiled(twoInTwoOut(), {
      batch: 4,
      inputTypes: ['u8', 'f32'],
      loss: { kind: 'sparseCategoricalCrossentropy', size: 'meanSquaredError' },
      lossWeights: { size: 0.5 },
      metrics: { kind: ['accuracy'] },
      optimizer,
    })
    const data = {
      picture: uniforms(1, 64, 0, 256).map(Math.floor),
      input_layer: uniforms(2, 12),
      'target:kind': [0, 1, 2, 1],
      'target:size': [0.1, 0.5, 0.3, 0.9],
    }
    const names = entries.evaluate.outputs.map(output => output.name)
    expect(names).toEqual(['loss', 'kind_loss', 'size_loss', 'kind_accuracy', 'predictions:kind', 'predictions:size'])
    const before = await step(program, 'evaluate', 4, data)
    const sum = before['kind_loss']![0]! + 0.5 * before['size_loss']![0]!
    expect(before['loss']![0]).toBeCloseTo(sum, 12)
    const losses = await train(program, optimizer, 4, data, 60)
    expect(losses.at(-1)!).toBeLessThan(0.7 * losses[0]!)
  })

  it('agrees with central differences in every weight', async () => {
    const net = twoInTwoOut()
    const optimizer = optimizerNamed('sgd')
    const loss = ['sparseCategoricalCrossentropy', 'meanSquaredError']
    const { program } = await compiled(net, { batch: 3, inputTypes: ['u8', 'f32'], loss, optimizer })
    const data = {
      picture: uniforms(4, 48, 0, 256).map(Math.floor),
      input_layer: uniforms(5, 9),
      'target:kind': [0, 1, 2],
      'target:size': [0.1, 0.5, 0.3],
    }
    const derivative = await step(program, 'gradients', 3, data)
    const states = await program.readStates()
    for (const weight of net.weights) {
      const values = Array.from(states[weight.name]!)
      const h = 1e-5
      const at = async (change: number) => {
        await program.writeStates({ [weight.name]: values.with(0, values[0]! + change) })
        return (await step(program, 'evaluate', 3, data))['loss']![0]!
      }
      const difference = ((await at(h)) - (await at(-h))) / (2 * h)
      await program.writeStates({ [weight.name]: values })
      expect(derivative[`gradient:${weight.name}`]![0], weight.name).toBeCloseTo(difference, 7)
    }
  })
})

describe('frozen layers', () => {
  const net = () =>
    sequential([
      dense({ units: 4, inputShape: [3], name: 'first', kernelRegularizer: 'l2' }),
      batchNormalization({ name: 'norm' }),
      dense({ units: 2, activation: 'softmax', name: 'last' }),
    ])

  it('have no gradient, no optimizer state and do not change; frozen batch norm keeps its statistics', async () => {
    const frozen = withTrainable(net(), layer => layer.name === 'last')
    const optimizer = optimizerNamed('adam')
    const { program, entries } = await compiled(frozen, { batch: 4, loss: 'categoricalCrossentropy', optimizer })
    const updated = entries.train.updates.map(update => update.state.attributes.name)
    expect(updated).toContain('last/kernel')
    expect(updated.every(name => name.startsWith('last/'))).toBe(true)
    expect(entries.gradients!.outputs.map(output => output.name)).toEqual([
      'loss',
      'gradient:last/kernel',
      'gradient:last/bias',
    ])
    const before = await program.readStates()
    await train(program, optimizer, 4, { input_layer: uniforms(1, 12), 'target:last': [1, 0, 0, 1, 1, 0, 0, 1] }, 3)
    const after = await program.readStates()
    expect(after['first/kernel']).toEqual(before['first/kernel'])
    expect(after['norm/movingMean']).toEqual(before['norm/movingMean'])
    expect(after['last/kernel']).not.toEqual(before['last/kernel'])
  })

  it('thawed batch norm moves its statistics towards the batch', async () => {
    const optimizer = optimizerNamed('adam')
    const { program } = await compiled(net(), { batch: 4, loss: 'categoricalCrossentropy', optimizer })
    const before = await program.readStates()
    await train(program, optimizer, 4, { input_layer: uniforms(1, 12), 'target:last': [1, 0, 0, 1, 1, 0, 0, 1] }, 1)
    expect((await program.readStates())['norm/movingMean']).not.toEqual(before['norm/movingMean'])
  })
})

describe('networks of the zoo', () => {
  it.each(['resnet20', 'cifar10-cnn-optimized'] as const)('%s learns a few tiny pictures', async name => {
    const net = zoo[name].build({ classes: 2, inputShape: [8, 8, 3] })
    const optimizer = adam({ learningRate: 0.003 })
    const options = { batch: 4, inputTypes: ['u8' as const], loss: 'categoricalCrossentropy', optimizer }
    const { program } = await compiled(net, options)
    const target = `target:${net.outputs[0]!.name}`
    const pixels = uniforms(9, 4 * 192, 0, 256).map(Math.floor)
    // One key for all steps: the same dropout and augmentation, so that losses can be compared.
    const data = { input_layer: pixels, [target]: [1, 0, 0, 1, 0, 1, 1, 0], randomKey: [1, 7] }
    const losses = await train(program, optimizer, 4, data, 3)
    expect(losses.every(Number.isFinite)).toBe(true)
    expect(losses.at(-1)!).toBeLessThan(losses[0]!)
  })
})

describe('the graphs', () => {
  it('list only inputs that are read', () => {
    const plain = buildEntries(small(), { batch: 2, loss: 'categoricalCrossentropy', optimizer: 'rmsprop' })
    const inputs = (graph: StepGraph) => graph.inputs.map(node => node.attributes.name).sort()
    expect(inputs(plain.train)).toEqual(['input_layer', 'scalar:learningRate', 'target:dense_1', 'weight:dense_1'])
    expect(inputs(plain.evaluate)).toEqual(['input_layer', 'target:dense_1', 'weight:dense_1'])
    expect(inputs(plain.predict)).toEqual(['input_layer'])
    const noisy = sequential([
      dropout({ rate: 0.5, inputShape: [4] }),
      dense({ units: 3, activation: 'softmax', name: 'dense_1' }),
    ])
    const random = buildEntries(noisy, { batch: 2, loss: 'categoricalCrossentropy', optimizer: 'adam' })
    expect(inputs(random.train)).toContain('randomKey')
    expect(inputs(random.evaluate)).not.toContain('randomKey')
  })

  it('take the loss of a softmax back to its logits: no logarithm of probabilities, one softmax', () => {
    const { train: graph } = buildEntries(small(), {
      batch: 2,
      loss: 'categoricalCrossentropy',
      metrics: ['accuracy'],
      optimizer: 'sgd',
    })
    const kinds = nodesOf(graph).map(node => (node.kind === 'unary' ? node.attributes.fn : node.kind))
    expect(kinds.filter(kind => kind === 'softmax')).toHaveLength(1)
    expect(kinds.filter(kind => kind === 'logSoftmax')).toHaveLength(1)
    expect(kinds).not.toContain('log')
  })
})

describe('what does not go together is said', () => {
  const build = (options: Partial<EntryOptions>) => () =>
    buildEntries(small(), { batch: 2, loss: 'mse', optimizer: 'sgd', ...options })

  it.each([
    [{ loss: 'categoricalCrosentropy' }, "Did you mean 'categoricalCrossentropy'?"],
    [{ optimizer: 'rmsprob' }, "Did you mean 'rmsprop'?"],
    [{ metrics: ['acuracy'] }, "Did you mean 'accuracy'?"],
    [{ loss: lossFromConfig('Huber', { reduction: null }) }, 'a loss that is reduced to one number'],
    [{ loss: { dense_2: 'mse' } }, "Did you mean 'dense_1'?"],
    [{ loss: ['mse', 'mse'] }, "The list for 'loss' does not fit"],
  ] as const)('%j', (options, message) => {
    expect(build(options as Partial<EntryOptions>)).toThrow(message)
  })

  it('a cross-entropy over one class', () => {
    const net = small(dense({ units: 1, activation: 'softmax' }))
    const entries = () => buildEntries(net, { batch: 2, loss: 'categoricalCrossentropy', optimizer: 'sgd' })
    expect(entries).toThrow('at least two outputs')
  })
})
