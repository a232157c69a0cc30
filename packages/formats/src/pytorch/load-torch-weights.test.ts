/** Weights of PyTorch in models built in code: files of others with what their programs computed, and every mismatch listed. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  activation,
  add,
  batchNormalization,
  chain,
  conv2d,
  conv2dTranspose,
  decodeSafetensors,
  dense,
  depthwiseConv2d,
  dropout,
  flatten,
  globalAveragePooling2d,
  input,
  maxPooling2d,
  model,
  reLU,
  rescaling,
  separableConv2d,
  sequential,
  type Tensor,
  zeroPadding2d,
} from 'fovea'
import { describe, expect, test } from 'vitest'
import { loadTorchWeights } from '../index.ts'

const cases = process.env['FOVEA_CASES']
const folder = join(cases ?? '', 'outside/safetensors')
const isThere = cases !== undefined && existsSync(folder)
const path = (name: string): string => join(folder, name)
const epsilon = 1e-5

/** x[i] = ((i · 7919) mod 256) / 127.5 − 1, channels first, as channels last. */
function ramp(height: number, width: number, channels: number) {
  const data = new Float32Array(height * width * channels)
  for (let channel = 0; channel < channels; channel++)
    for (let place = 0; place < height * width; place++)
      data[place * channels + channel] = (((channel * height * width + place) * 7919) % 256) / 127.5 - 1
  return { shape: [1, height, width, channels], data }
}

function block(name: string, filters: number) {
  const convolution = { useBias: false, padding: 'same' } as const
  return (x: Tensor): Tensor => {
    const y = chain(
      x,
      depthwiseConv2d({ ...convolution, kernelSize: 3, name: `${name}_dw` }),
      batchNormalization({ epsilon, name: `${name}_bn1` }),
      reLU({ maxValue: 6 }),
      conv2d({ ...convolution, filters, kernelSize: 1, name: `${name}_pw` }),
      batchNormalization({ epsilon, name: `${name}_bn2` }),
    )
    return add()([x, y])
  }
}

/** Padded on both sides alike, as PyTorch does it. */
const strided = { strides: 2, kernelSize: 3 } as const

/** The network of made-here-torch.safetensors. Its pooling is padded by nothing at all, so that all it sees is made larger than 0 before. */
function madeHere() {
  const x = input({ shape: [64, 64, 3] })
  const stem = chain(
    x,
    zeroPadding2d(),
    conv2d({ ...strided, filters: 16, name: 'stem' }),
    batchNormalization({ epsilon, name: 'bn' }),
    activation({ activation: 'hardSilu' }),
  )
  const y = chain(
    block('b1', 16)(stem),
    rescaling({ scale: 1, offset: 8 }),
    zeroPadding2d(),
    maxPooling2d({ poolSize: 3, strides: 2 }),
    rescaling({ scale: 1, offset: -8 }),
    zeroPadding2d(),
    conv2d({ ...strided, filters: 32, groups: 2, activation: 'gelu', name: 'down' }),
  )
  const outputs = chain(
    block('b2', 32)(y),
    globalAveragePooling2d(),
    dropout({ rate: 0.2 }),
    dense({ units: 6, name: 'fc' }),
  )
  return model({ inputs: x, outputs })
}

/** The network of mnist-tinygrad.safetensors, its layers called as Fovea calls them. */
const tinygrad = () =>
  sequential([
    conv2d({ filters: 32, kernelSize: 5, activation: 'relu', inputShape: [28, 28, 1] }),
    conv2d({ filters: 32, kernelSize: 5, activation: 'relu' }),
    batchNormalization({ epsilon }),
    maxPooling2d(),
    conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
    conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
    batchNormalization({ epsilon }),
    maxPooling2d(),
    flatten(),
    dense({ units: 10 }),
  ])

function expectNear(actual: Float32Array, expected: readonly number[], tolerance: number): void {
  const largest = Math.max(...expected.map(Math.abs))
  for (const [index, value] of expected.entries())
    expect(Math.abs(actual[index]! - value) / largest).toBeLessThan(tolerance)
}

const expectedOf = (name: string) => JSON.parse(readFileSync(path(`${name}.expected.json`), 'utf8'))

