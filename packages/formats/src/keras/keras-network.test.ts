/** Networks in Keras's words become networks of Fovea's, whatever dialect they are in; what Fovea does not have is named. */
import { UserError } from 'fovea/internal/base/errors'
import type { Json, JsonRecord } from 'fovea/internal/base/json'
import { modelFromConfig } from 'fovea/internal/network/config'
import { describe, expect, it } from 'vitest'
import { jsonRecordIn } from '../containers/json-text.ts'
import type { KerasEra } from './keras-layers.ts'
import { type LaidOutNetwork, laidOut } from './keras-network.ts'
import { kerasTree } from './keras-tree.ts'

const read = (json: Json, era: KerasEra = 'keras3'): LaidOutNetwork =>
  laidOut(kerasTree(json, 'a.keras'), 'a.keras', era)
/** The problems of a network that is refused. */
function refused(json: Json): string {
  try {
    read(json)
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return (error as UserError).message
  }
  throw new Error('it was read')
}

type Layer = readonly [className: string, config: JsonRecord]
const input: Layer = ['InputLayer', { name: 'in', batch_shape: [null, 8, 8, 3] }]
const layer = ([className, config]: Layer, more: JsonRecord = {}): JsonRecord => ({
  class_name: className,
  config,
  ...more,
})
const sequential = (...layers: readonly Layer[]): JsonRecord => ({
  class_name: 'Sequential',
  config: { name: 'row', layers: layers.map(each => layer(each)) },
})
/** Each layer with what it is called on: names, or `[name, node, output]`. */
function functional(
  layers: readonly (readonly [...Layer, ...(string | readonly [string, number, number])[]])[],
  ends: JsonRecord = {},
): JsonRecord {
  const at = (value: string | readonly [string, number, number]): Json =>
    typeof value === 'string' ? [value, 0, 0, {}] : [...value, {}]
  return {
    class_name: 'Functional',
    config: {
      name: 'graph',
      layers: layers.map(([className, config, ...inputs]) =>
        layer([className, config], {
          name: config['name']!,
          inbound_nodes: inputs.length === 0 ? [] : [inputs.map(at)],
        }),
      ),
      input_layers: [['in', 0, 0]],
      output_layers: [[layers.at(-1)![1]['name']!, 0, 0]],
      ...ends,
    },
  }
}

const conv: Layer = [
  'Conv2D',
  {
    name: 'conv',
    trainable: false,
    filters: 4,
    kernel_size: [3, 3],
    kernel_initializer: {
      class_name: 'VarianceScaling',
      config: { scale: 1, mode: 'fan_avg', distribution: 'normal', seed: null },
    },
    kernel_regularizer: { class_name: 'L2', config: { l2: 0.001 } },
    kernel_constraint: null,
  },
]

