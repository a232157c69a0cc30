/** What lies in the files that are written for TensorFlow.js: topology in Keras 2's words, weights by name, shards, the user's metadata. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Classifier, conv2d, dense, flatten, globalAveragePooling2d, normalization, reLU, sequential } from 'fovea'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { branches } from '../written-models.testing.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-tfjs-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function saved(made: Classifier) {
  await made.save(join(folder, 'model.json'))
  return JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'))
}

test('a sequential model: layers, weights by name, what a page reads of its classes', async () => {
  const made = sequential(
    [
      conv2d({ filters: 2, kernelSize: 3, activation: 'silu', kernelRegularizer: 'l2', inputShape: [5, 5, 3] }),
      globalAveragePooling2d({ keepdims: true }),
      flatten(),
      dense({ units: 2, activation: 'softmax' }),
    ],
    { name: 'small' },
  )
  made.classNames = ['cat', 'dog']
  const json = await saved(made)
  expect(json).toMatchObject({ format: 'layers-model', generatedBy: 'Fovea', convertedBy: null })
  const { model_config: network } = json.modelTopology
  expect(network.class_name).toBe('Sequential')
  expect(network.config.layers.map((layer: { class_name: string }) => layer.class_name)).toEqual([
    'Conv2D',
    'GlobalAveragePooling2D',
    'Reshape',
    'Flatten',
    'Dense',
  ])
  expect(network.config.layers[0].config).toMatchObject({
    name: 'conv2d',
    batch_input_shape: [null, 5, 5, 3],
    kernel_size: [3, 3],
    activation: 'swish',
    kernel_regularizer: { class_name: 'L1L2', config: { l1: 0, l2: 0.01 } },
  })
  expect(json.weightsManifest).toEqual([
    {
      paths: [expect.stringMatching(/^group1-shard1of1-[0-9a-f]{8}\.bin$/)],
      weights: [
        { name: 'conv2d/kernel', shape: [3, 3, 3, 2], dtype: 'float32' },
        { name: 'conv2d/bias', shape: [2], dtype: 'float32' },
        { name: 'dense/kernel', shape: [2, 2], dtype: 'float32' },
        { name: 'dense/bias', shape: [2], dtype: 'float32' },
      ],
    },
  ])
  expect(json.userDefinedMetadata.classNames).toEqual(['cat', 'dog'])
  const bytes = readFileSync(join(folder, json.weightsManifest[0].paths[0]))
  const values = (await made.getWeights()).flatMap(({ data }) => [...data])
  expect(values.map((_, at) => bytes.readFloatLE(4 * at))).toEqual(values)
})

test('a functional model: calls by layer, number and output', async () => {
  const json = await saved(branches().made)
  const { config } = json.modelTopology.model_config
  const layer = (name: string) => config.layers.find((each: { name: string }) => each.name === name)
  expect(layer('a').config.batch_input_shape).toEqual([null, 4, 4, 2])
  expect(layer('shared').inbound_nodes).toEqual([[['a', 0, 0, {}]], [['b', 0, 0, {}]]])
  expect(config.input_layers).toEqual([
    ['a', 0, 0],
    ['b', 0, 0],
  ])
  expect(config.output_layers).toEqual([
    ['p', 0, 0],
    ['p_re_lu', 0, 0],
  ])
})

test('weights are cut into files of at most 4 MiB', async () => {
  const made = sequential([dense({ units: 1024, inputShape: [2100] })])
  const json = await saved(made)
  const shards: string[] = json.weightsManifest[0].paths
  const names = [1, 2, 3].map(number =>
    expect.stringMatching(new RegExp(`^group1-shard${number}of3-[0-9a-f]{8}\\.bin$`)),
  )
  expect(shards).toEqual(names)
  expect(readdirSync(folder).sort()).toEqual([...shards, 'model.json'])
  expect(shards.map(name => readFileSync(join(folder, name)).length)).toEqual([
    2 ** 22,
    2 ** 22,
    4 * 2101 * 1024 - 2 ** 23,
  ])
  // Those of the model that is replaced go; files that something else may have named stay.
  writeFileSync(join(folder, 'group1-shard1of1.bin'), 'of another model')
  await made.setWeights((await made.getWeights()).map(weight => ({ ...weight, data: weight.data.map(() => 1) })))
  await made.save(join(folder, 'model.json'))
  const next: string[] = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')).weightsManifest[0].paths
  expect(next[0]).not.toBe(shards[0])
  expect(readdirSync(folder).sort()).toEqual(['group1-shard1of1.bin', ...next, 'model.json'].sort())
})

test('what it has otherwise is said in its words, or refused by name', async () => {
  const scaled = sequential([normalization({ mean: [1, 2], variance: [4, 0.25], inputShape: [3, 2] }), flatten()])
  const { config } = (await saved(scaled)).modelTopology.model_config.config.layers[0]
  expect(config).toMatchObject({ scale: [0.5, 2], offset: [-0.5, -4] })
  const refused = sequential([
    conv2d({ filters: 4, kernelSize: 1, groups: 2, inputShape: [4, 4, 2] }),
    reLU({ negativeSlope: 0.1 }),
    flatten(),
    dense({ units: 2, activation: 'softShrink' }),
  ])
  await expect(saved(refused)).rejects.toThrow(
    /conv2d[\s\S]*groups[\s\S]*re_lu[\s\S]*negativeSlope[\s\S]*dense[\s\S]*softShrink/,
  )
})
