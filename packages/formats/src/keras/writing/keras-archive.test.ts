/** What lies in the files that are written for Keras: members, configuration, paths, shapes and bits, the optimizer's variables, notes. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  adam,
  batchNormalization,
  type Classifier,
  conv2d,
  cosineDecay,
  customLayer,
  dense,
  flatten,
  loadModel,
  localResponseNormalization,
  modelCheckpoint,
  nadam,
  type Optimizer,
  oneCycle,
  randomAffine,
  randomCrop,
  randomFlip,
  rmsprop,
  sequential,
  sgd,
} from 'fovea'
import { isJsonRecord, type Json } from 'fovea/internal/base/json'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Hdf5Group, withHdf5 } from '../../containers/hdf5-file.ts'
import { jsonRecordOf } from '../../containers/json-text.ts'
import { openZip } from '../../containers/zip-archive.ts'
import { branches } from '../../written-models.testing.ts'

let folder = ''
const said: string[] = []
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-keras-'))
  vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    said.push(String(text))
    return true
  })
})
afterAll(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

async function saved(made: Classifier, name = 'model.keras') {
  said.length = 0
  const path = join(folder, name)
  await made.save(path)
  const bytes = readFileSync(path)
  if (!name.endsWith('.keras')) return { bytes, config: {}, metadata: {}, weights: bytes as Uint8Array }
  const archive = await openZip({ bytes, source: name })
  expect(archive.names).toEqual(['metadata.json', 'config.json', 'model.weights.h5'])
  const json = async (member: string) => jsonRecordOf((await archive.read(member))!, member)
  return {
    bytes,
    config: await json('config.json'),
    metadata: await json('metadata.json'),
    weights: (await archive.read('model.weights.h5'))!,
  }
}

/** Every data set by its path, with its shape. */
const pathsOf = (weights: Uint8Array): Promise<Record<string, string>> =>
  withHdf5({ bytes: weights, source: 'weights' }, root => {
    const found: Record<string, string> = {}
    const walk = (group: Hdf5Group): void => {
      for (const name of group.names()) {
        const inner = group.group(name)
        if (inner) walk(inner)
        else found[`${group.path}/${name}`.replaceAll('//', '/')] = group.numbers(name)!.shape.join(' × ')
      }
    }
    walk(root)
    return found
  })

const numbersAt = (weights: Uint8Array, path: string): Promise<number[]> =>
  withHdf5({ bytes: weights, source: 'weights' }, root => [...root.numbers(path.slice(1))!.data])

const at = (json: Json | undefined, ...path: (string | number)[]): Json | undefined =>
  path.reduce<Json | undefined>((value, key) => {
    if (Array.isArray(value)) return value[key as number]
    return isJsonRecord(value) ? value[key] : undefined
  }, json)

const small = () =>
  sequential(
    [
      conv2d({ filters: 3, kernelSize: 3, activation: 'relu', kernelRegularizer: 'l2', inputShape: [5, 5, 2] }),
      batchNormalization({ trainable: false }),
      conv2d({ filters: 2, kernelSize: 1 }),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
    { seed: 1 },
  )

/** After two steps. */
async function trained(optimizer: Optimizer, metrics: readonly string[] = ['accuracy']): Promise<Classifier> {
  const made = small()
  made.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: [...metrics], threads: 1 })
  const x = { shape: [4, 5, 5, 2], data: Float32Array.from({ length: 200 }, (_, index) => ((index * 37) % 23) / 23) }
  for (let step = 0; step < 2; step++)
    await made.trainOnBatch(x, [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [1, 0, 0],
    ])
  return made
}

const smallPaths = {
  '/layers/conv2d/vars/0': '3 × 3 × 2 × 3',
  '/layers/conv2d/vars/1': '3',
  '/layers/batch_normalization/vars/0': '3',
  '/layers/batch_normalization/vars/1': '3',
  '/layers/batch_normalization/vars/2': '3',
  '/layers/batch_normalization/vars/3': '3',
  '/layers/conv2d_1/vars/0': '1 × 1 × 3 × 2',
  '/layers/conv2d_1/vars/1': '2',
  '/layers/dense/vars/0': '18 × 3',
  '/layers/dense/vars/1': '3',
}
/** Without the frozen batch normalization, which Keras's optimizer has no variables for. */
const trainedShapes = ['3 × 3 × 2 × 3', '3', '1 × 1 × 3 × 2', '2', '18 × 3', '3']