describe.skipIf(!isThere)('files of others (skipped without FOVEA_CASES)', () => {
  test('PyTorch: by names that agree, from a path', async () => {
    const classifier = madeHere()
    const report = await loadTorchWeights(classifier, path('made-here-torch.safetensors'))
    expect(report.by).toBe('names')
    expect(report.tensors['b1_dw/kernel']).toBe('b1.dw.weight')
    expect(report.passedOver).toHaveLength(5)
    expectNear((await classifier.predict(ramp(64, 64, 3))).data, expectedOf('made-here-torch').logits, 1e-4)
  })

  test('tinygrad: in order, from bytes; the kernel behind the flattened picture is permuted', async () => {
    const classifier = tinygrad()
    const report = await loadTorchWeights(classifier, readFileSync(path('mnist-tinygrad.safetensors')))
    expect(report.by).toBe('order')
    expect(report.passedOver).toEqual(['layers.4.num_batches_tracked', 'layers.10.num_batches_tracked'])
    expectNear((await classifier.predict(ramp(28, 28, 1))).data, expectedOf('mnist-tinygrad').cases[2].logits, 1e-3)
  })

  test('burn: all in another order than the network, with a map', async () => {
    const bytes = readFileSync(path('multi-layer-burn.safetensors'))
    const make = (name: string) =>
      sequential([
        conv2d({ filters: 4, kernelSize: 3, padding: 'same', inputShape: [8, 8, 3], name }),
        batchNormalization({ epsilon }),
        flatten(),
        dense({ units: 16 }),
      ])
    await expect(loadTorchWeights(make('first'), bytes)).rejects.toThrow(
      /taken in their order[\s\S]*batch_normalization\/gamma has no tensor that fits.[\s\S]*expected: fc1.weight \(4,\)[\s\S]*received: fc1.weight \(16, 256\)/,
    )
    const names = { first: 'conv1', batch_normalization: 'norm1', dense: 'fc1' }
    const { tensors } = await loadTorchWeights(make('first'), bytes, { names })
    expect(tensors['batch_normalization/movingMean']).toBe('norm1.running_mean')
    const listed = await loadTorchWeights(make('first'), bytes, { names: ['conv1', 'norm1', 'fc1'] })
    expect(listed.tensors).toEqual(tensors)
    await expect(loadTorchWeights(make('first'), bytes, { names: ['conv1', 'norm1'] })).rejects.toThrow(
      /dense\/kernel has no tensor that fits[\s\S]*fc1.weight \(16, 256\) belongs to no weight/,
    )
  })

  test('loadWeights names the function', async () => {
    await expect(tinygrad().loadWeights(path('mnist-tinygrad.safetensors'))).rejects.toThrow(
      'loadTorchWeights(model, source)',
    )
  })
})

/** Numbers that tell where they lie: 0, 1, 2 … */
const counted = (name: string, ...shape: number[]) => ({
  name,
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => index),
})

describe('layouts', () => {
  test('depthwise, pointwise and transposed kernels; what is behind a flattened picture', async () => {
    const x = input({ shape: [2, 3, 2] })
    const flat = flatten()(separableConv2d({ filters: 2, kernelSize: 1, depthMultiplier: 2, name: 'sep' })(x))
    const outputs = [
      dense({ units: 1, useBias: false, name: 'fc' })(batchNormalization({ name: 'norm' })(flat)),
      conv2dTranspose({ filters: 3, kernelSize: [1, 2], useBias: false, name: 'up' })(x),
    ]
    const classifier = model({ inputs: x, outputs })
    const norm = ['weight', 'bias', 'running_mean', 'running_var'].map(own => counted(`net.norm.${own}`, 12))
    const { by } = await loadTorchWeights(
      classifier,
      [
        counted('net.sep.0.weight', 4, 1, 1, 1),
        counted('net.sep.1.weight', 2, 4, 1, 1),
        counted('net.sep.1.bias', 2),
        ...norm,
        counted('net.fc.weight', 1, 12),
        counted('net.up.weight', 2, 3, 1, 2),
      ],
      { names: { 'sep/depthwiseKernel': 'net.sep.0', 'sep/pointwiseKernel': 'net.sep.1' } },
    )
    expect(by).toBe('names')
    const weights = Object.fromEntries((await classifier.getWeights()).map(({ name, data }) => [name, [...data]]))
    expect(weights['sep/depthwiseKernel']).toEqual([0, 1, 2, 3])
    expect(weights['sep/pointwiseKernel']).toEqual([0, 4, 1, 5, 2, 6, 3, 7])
    // Places of two channels: 0 and 6, 1 and 7 …
    const turned = [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]
    expect(weights['norm/gamma']).toEqual(turned)
    expect(weights['norm/movingVariance']).toEqual(turned)
    expect(weights['fc/kernel']).toEqual(turned)
    // [in, out, height, width] → [height, width, out, in]
    expect(weights['up/kernel']).toEqual([0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11])
  })
})

