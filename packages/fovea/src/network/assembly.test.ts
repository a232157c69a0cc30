import { describe, expect, it } from 'vitest'
import { UserError } from '../base/errors.ts'
import { randomFlip } from '../layers/augmentation.ts'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import { add, concatenate } from '../layers/merging.ts'
import { batchNormalization } from '../layers/normalization.ts'
import { maxPooling2d } from '../layers/pooling.ts'
import { flatten } from '../layers/shaping.ts'
import { apply } from '../layers/tensor.ts'
import { modelFromConfig, modelToConfig } from './config.ts'
import { chain, input, model } from './functional.ts'
import { layerNamed, withTrainable } from './model.ts'
import { snakeCase } from './naming.ts'
import { sequential } from './sequential.ts'
import { summarize, summary } from './summary.ts'
import { initialWeights, parameterCounts } from './weights.ts'

const small = () =>
  sequential([
    conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 1] }),
    conv2d({ filters: 2, kernelSize: 3 }),
    flatten(),
    dense({ units: 3, name: 'out' }),
  ])

function problemsOf(action: () => unknown): string[] {
  try {
    action()
  } catch (error) {
    if (error instanceof UserError) return error.problems.map(problem => problem.what)
    throw error
  }
  return []
}

describe('names', () => {
  it('are Keras class names in snake case', () => {
    const names = ['Conv2D', 'MaxPooling2D', 'BatchNormalization', 'GlobalAveragePooling2D', 'LeakyReLU', 'Dense']
    expect(names.map(snakeCase)).toEqual([
      'conv2d',
      'max_pooling2d',
      'batch_normalization',
      'global_average_pooling2d',
      'leaky_re_lu',
      'dense',
    ])
  })

  it('are numbered from the second on and go around names that are taken', () => {
    const net = sequential([
      dense({ units: 1, inputShape: [2] }),
      dense({ units: 1, name: 'dense_1' }),
      dense({ units: 1 }),
    ])
    expect(net.layers.map(call => call.layer.name)).toEqual(['dense', 'dense_1', 'dense_2'])
  })

  it('must differ and hold no separator', () => {
    const build = () =>
      sequential([
        dense({ units: 1, name: 'a', inputShape: [2] }),
        dense({ units: 1, name: 'a' }),
        flatten({ name: 'b/c' }),
      ])
    expect(problemsOf(build)).toEqual(["Two layers of the model are called 'a'.", "A layer cannot be called 'b/c'."])
  })
})

describe('sequential', () => {
  it('works out shapes and weights in Keras order', () => {
    const net = small()
    expect(net.layers.map(call => call.outputShape)).toEqual([[4, 4, 4], [2, 2, 2], [8], [3]])
    expect(net.weights.map(weight => [weight.name, weight.shape])).toEqual([
      ['conv2d/kernel', [3, 3, 1, 4]],
      ['conv2d/bias', [4]],
      ['conv2d_1/kernel', [3, 3, 4, 2]],
      ['conv2d_1/bias', [2]],
      ['out/kernel', [8, 3]],
      ['out/bias', [3]],
    ])
    expect(net.outputs).toEqual([{ name: 'out', shape: [3], value: 4 }])
  })

  it('grows by add, also from input()', () => {
    const net = sequential().add(input({ shape: [4], name: 'x' }))
    expect(() => net.weights).toThrow('is not complete')
    net.add(dense({ units: 2 })).add(dense({ units: 3 }))
    expect(net.inputs).toEqual([{ name: 'x', shape: [4] }])
    expect(parameterCounts(net).total).toBe(4 * 2 + 2 + 2 * 3 + 3)
  })

  it('keeps what it was when a layer does not suit, and names that layer', () => {
    const net = sequential([dense({ units: 2, inputShape: [4] })])
    expect(problemsOf(() => net.add(conv2d({ filters: 1, kernelSize: 3 })))[0]).toMatch(/^Layer 'conv2d' \(Conv2D\):/)
    expect(net.layers).toHaveLength(1)
  })

  it('does not take one layer twice', () => {
    const layer = dense({ units: 2, inputShape: [2] })
    expect(() => sequential([layer, layer])).toThrow('stands twice')
  })
})

