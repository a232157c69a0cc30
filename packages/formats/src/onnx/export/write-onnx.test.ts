/** Networks as graphs of ONNX: what their nodes are, what options change, what is said beside them, and that Fovea reads them again. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { conv2d, dense, flatten, input, loadModel, sequential } from 'fovea'
import { chain, model } from 'fovea/internal/network/functional'
import { zoo } from 'fovea/internal/network/zoo/zoo'
import { openedBytes } from 'fovea/internal/store/model-formats'
import { describe, expect, test } from 'vitest'
import { exportOnnx } from '../../index.ts'
import { decodeOnnx } from '../decode.ts'
import { encodeOnnx } from '../encode.ts'
import type { OnnxModel } from '../onnx-model.ts'
import { onnxModelOf } from './export-onnx.ts'
import { producer } from './metadata.ts'
import { differences } from './read-back.testing.ts'
import { branches, firstChannels, trialOf } from './written-models.testing.ts'

const operators = ({ graph }: OnnxModel): string[] => graph.nodes.map(({ op }) => op)
const mnist = () => trialOf('mnist-cnn', zoo['mnist-cnn'].build()).file

describe('a network of convolutions', () => {
  test('has one Transpose at the beginning, and none at the end', () => {
    const onnx = onnxModelOf(mnist())
    expect(operators(onnx)).toEqual([
      ...['Mul', 'Transpose', 'Conv', 'Relu', 'MaxPool', 'Conv', 'Relu', 'MaxPool'],
      ...['Flatten', 'Gemm', 'Relu', 'Gemm', 'Softmax'],
    ])
    expect(onnx.graph.inputs).toEqual([{ name: 'input_layer', type: 'float32', dims: ['batch', 28, 28, 1] }])
    expect(onnx.graph.outputs).toEqual([{ name: 'dense_1', type: 'float32', dims: ['batch', 10] }])
    expect(onnx).toMatchObject({ irVersion: 8, opsets: { '': 17 } })
  })

  test('takes pictures channels first, and bytes', () => {
    const onnx = onnxModelOf(mnist(), { layout: 'nchw', input: 'uint8' })
    expect(operators(onnx).slice(0, 3)).toEqual(['Cast', 'Mul', 'Conv'])
    expect(onnx.graph.inputs[0]).toEqual({ name: 'input_layer', type: 'uint8', dims: ['batch', 1, 28, 28] })
  })

  test('permutes the kernel behind a flattened picture: rows are channels, then rows, then columns', () => {
    const x = input({ shape: [1, 2, 2] })
    const kernel = Float32Array.of(1, 2, 3, 4)
    const weights = [
      { name: 'conv2d/kernel', shape: [1, 1, 2, 2], data: Float32Array.of(1, 0, 0, 1) },
      { name: 'dense/kernel', shape: [4, 1], data: kernel },
    ]
    const layers = [
      conv2d({ filters: 2, kernelSize: 1, useBias: false }),
      flatten(),
      dense({ units: 1, useBias: false }),
    ]
    const { file } = trialOf('permuted', model({ inputs: x, outputs: chain(x, ...layers) }))
    const { graph } = onnxModelOf({ ...file, weights })
    expect(graph.initializers.find(({ name }) => name === 'dense/kernel')?.data).toEqual(Float32Array.of(1, 3, 2, 4))
  })
})

test('batch normalizations go into the kernels before them, where nothing else sees what these compute', () => {
  const { file } = trialOf('resnet20', zoo.resnet20.build())
  const count = (options = {}) => operators(onnxModelOf(file, options)).filter(op => op === 'BatchNormalization').length
  expect(count()).toBeGreaterThan(19)
  expect(count({ batchNorm: 'folded' })).toBe(0)
  // Behind joins and activations they stay.
  const kept = operators(onnxModelOf(branches().file, { batchNorm: 'folded' }))
  expect(kept.filter(op => op === 'BatchNormalization')).toHaveLength(2)
})

test('says who wrote it, what the classes are, and how pictures are prepared', async () => {
  const preprocess = { shape: [28, 28, 1], channels: 'grey', resize: 'contain' } as const
  const classNames = ['zero', 'l’un', '二', ...'3456789']
  const bytes = await exportOnnx({ ...mnist(), classNames, preprocess: { ...preprocess, shape: [28, 28, 1] } })
  const { producer: program, producerVersion, metadata } = await decodeOnnx(openedBytes(bytes, 'a.onnx'))
  expect({ name: program, version: producerVersion }).toEqual(producer)
  expect(JSON.parse(metadata['names']!)).toMatchObject({ 0: 'zero', 1: 'l’un', 2: '二', 9: '9' })
  const classifier = await loadModel(bytes)
  expect(classifier).toMatchObject({ classNames, preprocess })
})

test('the version is that of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
  expect(producer.version).toBe(version)
})

test('what cannot be written is said', async () => {
  const { weights } = mnist()
  await expect(exportOnnx({ weights })).rejects.toThrow('this model has only weights')
  await expect(exportOnnx({ ...mnist(), weights: weights.slice(1) })).rejects.toThrow(
    '"conv2d/kernel" (3, 3, 1, 32) is missing',
  )
  await expect(exportOnnx(mnist(), { layout: 'NCHW' as 'nchw' })).rejects.toThrow(/"layout" of ONNX cannot be used/)
  const own = { ...mnist(), model: { ...mnist().model, layers: [{ type: 'Mine', name: 'mine', config: {} }] } }
  await expect(exportOnnx(own as never)).rejects.toThrow('Unknown layer type "Mine"')
})

test('more than two gigabytes are refused before they are copied', () => {
  const data = { byteLength: 2 ** 31, length: 2 ** 29 } as Float32Array
  const onnx = onnxModelOf(mnist())
  const initializers = [{ name: 'large', type: 'float32', dims: [2 ** 29], data } as const]
  expect(() => encodeOnnx({ ...onnx, graph: { ...onnx.graph, initializers } })).toThrow('too large for one ONNX file')
})

test('numbers of every type are written as they are read', async () => {
  const types = [
    'float32',
    'float64',
    'float16',
    'bfloat16',
    'int8',
    'int16',
    'int32',
    'int64',
    'uint8',
    'uint16',
    'uint32',
    'uint64',
    'bool',
  ] as const
  const initializers = types.map(type => {
    const numbers = /^u|bool/.test(type)
      ? [0, 1]
      : type === 'int64'
        ? [-(2 ** 40), 3]
        : [-1.5, 2].map(n => (/int/.test(type) ? Math.ceil(n) : n))
    const data = /^b?float(16|32)?$/.test(type) ? Float32Array.from(numbers) : Float64Array.from(numbers)
    return { name: type, type, dims: [2], data }
  })
  const onnx = onnxModelOf(mnist())
  const bytes = encodeOnnx({ ...onnx, graph: { ...onnx.graph, initializers } })
  const { graph } = await decodeOnnx(openedBytes(bytes, 'a.onnx'))
  expect(graph.initializers).toEqual(initializers)
  expect(graph.nodes).toEqual(onnx.graph.nodes)
  expect(graph.inputs).toEqual(onnx.graph.inputs)
})

test('a classifier is saved by the ending of the name, and loaded again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-onnx-'))
  const path = join(folder, 'model.onnx')
  const classifier = sequential([dense({ units: 2, activation: 'softmax', inputShape: [3] })])
  await classifier.save(path)
  const { producer: program } = await decodeOnnx(openedBytes(readFileSync(path), path))
  expect(program).toBe('fovea')
  const samples = [[0.1, -2, 3]]
  expect(await (await loadModel(path)).predict(samples)).toEqual(await classifier.predict(samples))
  rmSync(folder, { recursive: true })
})

test('networks with branches, and with the channels first, are read again by Fovea', async () => {
  expect(await differences([branches(), firstChannels()], 1e-6)).toEqual([])
})