describe('dialects', () => {
  it('a bare list of layers, whose first says the shape, is a row as any other', () => {
    const first: Layer = ['Conv2D', { ...conv[1], batch_input_shape: [null, 8, 8, 3] }]
    const old = read(
      { class_name: 'Sequential', config: [layer(first), layer(['Flatten', { name: 'flat' }])] },
      'keras2',
    )
    const now = read(sequential(input, conv, ['Flatten', { name: 'flat' }]))
    expect(old.config.layers).toEqual(now.config.layers)
    expect([old.config.kind, old.config.inputs]).toEqual(['sequential', [{ name: 'conv_input', shape: [8, 8, 3] }]])
    expect(now.config.layers[0]).toMatchObject({
      trainable: false,
      config: {
        kernelInitializer: { type: 'VarianceScaling', mode: 'fanAvg', distribution: 'truncatedNormal' },
        kernelRegularizer: { type: 'L2', l2: 0.001 },
      },
    })
  })

  it('calls of Keras 3 are tensors, those of Keras 2 lists', () => {
    const branches: Parameters<typeof functional>[0] = [
      [...input],
      ['ReLU', { name: 'a', max_value: 6 }, 'in'],
      ['Activation', { name: 'b', activation: 'tanh' }, 'in'],
      ['Add', { name: 'sum' }, 'a', 'b'],
    ]
    const two = functional(branches)
    const tensor = (name: string): Json => ({
      class_name: '__keras_tensor__',
      config: { shape: [null, 8, 8, 3], dtype: 'float32', keras_history: [name, 0, 0] },
    })
    const three = structuredClone(two) as { config: { layers: { inbound_nodes: Json }[]; input_layers: Json } }
    for (const [at, args] of [
      [1, [tensor('in')]],
      [2, [tensor('in')]],
      [3, [[tensor('a'), tensor('b')]]],
    ] as const)
      three.config.layers[at]!.inbound_nodes = [{ args, kwargs: { mask: null } }]
    three.config.input_layers = ['in', 0, 0]
    expect(read(three as unknown as Json).config).toEqual(read(two, 'keras2').config)
    expect(read(two).config.calls).toEqual([
      { layer: 0, inputs: [0] },
      { layer: 1, inputs: [0] },
      { layer: 2, inputs: [1, 2] },
    ])
  })

  it('options of older versions mean what they meant', () => {
    const { config } = read(
      sequential(
        input,
        ['LeakyReLU', { name: 'leaky', alpha: { type: 'ndarray', value: 0.25 } }],
        ['BatchNormalization', { name: 'bn', axis: [3] }],
        ['Activation', { name: 'hard', activation: 'hard_sigmoid' }],
        [
          'Dense',
          {
            name: 'head',
            units: 2,
            activation: { class_name: 'function', config: 'softmax', registered_name: 'function' },
          },
        ],
      ),
      'keras2',
    )
    expect(config.layers.map(each => each.config)).toMatchObject([
      { negativeSlope: 0.25 },
      { axis: 3 },
      { activation: { type: 'hardSigmoid', alpha: 0.2, beta: 0.5 } },
      { units: 2, activation: 'softmax' },
    ])
  })

  it('arithmetic in Python is rescaling', () => {
    const op = (name: string, of: string, from: string): Parameters<typeof functional>[0][number] =>
      ['TFOpLambda', { name, function: of }, [from, 0, 0]] as never
    const json = functional([
      [...input],
      op('tf.math.truediv', 'math.truediv', 'in'),
      op('tf.math.subtract', 'math.subtract', 'tf.math.truediv'),
    ]) as { config: { layers: { inbound_nodes: Json[][][] }[] } }
    json.config.layers[1]!.inbound_nodes[0]![0]![3] = { y: 127.5, name: null }
    json.config.layers[2]!.inbound_nodes[0]![0]![3] = { y: 1, name: null }
    expect(read(json as unknown as Json, 'keras2').config.layers.map(each => [each.type, each.config])).toEqual([
      ['Rescaling', { scale: 1 / 127.5, offset: 0 }],
      ['Rescaling', { scale: 1, offset: -1 }],
    ])
  })
})

describe('networks in networks', () => {
  it('are laid out; a call of theirs may be counted from 1; names are told apart where they must be', () => {
    const tower = (name: string): Layer => [
      'Sequential',
      {
        name,
        layers: [
          layer(input),
          layer(['Conv2D', { name: 'conv', filters: 2, kernel_size: 3 }]),
          layer(['Flatten', { name: `${name}_flat` }]),
        ],
      },
    ]
    const { config, leaves } = read(
      functional([
        [...input],
        [...tower('left'), 'in'],
        [...tower('right'), ['in', 0, 0]],
        ['Add', { name: 'sum' }, ['left', 1, 0], ['right', 1, 0]],
      ] as never),
    )
    expect(config.layers.map(({ name }) => name)).toEqual(['left_conv', 'left_flat', 'right_conv', 'right_flat', 'sum'])
    expect(leaves.map(({ path, place }) => [path.join('/'), place])).toEqual([
      ['left/conv', 'layers/sequential/layers/conv2d'],
      ['left/left_flat', 'layers/sequential/layers/flatten'],
      ['right/conv', 'layers/sequential_1/layers/conv2d'],
      ['right/right_flat', 'layers/sequential_1/layers/flatten'],
      ['sum', 'layers/add'],
    ])
    expect(modelFromConfig(config).outputs[0]!.shape).toEqual([72])
  })

  it('a layer that is called twice has one set of weights', () => {
    const dense: Layer = ['Dense', { name: 'twice', units: 3 }]
    const json = functional([
      [...input],
      [...dense, 'in'],
      ['Concatenate', { name: 'both' }, ['twice', 0, 0], ['twice', 1, 0]],
    ]) as { config: { layers: { inbound_nodes: Json[] }[] } }
    json.config.layers[1]!.inbound_nodes.push([['twice', 0, 0, {}]])
    const { config } = read(json as unknown as Json)
    expect(config.calls).toEqual([
      { layer: 0, inputs: [0] },
      { layer: 0, inputs: [1] },
      { layer: 1, inputs: [1, 2] },
    ])
    expect(modelFromConfig(config).weights).toHaveLength(2)
  })

  it('a frozen network freezes what is in it', () => {
    const { config } = read(
      sequential(input, [
        'Sequential',
        { name: 'base', trainable: false, layers: [layer(['Dense', { name: 'd', units: 1 }])] },
      ]),
    )
    expect(config.layers[0]!.trainable).toBe(false)
  })
})