/** Of the optimizer's variables, in order. */
const variablesOf = async (weights: Uint8Array): Promise<string[]> => {
  const paths = await pathsOf(weights)
  const count = Object.keys(paths).filter(path => path.startsWith('/optimizer/vars/')).length
  return Array.from({ length: count }, (_, index) => paths[`/optimizer/vars/${index}`]!)
}

describe('a model that was not trained', () => {
  test('weights lie under the classes of their layers, counted, with their bits', async () => {
    const made = small()
    const own = await made.getWeights()
    for (const name of ['model.keras', 'model.weights.h5']) {
      const { weights } = await saved(made, name)
      expect(await pathsOf(weights)).toEqual(smallPaths)
      for (const [index, path] of Object.keys(smallPaths).entries())
        expect(await numbersAt(weights, path)).toEqual([...own[index]!.data])
    }
  })

  test('the same model gives the same bytes', async () => {
    const [first, second] = [await saved(small()), await saved(small())]
    expect(Buffer.compare(first.bytes, second.bytes)).toBe(0)
  })

  test('the configuration says layers in Keras words, and no compilation', async () => {
    const { config } = await saved(small())
    expect(Object.keys(config)).toEqual(['module', 'class_name', 'config', 'registered_name', 'build_config'])
    expect(at(config, 'config', 'layers', 0)).toEqual({
      module: 'keras.layers',
      class_name: 'InputLayer',
      config: { batch_shape: [null, 5, 5, 2], dtype: 'float32', sparse: false, name: 'input_layer' },
      registered_name: null,
    })
    expect(at(config, 'config', 'layers', 1)).toMatchObject({
      module: 'keras.layers',
      class_name: 'Conv2D',
      registered_name: null,
      build_config: { input_shape: [null, 5, 5, 2] },
      config: {
        name: 'conv2d',
        trainable: true,
        dtype: 'float32',
        kernel_size: [3, 3],
        data_format: 'channels_last',
        activation: 'relu',
        use_bias: true,
        kernel_initializer: { module: 'keras.initializers', class_name: 'GlorotUniform', config: {} },
        kernel_regularizer: { module: 'keras.regularizers', class_name: 'L2', config: { l2: 0.01 } },
        kernel_constraint: null,
      },
    })
    expect(at(config, 'config', 'layers', 2, 'config', 'trainable')).toBe(false)
  })

  test('calls of a functional model name the layer, its call and its output', async () => {
    const { config, weights } = await saved(branches().made)
    expect(config['class_name']).toBe('Functional')
    const layers = at(config, 'config', 'layers') as readonly Json[]
    const shared = layers.find(layer => at(layer, 'name') === 'shared')
    const history = ['config', 'keras_history']
    expect(at(shared, 'inbound_nodes', 0, 'args', 0, ...history)).toEqual(['a', 0, 0])
    expect(at(shared, 'inbound_nodes', 1, 'args', 0, ...history)).toEqual(['b', 0, 0])
    const activation = layers.find(layer => at(layer, 'class_name') === 'LeakyReLU')
    expect(at(activation, 'config', 'negative_slope')).toBe(0.3)
    const sum = layers.find(layer => at(layer, 'class_name') === 'Add')
    expect(at(sum, 'inbound_nodes', 0, 'args', 0, 1, ...history)).toEqual([at(activation, 'name'), 1, 0])
    expect(at(config, 'config', 'output_layers')).toEqual([
      ['p', 0, 0],
      ['p_re_lu', 0, 0],
    ])
    // Keras's order: the deepest layers first.
    expect(Object.keys(await pathsOf(weights)).filter(path => path.endsWith('/0'))).toEqual(
      ['conv2d', 'conv2d_1', 'conv2d_2', 'conv2d_3', 'dense', 'p_re_lu'].map(name => `/layers/${name}/vars/0`),
    )
  })

  test('what can be left out is a note, what cannot an error that names it', async () => {
    const augmented = sequential([
      randomAffine({ rotation: 10, inputShape: [5, 5, 2] }),
      flatten(),
      dense({ units: 2 }),
    ])
    await saved(augmented)
    expect(said.join('')).toContain("Keras has no RandomAffine, so 'random_affine' is left out")
    const formula = customLayer('Twice', (graph, x) => graph.mul(x, 2))
    const own = sequential([dense({ units: 2, inputShape: [3] }), formula])
    await expect(saved(own)).rejects.toThrow(/cannot hold the layer 'twice' \(Twice\): Keras does not know its formula/)
    const both = sequential([
      localResponseNormalization({ inputShape: [5, 5, 2] }),
      conv2d({ filters: 2, kernelSize: 1, activation: { type: 'gelu', approximate: true } }),
    ])
    await expect(saved(both)).rejects.toThrow(
      /LocalResponseNormalization\)\. Keras has no such layer[\s\S]*conv2d[\s\S]*gelu/,
    )
  })
})

