/** Small files of one network in every format of Keras's family, for tests that damage them. */
import type { Group } from 'h5wasm'
import { madeHdf5 } from './containers/made-hdf5.testing.ts'
import { zipOf } from './containers/zip-writer.ts'

const layer = (className: string, config: object) => ({ class_name: className, config })
export const network = layer('Sequential', {
  name: 'row',
  layers: [
    layer('InputLayer', {
      name: 'in',
      batch_shape: [null, 6, 6, 1],
      batch_input_shape: [null, 6, 6, 1],
      dtype: 'float32',
    }),
    layer('Conv2D', {
      name: 'conv',
      filters: 3,
      kernel_size: [3, 3],
      strides: [1, 1],
      padding: 'same',
      activation: 'relu',
    }),
    layer('BatchNormalization', { name: 'bn', axis: [3] }),
    layer('Sequential', {
      name: 'head',
      layers: [layer('Flatten', { name: 'flat' }), layer('Dense', { name: 'dense', units: 2, activation: 'softmax' })],
    }),
  ],
})
const weights: readonly (readonly [layer: string, place: string, name: string, shape: readonly number[]])[] = [
  ['conv', 'layers/conv2d', 'kernel', [3, 3, 1, 3]],
  ['conv', 'layers/conv2d', 'bias', [3]],
  ...['gamma', 'beta', 'moving_mean', 'moving_variance'].map(
    name => ['bn', 'layers/batch_normalization', name, [3]] as const,
  ),
  ['head', 'layers/sequential/layers/dense', 'kernel', [108, 2]],
  ['head', 'layers/sequential/layers/dense', 'bias', [2]],
]
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1)
const valuesOf = (at: number, shape: readonly number[]): Float32Array =>
  Float32Array.from({ length: sizeOf(shape) }, (_, index) => at + index / 1000)
const text = (json: object): Uint8Array => new TextEncoder().encode(JSON.stringify(json))
const leafOf = (name: string): string => (name === 'head' ? 'dense' : name)

function put(place: Group, path: string, shape: readonly number[], data: Float32Array): void {
  const steps = path.split('/')
  const name = steps.pop()!
  const group = steps.reduce((at, step) => (at.get(step) as Group | null) ?? at.create_group(step), place)
  group.create_dataset({ name, data, shape: [...shape] })
}

export const placed = await madeHdf5(file => {
  const counts = new Map<string, number>()
  for (const [at, [, place, , shape]] of weights.entries()) {
    const number = counts.get(place) ?? 0
    counts.set(place, number + 1)
    put(file, `${place}/vars/${number}`, shape, valuesOf(at, shape))
  }
})
export const legacy = await madeHdf5(file => {
  file.create_attribute('model_config', JSON.stringify(network))
  file.create_attribute('keras_version', '2.4.0')
  const root = file.create_group('model_weights')
  const names = ['conv', 'bn', 'head']
  root.create_attribute('layer_names', names, [names.length], 'S8')
  for (const name of names) {
    const own = weights.map((weight, at) => [at, weight] as const).filter(([, weight]) => weight[0] === name)
    const group = root.create_group(name)
    const paths = own.map(([, weight]) => `${leafOf(name)}/${weight[2]}:0`)
    for (const [index, [at, weight]] of own.entries()) put(group, paths[index]!, weight[3], valuesOf(at, weight[3]))
    group.create_attribute('weight_names', paths, [paths.length], 'S24')
  }
})
const shard = new Uint8Array(Float32Array.from(weights.flatMap(([, , , shape], at) => [...valuesOf(at, shape)])).buffer)
const manifest = [
  {
    paths: ['weights.bin'],
    weights: weights.map(([name, , weight, shape]) => ({ name: `${leafOf(name)}/${weight}`, shape, dtype: 'float32' })),
  },
]
export const browserFiles = {
  'model.json': text({ modelTopology: { keras_version: '2.4.0', model_config: network }, weightsManifest: manifest }),
  'weights.bin': shard,
  'metadata.json': text({ tmVersion: '2.4.4', labels: ['a', 'b'] }),
}

export const keras = await zipOf({
  'metadata.json': text({ keras_version: '3.10.0' }),
  'config.json': text(network),
  'model.weights.h5': placed,
})
export const teachable = await zipOf(browserFiles)