describe('what does not fit', () => {
  const small = () =>
    sequential([dense({ units: 3, name: 'body', inputShape: [2] }), dense({ units: 2, name: 'head' })])
  const body = [counted('body.weight', 3, 2), counted('body.bias', 3)]

  test('is listed at once, on both sides', async () => {
    const tensors = [...body, counted('head.weight', 1000, 3), counted('head.bias', 1000), counted('extra.gamma', 4)]
    const error = await loadTorchWeights(small(), tensors).catch(String)
    expect(error).toMatch(
      /head\/kernel has no tensor that fits.\s+expected: head.weight \(2, 3\)\s+received: head.weight \(1000, 3\)/,
    )
    expect(error).toMatch(/head\/bias has no tensor that fits/)
    expect(error).toMatch(/extra.gamma \(4,\) belongs to no weight of the model/)
  })

  test('can be left out: the layer keeps its weights', async () => {
    const classifier = small()
    const before = await classifier.getWeights()
    const { passedOver } = await loadTorchWeights(classifier, [...body, counted('old.fc.weight', 9, 3)], {
      leaveOut: ['head', 'old'],
    })
    expect(passedOver).toEqual(['old.fc.weight'])
    const after = await classifier.getWeights()
    expect(after.slice(2)).toEqual(before.slice(2))
    expect([...after[0]!.data]).toEqual([0, 2, 4, 1, 3, 5])
  })

  test('names that neither side has', async () => {
    await expect(loadTorchWeights(small(), body, { names: { boddy: 'body' } })).rejects.toThrow(
      /no layer with weights 'boddy'[\s\S]*Did you mean 'body'/,
    )
    await expect(loadTorchWeights(small(), body, { names: { head: 'fc' } })).rejects.toThrow(
      /no module 'fc'[\s\S]*one of body/,
    )
    await expect(loadTorchWeights(small(), body, { names: ['body', 'body'] })).rejects.toThrow(
      /'body' is said to be two layers/,
    )
    await expect(loadTorchWeights(small(), body, { leaveOut: ['top'] })).rejects.toThrow(/what is left out: top/)
    await expect(loadTorchWeights(small(), body, { names: { head: 3 as never } })).rejects.toThrow(
      /"names" of loadTorchWeights cannot be used/,
    )
    await expect(loadTorchWeights(small(), 7 as never)).rejects.toThrow(/a path, bytes \(a Uint8Array\), or tensors/)
  })
})

test('half precision and whole numbers are read', () => {
  const file = (dtype: string, content: ArrayBufferView): Uint8Array => {
    const text = new TextEncoder().encode(
      JSON.stringify({ a: { dtype, shape: [2], data_offsets: [0, content.byteLength] } }),
    )
    const bytes = new Uint8Array(8 + text.length + content.byteLength)
    bytes[0] = text.length
    bytes.set(text, 8)
    bytes.set(new Uint8Array(content.buffer), 8 + text.length)
    return bytes
  }
  const numbers = (dtype: string, content: ArrayBufferView) => [
    ...decodeSafetensors(file(dtype, content)).tensors[0]!.data,
  ]
  expect(numbers('F16', Uint16Array.of(0x3c00, 0xc000))).toEqual([1, -2])
  expect(numbers('BF16', Uint16Array.of(0x3f80, 0xc000))).toEqual([1, -2])
  expect(numbers('I64', BigInt64Array.of(-5n, 2n ** 40n))).toEqual([-5, 2 ** 40])
  expect(numbers('U64', BigUint64Array.of(5n, 2n ** 40n))).toEqual([5, 2 ** 40])
  expect(numbers('U32', Uint32Array.of(1, 2 ** 32 - 1))).toEqual([1, 2 ** 32 - 1])
})