describe('functional', () => {
  const branched = () => {
    const x = input({ shape: [8, 8, 3] })
    const stem = chain(x, conv2d({ filters: 4, kernelSize: 3, padding: 'same' }), batchNormalization())
    const branch = apply(conv2d({ filters: 4, kernelSize: 1 }), stem)
    const joined = apply(add(), [stem, branch])
    const both = apply(concatenate(), [apply(maxPooling2d(), joined), apply(maxPooling2d(), stem)])
    return model({ inputs: x, outputs: apply(dense({ units: 2 }), apply(flatten(), both)) })
  }

  it('calls layers as functions, as Keras does', () => {
    const [x, layer] = [input({ shape: [4] }), dense({ units: 3, name: 'first' })]
    expect(layer(x)).toEqual(apply(layer, x))
    const called = model({ inputs: x, outputs: add()([layer(x), dense({ units: 3 })(x)]) })
    const applied = model({ inputs: x, outputs: apply(add(), [apply(layer, x), apply(dense({ units: 3 }), x)]) })
    expect(modelToConfig(called)).toEqual(modelToConfig(applied))
    expect(layer.name).toBe('first')
    expect(() => flatten()(undefined as never)).toThrow(/Flatten is applied to something that is not a tensor/)
    expect(() => conv2d({ filters: 1, kernelSize: 3 })(x)).toThrow(/Layer Conv2D: cannot take inputs/)
    expect(randomFlip()(input({ shape: [4, 4, 1] })).shape).toEqual([4, 4, 1])
  })

  it('orders calls so that inputs come first', () => {
    const net = branched()
    const place = net.inputs.length
    net.layers.forEach((call, index) => {
      for (const value of call.inputs) expect(value).toBeLessThan(place + index)
    })
    expect(net.layers.map(call => call.layer.name)).toEqual([
      'conv2d',
      'batch_normalization',
      'conv2d_1',
      'add',
      'max_pooling2d',
      'max_pooling2d_1',
      'concatenate',
      'flatten',
      'dense',
    ])
    expect(net.outputs[0]).toMatchObject({ name: 'dense', shape: [2] })
  })

  it('shares the weights of a layer that is called twice', () => {
    const [a, b] = [input({ shape: [3] }), input({ shape: [3] })]
    const shared = dense({ units: 2 })
    const net = model({ inputs: [a, b], outputs: apply(add(), [apply(shared, a), apply(shared, b)]) })
    expect(net.weights.map(weight => weight.name)).toEqual(['dense/kernel', 'dense/bias'])
    expect(net.inputs.map(each => each.name)).toEqual(['input_layer', 'input_layer_1'])
    expect(net.layers).toHaveLength(3)
  })

  it('says when calls of a shared layer need different weights', () => {
    const [a, b] = [input({ shape: [3] }), input({ shape: [4] })]
    const shared = dense({ units: 2, name: 'shared' })
    const build = () => model({ inputs: [a, b], outputs: apply(add(), [apply(shared, a), apply(shared, b)]) })
    expect(problemsOf(build)).toEqual([
      "Layer 'shared' (Dense) is shared, but its calls need weights of different shapes.",
    ])
  })

  it('collects what is wrong with inputs', () => {
    const [a, b, unused] = [input({ shape: [3] }), input({ shape: [3] }), input({ shape: [5] })]
    const out = apply(add(), [a, b])
    expect(problemsOf(() => model({ inputs: [a, unused], outputs: out }))).toEqual([
      "An output depends on an input (None, 3) that is not among the model's inputs.",
      'Input 1 (None, 5) does not lead to any output.',
    ])
  })

  it('names the layer that a value does not suit', () => {
    const [a, b] = [input({ shape: [3, 4] }), input({ shape: [5, 6] })]
    expect(problemsOf(() => apply(add({ name: 'sum' }), [a, b]))[0]).toMatch(/^Layer 'sum' \(Add\):/)
  })

  it('comes back from JSON with the same calls, and a sequential one without any', () => {
    for (const net of [branched(), small()]) {
      const config = modelToConfig(net)
      const again = modelFromConfig(JSON.parse(JSON.stringify(config)))
      expect(modelToConfig(again)).toEqual(config)
      expect(again.weights).toEqual(net.weights)
      expect(summary(again)).toBe(summary(net))
    }
    expect(modelToConfig(small()).calls).toBeUndefined()
  })

  it('does not take a broken configuration', () => {
    expect(() => modelFromConfig({ format: 'other' })).toThrow('not the configuration of a Fovea model')
    const config = modelToConfig(branched())
    const calls = config.calls!.with(0, { layer: 0, inputs: [5] })
    expect(() => modelFromConfig({ ...config, calls })).toThrow('does not hold together')
    const layers = config.layers.map(layer => ({ ...layer, type: layer.type === 'Conv2D' ? 'Conv9D' : layer.type }))
    expect(problemsOf(() => modelFromConfig({ ...config, layers }))).toHaveLength(2)
  })
})