test('initializers and options that Keras does not have are written otherwise, with a note, and read back as they were', async () => {
  const made = sequential([
    conv2d({
      filters: 4,
      kernelSize: 2,
      kernelInitializer: 'patchWhitening',
      inputShape: [5, 5, 2],
      name: 'whitening',
    }),
    conv2d({ filters: 4, kernelSize: 3, kernelInitializer: 'dirac', name: 'dirac' }),
  ])
  await made.adapt(Float32Array.from({ length: 100 }, (_, at) => ((at * 37) % 23) / 23))
  const { config } = await saved(made)
  for (const layer of [1, 2]) {
    const initializer = at(config, 'config', 'layers', layer, 'config', 'kernel_initializer')
    expect(initializer).toMatchObject({ class_name: 'GlorotUniform', config: {} })
  }
  expect(said.join('')).toContain(
    "'whitening' (Conv2D) is written with GlorotUniform for PatchWhitening, which Keras does not have",
  )
  expect(said.join('')).toContain("'dirac' (Conv2D) is written with GlorotUniform for Dirac")
  const read = await loadModel(join(folder, 'model.keras'))
  expect(await read.getWeights()).toEqual(await made.getWeights())
  expect(read.model.weights.map(({ initializer }) => initializer.type)).toEqual([
    'PatchWhitening',
    'Zeros',
    'Dirac',
    'Zeros',
  ])
  const crop = randomCrop({ height: 5, width: 5, padding: 1 })
  await saved(
    sequential([randomFlip({ alternating: true, inputShape: [5, 5, 2] }), crop, flatten(), dense({ units: 2 })]),
  )
  expect(said.join('')).toContain("'random_flip' (RandomFlip) is written without alternating")
  expect(said.join('')).toContain("'random_crop' (RandomCrop) is written without padding")
  expect((await loadModel(join(folder, 'model.keras'))).model.layers[0]!.layer.config).toMatchObject({
    alternating: true,
  })
  await saved(
    sequential([randomCrop({ height: 5, width: 5, padding: 1, inputShape: [5, 5, 2] }), flatten()]),
    'model.json',
  )
  expect(said.join('')).toContain("TensorFlow.js has no RandomCrop, so 'random_crop' is left out")
  await saved(made, 'model.json')
  expect(await (await loadModel(join(folder, 'model.json'))).getWeights()).toEqual(await made.getWeights())
})

