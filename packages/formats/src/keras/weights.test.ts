/** Weights find their layers in all ways in which Keras keeps them; what is missing or does not fit is listed. */
import type { JsonRecord } from 'fovea/internal/base/json'
import type { ModelConfig } from 'fovea/internal/network/saved-config'
import type { ModelFile } from 'fovea/internal/store/model-file'
import { openedBytes } from 'fovea/internal/store/model-formats'
import type { File, Group } from 'h5wasm'
import { describe, expect, it } from 'vitest'
import { madeHdf5 } from '../containers/made-hdf5.testing.ts'
import { zipOf } from '../containers/zip-writer.ts'
import { readHdf5 } from './read-hdf5.ts'
import { readKeras } from './read-keras.ts'

const text = (json: JsonRecord): Uint8Array => new TextEncoder().encode(JSON.stringify(json))
const layer = (className: string, config: JsonRecord): JsonRecord => ({ class_name: className, config })
const input = layer('InputLayer', { name: 'in', batch_shape: [null, 2] })
const dense = (name: string, units: number): JsonRecord => layer('Dense', { name, units })
const row = (...layers: readonly JsonRecord[]): JsonRecord =>
  layer('Sequential', { name: 'row', layers: [input, ...layers] })
const values = (count: number, from = 0): Float32Array => Float32Array.from({ length: count }, (_, at) => from + at)
const written = (file: ModelFile) => file.weights.map(({ name, shape, data }) => [name, shape.join('×'), data[0]])

function put(place: Group, path: string, shape: readonly number[], from: number): void {
  const steps = path.split('/')
  const name = steps.pop()!
  const group = steps.reduce((at, step) => (at.get(step) as Group | null) ?? at.create_group(step), place)
  group.create_dataset({
    name,
    data: values(
      shape.reduce((a, b) => a * b, 1),
      from,
    ),
    shape: [...shape],
  })
}

async function archive(config: JsonRecord, weights: (file: File) => void): Promise<ModelFile> {
  const bytes = await zipOf({
    'config.json': text(config),
    'metadata.json': text({ keras_version: '3.10.0' }),
    'model.weights.h5': await madeHdf5(weights),
  })
  return readKeras({ bytes, source: 'a.keras' })
}

describe('.keras', () => {
  const config = row(dense('first', 3), layer('Sequential', { name: 'inner', layers: [dense('second', 1)] }))
  const fill =
    (separator: string, name = 'layers') =>
    (file: File) => {
      const join = (...parts: string[]): string => parts.join(separator)
      put(file, `${join(name, 'dense')}/vars/0`, [2, 3], 0)
      put(file, `${join(name, 'dense')}/vars/1`, [3], 10)
      put(file, `${join(name, 'sequential', name, 'dense')}/vars/0`, [3, 1], 20)
      put(file, `${join(name, 'sequential', name, 'dense')}/vars/1`, [1], 30)
      put(file, 'optimizer/vars/0', [2, 3], 99)
    }

  it.each([
    ['as they are', fill('/')],
    ['with the separators of Windows', fill('\\')],
    ['under their older name', fill('/', '_layer_checkpoint_dependencies')],
  ])('weights lie in groups that are called after classes, %s', async (_, weights) => {
    const file = await archive(config, weights)
    expect(file.writer).toBe('Keras 3.10.0')
    expect(written(file)).toEqual([
      ['first/kernel', '2×3', 0],
      ['first/bias', '3', 10],
      ['second/kernel', '3×1', 20],
      ['second/bias', '1', 30],
    ])
  })

  it('what is missing, of another shape or too much is listed at once', async () => {
    const failure = archive(row(dense('a', 3), dense('b', 1), dense('c', 1)), file => {
      put(file, 'layers/dense/vars/0', [2, 4], 0)
      put(file, 'layers/dense/vars/1', [3], 0)
      put(file, 'layers/dense_2/vars/0', [1, 1], 0)
      put(file, 'layers/dense_2/vars/1', [1], 0)
      put(file, 'layers/dense_2/vars/2', [1], 0)
    })
    await expect(failure).rejects.toThrow(
      /another kernel \(2, 3\) of Dense "a"[\s\S]*received: \(2, 4\)[\s\S]*no kernel \(3, 1\) of Dense "b"[\s\S]*no bias \(1,?\) of Dense "b"[\s\S]*3 weights of Dense "c", which has 2/,
    )
  })

  it('what Normalization has learned goes into its configuration', async () => {
    const file = await archive(
      row(layer('Normalization', { name: 'n', axis: [-1], mean: null, variance: null }), dense('a', 1)),
      h5 => {
        put(h5, 'layers/normalization/vars/0', [1, 2], 5)
        put(h5, 'layers/normalization/vars/1', [1, 2], 7)
        put(h5, 'layers/dense/vars/0', [2, 1], 0)
        put(h5, 'layers/dense/vars/1', [1], 0)
      },
    )
    const { layers } = file.model as unknown as ModelConfig
    expect(layers[0]).toMatchObject({ type: 'Normalization', config: { mean: [5, 6], variance: [7, 8] } })
  })

  it('an archive that lacks a member says so', async () => {
    const bytes = await zipOf({ 'config.json': text(config) })
    await expect(readKeras({ bytes, source: 'a.keras' })).rejects.toThrow(
      /not a whole model[\s\S]*received: config\.json/,
    )
  })
})

