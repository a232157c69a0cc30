/**
 * What is written as ONNX, run by ONNX Runtime and compared with Fovea's own predictions, and looked at by ONNX's checker. ONNX Runtime is
 * fetched from the npm registry into a folder of its own, or taken from the one that FOVEA_ONNXRUNTIME names (where `npm install
 * --ignore-scripts onnxruntime-node` ran); the checker needs a Python with the package `onnx`, which FOVEA_ONNX_PYTHON names.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeModelFile, loadModel } from 'fovea'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exportOnnx, type OnnxOptions } from '../../index.ts'
import { farthest, type Samples, samplesOf } from './comparing.testing.ts'
import {
  activations,
  branches,
  firstChannels,
  forOwnPictures,
  layersAlone,
  networks,
  type Trial,
  windows,
} from './written-models.testing.ts'

interface Tensor {
  readonly data: Float32Array
  readonly dims: readonly number[]
}
interface Runtime {
  readonly InferenceSession: {
    create(
      bytes: Uint8Array,
      options: object,
    ): Promise<{
      readonly outputNames: readonly string[]
      run(feeds: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, Tensor>>>
      release(): Promise<void>
    }>
  }
  readonly Tensor: new (type: string, data: Float32Array | Uint8Array, dims: readonly number[]) => unknown
}

const folder = mkdtempSync(join(tmpdir(), 'fovea-onnx-'))
let runtime: Runtime

beforeAll(() => {
  const given = process.env['FOVEA_ONNXRUNTIME']
  if (given === undefined) {
    writeFileSync(join(folder, 'package.json'), '{}')
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', 'onnxruntime-node@1.30.0'], {
      cwd: folder,
    })
  }
  runtime = createRequire(join(given ?? folder, 'package.json'))('onnxruntime-node')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Pictures with the channels first, and back. */
function turned({ shape: [n, a, b, c], data }: Samples, back: boolean): Samples {
  const [height, width, channels] = back ? [b!, c!, a!] : [a!, b!, c!]
  const result = new Float32Array(data.length)
  for (let sample = 0; sample < n!; sample++)
    for (let place = 0; place < height * width; place++)
      for (let channel = 0; channel < channels; channel++) {
        const last = (sample * height * width + place) * channels + channel
        const first = (sample * channels + channel) * height * width + place
        if (back) result[last] = data[first]!
        else result[first] = data[last]!
      }
  return { shape: back ? [n!, height, width, channels] : [n!, channels, height, width], data: result }
}

async function deviation(trial: Trial, options: OnnxOptions): Promise<number> {
  const bytes = await exportOnnx(trial.file, options)
  const samples = samplesOf(trial, options.input === 'uint8')
  const classifier = await loadModel(encodeModelFile(trial.file))
  const given = await classifier.predict(samples.length === 1 ? samples[0]! : samples)
  const expected = (Array.isArray(given) ? given : [given]) as readonly Samples[]
  await classifier.dispose()
  if (process.env['FOVEA_ONNX_PYTHON'] !== undefined) {
    writeFileSync(join(folder, `${trial.name.replace(/[^\w]+/g, '_')}_${Object.values(options).join('_')}.onnx`), bytes)
  }
  const session = await runtime.InferenceSession.create(bytes, {
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
  })
  const turns = options.layout === 'nchw' && trial.name !== 'channels first'
  const feeds = Object.fromEntries(
    trial.model.inputs.map(({ name }, index) => {
      const sample = samples[index]!
      const { shape, data } = turns && sample.shape.length === 4 ? turned(sample, false) : sample
      const isBytes = options.input === 'uint8' && shape.length === 4
      return [name, new runtime.Tensor(isBytes ? 'uint8' : 'float32', isBytes ? Uint8Array.from(data) : data, shape)]
    }),
  )
  const outputs = await session.run(feeds)
  await session.release()
  const names = trial.model.outputs.map(({ name }) => name)
  expect(session.outputNames).toEqual(names)
  return Math.max(
    ...names.map((name, index) => {
      const { data, dims } = outputs[name]!
      const output = turns && dims.length === 4 ? turned({ shape: dims, data }, true) : { shape: dims, data }
      expect(output.shape, name).toEqual(expected[index]!.shape)
      return farthest(output.data, expected[index]!.data)
    }),
  )
}

async function deviations(trials: readonly Trial[], options: OnnxOptions = {}): Promise<string[]> {
  const found: string[] = []
  for (const trial of trials) {
    const off = await deviation(trial, options).catch(error => String(error))
    if (!(Number(off) <= 1e-5)) found.push(`${trial.name}: ${off}`)
  }
  return found
}

test('every layer alone', async () => {
  expect(await deviations(layersAlone())).toEqual([])
})

test('every activation', async () => {
  expect(await deviations(activations())).toEqual([])
})

test('windows of all sizes and strides', async () => {
  expect(await deviations(windows())).toEqual([])
})

test('the networks of the zoo', async () => {
  expect(await deviations(networks())).toEqual([])
})

test.each<OnnxOptions>([
  {},
  { layout: 'nchw' },
  { batchNorm: 'folded' },
  { input: 'uint8' },
  { layout: 'nchw', batchNorm: 'folded', input: 'uint8' },
])('networks with branches, with the channels first, for own pictures: %j', async options => {
  expect(await deviations([branches(), firstChannels(), ...forOwnPictures()], options)).toEqual([])
})

test('networks with other options', async () => {
  const some = networks(name => /^(mnist-cnn|cifar10-cnn|cifar10-cnn-optimized|resnet20|googlenet)$/.test(name))
  expect(await deviations(some, { layout: 'nchw', batchNorm: 'folded', input: 'uint8' })).toEqual([])
})

test.skipIf(process.env['FOVEA_ONNX_PYTHON'] === undefined)(
  'the checker of ONNX (skipped without FOVEA_ONNX_PYTHON)',
  () => {
    const script = join(import.meta.dirname, '../../../../../scripts/parity/check-onnx.py')
    expect(execFileSync(process.env['FOVEA_ONNX_PYTHON']!, [script, folder], { encoding: 'utf8' })).toMatch(
      /^\d+ files, none/,
    )
  },
)