describe('what is left out', () => {
  it('is told in notes, one for all layers of which it is true', () => {
    const { config, notes } = read(
      sequential(
        input,
        ['RandomHue', { name: 'hue', factor: 0.1 }],
        ['RandomShear', { name: 'shear' }],
        ['Identity', { name: 'same' }],
        [
          'Dense',
          {
            name: 'd',
            units: 1,
            kernel_constraint: { class_name: 'MaxNorm', config: { max_value: 2 } },
            dtype: { class_name: 'DTypePolicy', config: { name: 'mixed_float16' } },
          },
        ],
        [
          'Dense',
          { name: 'e', units: 1, dtype: 'mixed_float16', kernel_initializer: { class_name: 'Mine', config: {} } },
        ],
      ),
    )
    expect(config.layers.map(({ name }) => name)).toEqual(['d', 'e'])
    expect(notes).toHaveLength(4)
    expect(notes[0]).toMatch(/^2 layers, one of them RandomHue "hue": is left out/)
    expect(notes.join('\n')).toMatch(
      /Dense "d" was trained with kernel_constraint = [\s\S]*float32[\s\S]*kernel_initializer = "?Mine|Mine/,
    )
  })
})

describe('what Fovea does not have', () => {
  it('is listed at once, by class and name', () => {
    const message = refused(
      sequential(
        input,
        ['Lambda', { name: 'code', function: ['4wEAAA==', null, null] }],
        ['LSTM', { name: 'memory', units: 3 }],
        ['Conv2D', { name: 'conv', filters: 4, kernel_size: 3, padding: 'causal' }],
        ['Resizing', { name: 'size', height: 4, width: 4, antialias: true }],
        [
          'Dense',
          {
            name: 'head',
            units: 2,
            activation: { module: 'mine', class_name: 'function', config: 'twice', registered_name: 'my>twice' },
          },
        ],
      ),
    )
    expect(message).toMatch(/layers that Fovea does not have: Lambda "code", LSTM "memory"\./)
    expect(message).toMatch(/Conv2D "conv": .*padding.*causal/i)
    expect(message).toMatch(/Resizing "size" has antialias = true/)
    expect(message).toMatch(/Dense "head": .*my>twice/)
  })

  it('own classes are refused by the name they were registered under', () => {
    expect(refused({ class_name: 'Mine', config: { name: 'm' }, registered_name: 'pack>Mine' })).toMatch(
      /class of its own, pack>Mine/,
    )
    const json = sequential(input) as { config: { layers: JsonRecord[] } }
    json.config.layers.push({ class_name: 'Dense', config: { name: 'd', units: 1 }, registered_name: 'pack>Dense' })
    expect(refused(json as unknown as Json)).toMatch(/Dense "d" \(pack>Dense\)/)
  })

  it('names of a prototype are no layers and no options', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(refused(sequential(input, [name, { name: 'x' }]))).toMatch(/does not have/)
      const odd = JSON.parse(`{"name": "d", "units": 1, ${JSON.stringify(name)}: {"a": 1}}`) as JsonRecord
      expect(refused(sequential(input, ['Dense', odd]))).toMatch(/Dense "d" has/)
    }
  })

  it('an input without a size is told', () => {
    expect(refused(sequential(['InputLayer', { name: 'in', batch_shape: [null, null, null, 3] }], conv))).toMatch(
      /does not say how large the input in is[\s\S]*keras\.Input/,
    )
  })
})