describe('a model that was trained', () => {
  test('Adam: steps, learning rate, then both moments of each trained weight', async () => {
    const made = await trained(adam({ learningRate: 0.25 }))
    const { config, weights } = await saved(made)
    expect(await variablesOf(weights)).toEqual(['', '', ...trainedShapes.flatMap(shape => [shape, shape])])
    expect(await numbersAt(weights, '/optimizer/vars/0')).toEqual([2])
    expect(await numbersAt(weights, '/optimizer/vars/1')).toEqual([0.25])
    expect(at(config, 'compile_config')).toMatchObject({
      optimizer: {
        module: 'keras.optimizers',
        class_name: 'Adam',
        config: { name: 'adam', learning_rate: 0.25, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, amsgrad: false },
      },
      loss: {
        module: 'keras.losses',
        class_name: 'CategoricalCrossentropy',
        config: { reduction: 'sum_over_batch_size', from_logits: false, label_smoothing: 0 },
      },
      loss_weights: null,
      metrics: ['accuracy'],
      weighted_metrics: [],
    })
  })

  test('slots of one kind follow those of another where Keras has them so', async () => {
    const { weights } = await saved(await trained(rmsprop({ momentum: 0.5, centered: true })))
    expect(await variablesOf(weights)).toEqual(['', '', ...trainedShapes, ...trainedShapes, ...trainedShapes])
  })

  test('a schedule takes the place of the rate, and Nadam has one number more', async () => {
    const learningRate = cosineDecay({ initialLearningRate: 1, decaySteps: 8 })
    const scheduled = await saved(await trained(sgd({ learningRate, momentum: 0.5 })))
    expect(await variablesOf(scheduled.weights)).toEqual(['', ...trainedShapes])
    expect(at(scheduled.config, 'compile_config', 'optimizer', 'config', 'learning_rate', 'class_name')).toBe(
      'CosineDecay',
    )
    const { weights } = await saved(await trained(nadam()))
    const variables = await variablesOf(weights)
    expect(variables.at(-1)).toBe('')
    const [product] = await numbersAt(weights, `/optimizer/vars/${variables.length - 1}`)
    // 0.9 · (1 − 0.5 · 0.96) · 0.9 · (1 − 0.5 · 0.96²)
    expect(product).toBeCloseTo(0.468 * 0.48528, 6)
  })

  test('numbers that Keras wants with a point have one', async () => {
    const { bytes } = await saved(await trained(sgd({ learningRate: 1 })))
    expect(bytes.toString('latin1')).toContain('"learning_rate":1.0,')
    expect(bytes.toString('latin1')).toContain('"momentum":0.0,')
  })

  test('what Keras does not have is told, and the weights are there all the same', async () => {
    const learningRate = oneCycle({ maxLearningRate: 0.1, totalSteps: 10 })
    const { config, weights } = await saved(await trained(sgd({ learningRate })))
    expect(said.join('')).toContain('Keras has no schedule called OneCycle.')
    expect(config['compile_config']).toBeUndefined()
    expect(await pathsOf(weights)).toEqual(smallPaths)
    await saved(await trained(sgd({ rateFactors: { bias: 2 } })))
    expect(said.join('')).toContain('Keras has no learning rates of single weights (rateFactors).')
    await saved(await trained(sgd({ lookaheadSteps: 2 })))
    expect(said.join('')).toContain('Keras has no Lookahead (lookaheadSteps).')
    await saved(await trained(adam(), ['accuracy', 'calibrationError']))
    expect(said.join('')).toContain(
      'The metric calibrationError is left out: Keras has no metric called CalibrationError.',
    )
  })

  test('checkpoints of an epoch hold the optimizer too, and tell a note once', async () => {
    const made = sequential([randomAffine({ rotation: 10, inputShape: [5, 5, 2] }), flatten(), dense({ units: 2 })])
    made.compile({ optimizer: adam(), loss: 'meanSquaredError', threads: 1 })
    said.length = 0
    const filepath = join(folder, 'epoch-{epoch}.keras')
    const x = { shape: [2, 5, 5, 2], data: new Float32Array(100).fill(0.5) }
    const y = [
      [0, 1],
      [1, 0],
    ]
    await made.fit(x, y, {
      epochs: 2,
      batchSize: 2,
      callbacks: [modelCheckpoint({ filepath, monitor: 'loss', saveBestOnly: false })],
    })
    for (const epoch of [1, 2]) {
      const archive = await openZip({ bytes: readFileSync(join(folder, `epoch-${epoch}.keras`)), source: 'model' })
      const weights = (await archive.read('model.weights.h5'))!
      expect(await variablesOf(weights)).toEqual(['', '', '50 × 2', '50 × 2', '2', '2'])
      expect(await numbersAt(weights, '/optimizer/vars/0')).toEqual([epoch])
    }
    expect(said.join('').split('is left out').length - 1).toBe(1)
  })

  test('a safetensors file says nothing of training', async () => {
    const made = await trained(adam())
    await made.save(join(folder, 'model.safetensors'))
    expect(Buffer.compare(readFileSync(join(folder, 'model.safetensors')), await made.toBytes())).toBe(0)
  })
})
