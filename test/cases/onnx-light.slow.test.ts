/**
 * Nine published networks in ONNX's backend data, their weights constants that the file computes: AlexNet, DenseNet-121, Inception 1 and 2,
 * ResNet-50, ShuffleNet, SqueezeNet, VGG-19, ZFNet-512. Each gives the recorded output of a picture that counts up from 0 to 1.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadModel } from '../../packages/fovea/src/index.ts'
import { backendMissing, readTensor, unpackedCases } from './onnx-backend.testing.ts'

const reason = backendMissing()
const folder = reason === undefined ? join(unpackedCases(), 'onnx-backend/light') : undefined
const files = folder ? readdirSync(folder).filter(name => name.endsWith('.onnx')) : []

it.skipIf(reason !== undefined)(`nine networks are there${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  expect(files).toHaveLength(9)
})

it.each(files)('%s', async file => {
  const model = await loadModel(join(folder!, file))
  const [height, width, channels] = model.model.inputs[0]!.shape as [number, number, number]
  const size = height * width * channels
  // Channel by channel in the file.
  const data = Float32Array.from({ length: size }, (_, at) => {
    const [place, channel] = [Math.floor(at / channels), at % channels]
    return (channel * height * width + place) / size
  })
  const predicted = await model.predict({ shape: [1, height, width, channels], data })
  const output = file.replace('.onnx', '_output_0.pb')
  const expected = await readTensor(readFileSync(join(folder!, output)), output)
  expect(predicted.data).toHaveLength(expected.data.length)
  for (const [at, value] of expected.data.entries()) {
    expect(Math.abs(predicted.data[at]! - value)).toBeLessThanOrEqual(1e-5 * Math.abs(value) + 1e-6)
  }
  await model.dispose()
})