describe('.h5', () => {
  const legacy = (
    config: JsonRecord | undefined,
    layers: Readonly<Record<string, readonly [string, readonly number[], number][]>>,
    split = false,
  ) =>
    madeHdf5(file => {
      if (config) {
        file.create_attribute('model_config', JSON.stringify(config))
        file.create_attribute('keras_version', '2.4.0')
        file.create_group('model_weights')
      }
      const root = config ? (file.get('model_weights') as Group) : file
      const names = Object.keys(layers)
      if (split) for (const [at, name] of names.entries()) root.create_attribute(`layer_names${at}`, [name], [1], 'S20')
      else root.create_attribute('layer_names', names, [names.length], 'S20')
      for (const [name, weights] of Object.entries(layers)) {
        const group = root.create_group(name)
        for (const [path, shape, from] of weights) put(group, path, shape, from)
        const own = weights.map(([path]) => path)
        if (own.length === 0) group.create_attribute('weight_names', Float64Array.of(), [0])
        else group.create_attribute('weight_names', own, [own.length], 'S40')
      }
    })
  const read = (bytes: Uint8Array): Promise<ModelFile> => readHdf5(openedBytes(bytes, 'a.h5'))
  const inner = layer('Sequential', {
    name: 'inner',
    layers: [dense('b', 1), layer('BatchNormalization', { name: 'n' })],
  })

  it('a layer has its weights in order, a network in the network by their names', async () => {
    const bytes = await legacy(row(dense('a', 3), inner), {
      a: [
        ['a_1/kernel:0', [2, 3], 0],
        ['a_1/bias:0', [3], 10],
      ],
      inner: [
        ['b/kernel:0', [3, 1], 20],
        ['b/bias:0', [1], 30],
        ['inner/n/gamma:0', [1], 40],
        ['inner/n/beta:0', [1], 50],
        ['inner/n/moving_mean:0', [1], 60],
        ['inner/n/moving_variance:0', [1], 70],
      ],
    })
    const file = await read(bytes)
    expect(file.writer).toBe('Keras 2.4.0')
    expect(written(file).map(([name, , first]) => [name, first])).toEqual([
      ['a/kernel', 0],
      ['a/bias', 10],
      ['b/kernel', 20],
      ['b/bias', 30],
      ['n/gamma', 40],
      ['n/beta', 50],
      ['n/movingMean', 60],
      ['n/movingVariance', 70],
    ])
  })

  it('weights alone go by the order of their layers; long lists of names are in pieces', async () => {
    const layers = {
      flat: [],
      x: [
        ['k:0', [2, 3], 0],
        ['b:0', [3], 10],
      ],
      y: [
        ['k:0', [3, 1], 20],
        ['b:0', [1], 30],
      ],
    } as const
    const file = await read(await legacy(undefined, layers as never, true))
    const model = [
      { type: 'Flatten', name: 'flatten', weights: [] },
      {
        type: 'Dense',
        name: 'p',
        weights: [
          { name: 'p/kernel', shape: [2, 3] },
          { name: 'p/bias', shape: [3] },
        ],
      },
      {
        type: 'Dense',
        name: 'q',
        weights: [
          { name: 'q/kernel', shape: [3, 1] },
          { name: 'q/bias', shape: [1] },
        ],
      },
    ]
    expect(file.weightsFor?.(model).map(({ name, data }) => [name, data[0]])).toEqual([
      ['p/kernel', 0],
      ['p/bias', 10],
      ['q/kernel', 20],
      ['q/bias', 30],
    ])
    expect(() => file.weightsFor?.(model.slice(0, 2))).toThrow(/y of a\.h5 belongs to no layer/)
  })

  it('a file of other programs is told as such', async () => {
    await expect(read(await madeHdf5(file => file.create_group('measurements')))).rejects.toThrow(
      /none of Keras[\s\S]*received: measurements/,
    )
  })
})