describe('weights', () => {
  it('begin with values that depend on seed and weight only', () => {
    const first = initialWeights(small(), 3)
    expect(initialWeights(small(), 3)).toEqual(first)
    expect(initialWeights(small(), 4)['out/kernel']).not.toEqual(first['out/kernel'])
    expect(first['conv2d/bias']).toEqual(new Float32Array(4))
    const limit = Math.sqrt(6 / (8 + 3))
    expect(first['out/kernel']!.every(value => Math.abs(value) <= limit)).toBe(true)
    expect(new Set(first['out/kernel']).size).toBe(24)
  })

  it('of frozen layers are not trainable', () => {
    const net = sequential([dense({ units: 2, inputShape: [2] }), batchNormalization()])
    expect(parameterCounts(net)).toEqual({ total: 14, trainable: 10, nonTrainable: 4 })
    expect(parameterCounts(withTrainable(net, layer => layer.type === 'Dense'))).toMatchObject({ trainable: 6 })
    expect(layerNamed(net, 'dense').trainable).toBe(true)
    expect(() => layerNamed(net, 'dens')).toThrow("Did you mean 'dense'?")
  })
})

describe('summary', () => {
  it('looks like that of Keras', () => {
    expect(summary(small())).toBe(
      [
        'Model: "sequential"',
        '┏━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┳━━━━━━━━━┓',
        '┃ Layer (type)      ┃ Output Shape    ┃ Param # ┃',
        '┡━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━╇━━━━━━━━━┩',
        '│ conv2d (Conv2D)   │ (None, 4, 4, 4) │      40 │',
        '├───────────────────┼─────────────────┼─────────┤',
        '│ conv2d_1 (Conv2D) │ (None, 2, 2, 2) │      74 │',
        '├───────────────────┼─────────────────┼─────────┤',
        '│ flatten (Flatten) │ (None, 8)       │       0 │',
        '├───────────────────┼─────────────────┼─────────┤',
        '│ out (Dense)       │ (None, 3)       │      27 │',
        '└───────────────────┴─────────────────┴─────────┘',
        ' Total params: 141 (564.00 B)',
        ' Trainable params: 141 (564.00 B)',
        ' Non-trainable params: 0 (0.00 B)',
      ].join('\n'),
    )
  })

  it('shows connections of functional models, one a line, and formulas on demand', () => {
    const x = input({ shape: [4] })
    const shared = dense({ units: 4 })
    const net = model({ inputs: x, outputs: apply(add(), [apply(shared, apply(shared, x)), x]) })
    const lines = summary(net, { formulas: true }).split('\n')
    expect(lines[2]).toMatch(/Formula .* Connected to/)
    const text = lines.join('\n')
    expect(text).toContain('│ input_layer (InputLayer) │ (None, 4)    │       0 │           │ -')
    expect(text).toContain('dense[0][0]')
    expect(text).toContain('dense[1][0], ')
    expect(summarize(net).layers.at(-1)!.connectedTo).toEqual(['dense[1][0]', 'input_layer[0][0]'])
    expect(summarize(net).layers[1]!.formula).toBe('4 × 4 + 4')
  })
})