describe('damaged networks', () => {
  it.each<[string, Json]>([
    ['no record', []],
    ['no class', { config: {} }],
    ['a layer that is text', { class_name: 'Sequential', config: { layers: ['Dense'] } }],
    ['a call on nothing', functional([[...input], ['ReLU', { name: 'a' }, 'nowhere']])],
    ['a circle', functional([[...input], ['ReLU', { name: 'a' }, 'b'], ['ReLU', { name: 'b' }, 'a']])],
    [
      'an output that is nowhere',
      functional([[...input], ['ReLU', { name: 'a' }, 'in']], { output_layers: [['b', 0, 0]] }),
    ],
    ['ends that are none', functional([[...input], ['ReLU', { name: 'a' }, 'in']], { input_layers: 7 })],
    [
      'calls that are none',
      {
        ...functional([[...input]]),
        config: {
          name: 'x',
          layers: [layer(input, { name: 'in', inbound_nodes: [7] })],
          input_layers: [['in', 0, 0]],
          output_layers: [['in', 0, 0]],
        },
      },
    ],
  ])('%s', (_, json) => {
    expect(refused(json)).toMatch(/damaged/)
  })

  it('networks of far too many layers, in whatever order, are refused in time', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at): Layer => ['Identity', { name: `i${at}` }])
    expect(refused(sequential(input, ...many(10_000)))).toMatch(/10001 layers/)
    const chain = Array.from({ length: 4000 }, (_, at): [...Layer, string] => [
      'ReLU',
      { name: `r${at}` },
      at === 0 ? 'in' : `r${at - 1}`,
    ])
    const backwards = [...chain.toReversed(), [...input] as [...Layer]]
    expect(refused(functional(backwards as never, { output_layers: [['r3999', 0, 0]] }))).toMatch(/in no order/)
  })

  it('lists in lists without end are refused before anything reads them', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"class_name": "A", "config": {"a": ', '}}'],
    ] as const) {
      const deep = `{"class_name": "Dense", "config": {"kernel_initializer": ${open.repeat(50_000)}1${close.repeat(50_000)}}}`
      expect(() => jsonRecordIn(deep, 'a.keras')).toThrow(/more than 500 levels/)
    }
  })

  it('networks that multiply, or lie in each other without end, are refused in time', () => {
    let json: JsonRecord = layer(['Dense', { name: 'd', units: 1 }])
    for (let depth = 0; depth < 40; depth++)
      json = { class_name: 'Sequential', config: { name: `s${depth}`, layers: [json] } }
    expect(refused(json)).toMatch(/deep/)
    // Each calls the one below twice: 2²⁰ calls, of a layer that computes something or of none that does.
    for (const [bottom, message] of [
      ['ReLU', /more than 4096 calls/],
      ['Identity', /without end/],
    ] as const) {
      let inner = functional([[...input], [bottom, { name: 'r' }, 'in']])
      for (let depth = 0; depth < 20; depth++) {
        const called = { ...inner, config: { ...(inner['config'] as JsonRecord), name: `n${depth}` } }
        inner = functional([[...input], ['Functional', { ...(called.config as JsonRecord) }, 'in']], {
          output_layers: [[`n${depth}`, 1, 0]],
        })
        const layers = (inner as { config: { layers: { inbound_nodes: Json[] }[] } }).config.layers
        layers[1]!.inbound_nodes.push([[`n${depth}`, 0, 0, {}]])
      }
      expect(refused(inner)).toMatch(message)
    }
  })
})
