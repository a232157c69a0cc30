/** What is written as ONNX, read by Fovea again: the same answers. */
import { addModelFormats, encodeModelFile, loadModel } from 'fovea'
import { expect, test } from 'vitest'
import { modelFormats } from '../../index.ts'
import { farthest, samplesOf } from './comparing.testing.ts'
import { writeOnnx } from './write-onnx.ts'
import {
  activations,
  branches,
  firstChannels,
  layersAlone,
  networks,
  type Trial,
  windows,
} from './written-models.testing.ts'

addModelFormats(...modelFormats)

async function outputsOf(bytes: Uint8Array, trial: Trial) {
  const classifier = await loadModel(bytes)
  const samples = samplesOf(trial, false)
  const given = await classifier.predict(samples.length === 1 ? samples[0]! : samples)
  await classifier.dispose()
  return (Array.isArray(given) ? given : [given]) as readonly {
    readonly shape: readonly number[]
    readonly data: Float32Array
  }[]
}

async function differences(trials: readonly Trial[]): Promise<string[]> {
  const found: string[] = []
  for (const trial of trials) {
    const own = await outputsOf(encodeModelFile(trial.file), trial)
    const read = await outputsOf(writeOnnx(trial.file), trial).catch(error => String(error))
    if (typeof read === 'string') found.push(`${trial.name}: ${read}`)
    else
      for (const [index, { shape, data }] of own.entries()) {
        const off = farthest(read[index]!.data, data)
        if (!(off <= 1e-6) || String(shape) !== String(read[index]!.shape))
          found.push(`${trial.name}, output ${index} [${read[index]!.shape}]: ${off}`)
        else if (off > 0) console.log(trial.name, off)
      }
  }
  return found
}

test('every layer alone', async () => {
  expect(await differences(layersAlone())).toEqual([])
})
test('every activation', async () => {
  expect(await differences(activations())).toEqual([])
})
test('windows of all sizes and strides', async () => {
  expect(await differences(windows())).toEqual([])
})
test('branches', async () => {
  expect(await differences([branches(), firstChannels()])).toEqual([])
})
test('small networks of the zoo', async () => {
  expect(
    await differences(networks().filter(({ name }) => !/vgg|alexnet|googlenet|resnet50|resnet18/.test(name))),
  ).toEqual([])
})
