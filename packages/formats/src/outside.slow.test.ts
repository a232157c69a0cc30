/**
 * Models that other people trained, in all formats of Keras's family, and what independent software computes on them: each file is loaded
 * as anybody loads it, and asked on the WebAssembly device. (With FOVEA_CASES.)
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import {
  type Classifier,
  classifier,
  conv2d,
  dense,
  type Float32NdArray,
  flatten,
  loadModel,
  maxPooling2d,
  readPicture,
  sequential,
} from 'fovea'
import { modelFromConfig, modelToConfig } from 'fovea/internal/network/config'
import { pictureToInput } from 'fovea/internal/preprocess/input'
import { describe, expect, test } from 'vitest'

const cases = process.env['FOVEA_CASES'] ?? ''
const data = process.env['FOVEA_DATA'] ?? ''
const hasCases = existsSync(join(cases, 'outside'))
const outside = (...parts: string[]): string => join(cases, 'outside', ...parts)

interface Recorded {
  readonly first16: readonly number[]
  readonly argmax: number
  readonly max: number
}
interface Case {
  readonly name: string
  readonly preprocess?: string
  readonly input?: string
  readonly output?: Recorded | number
  readonly probabilities?: Recorded
  readonly logits?: Recorded
}
interface Expected {
  readonly parameters?: number
  readonly labels?: readonly string[]
  readonly cases: readonly Case[]
}

const jsonAt = (...parts: string[]) => JSON.parse(readFileSync(outside(...parts), 'utf8'))

const ramp = (size: number, times = 1): Float32Array =>
  Float32Array.from({ length: size }, (_, at) => (((at * 7919) % 256) / 127.5 - 1) * times)

function ask(model: Classifier, values: Float32Array): Promise<Float32NdArray> {
  return model.predict({ data: values, shape: [1, ...model.model.inputs[0]!.shape] })
}

/** `within`: of probabilities as they are, of others relative to the largest. */
function expectNear(actual: ArrayLike<number>, { first16, argmax, max }: Recorded, within: number): void {
  for (const [at, value] of first16.entries()) expect(Math.abs(actual[at]! - value)).toBeLessThanOrEqual(within)
  expect(Math.abs(actual[argmax]! - max)).toBeLessThanOrEqual(within)
  expect(Array.from(actual).indexOf(Math.max(...Array.from(actual)))).toBe(argmax)
}

/** The same network without the activation of its last layer. */
async function withoutActivation(model: Classifier): Promise<Classifier> {
  const config = modelToConfig(model.model)
  const layers = config.layers.map((layer, at) =>
    at === config.layers.length - 1 ? { ...layer, config: { ...layer.config, activation: 'linear' } } : layer,
  )
  const linear = classifier(modelFromConfig({ ...config, layers }))
  await linear.setWeights(await model.getWeights())
  return linear
}

/** Numbers that the recording's words name, where no other program resized the picture. */
async function inputOf(model: Classifier, { name, preprocess = '' }: Case): Promise<Float32Array | undefined> {
  const { shape } = model.model.inputs[0]!
  const size = shape.reduce((product, extent) => product * extent, 1)
  if (name.startsWith('ramp')) {
    const times = name === 'ramp / 10' ? 0.1 : Number(/\* (\d+)/.exec(preprocess.split(' - 1')[1] ?? '')?.[1] ?? 1)
    return ramp(size, times)
  }
  const picture = await readPicture(outside(name))
  if (`${picture.height},${picture.width}` !== shape.slice(0, 2).join()) return undefined
  const { pixels } = pictureToInput(picture, {
    shape: shape as [number, number, number],
    channels: shape[2] === 1 ? 'grey' : 'rgb',
    resize: 'none',
  })
  if (/127\.5 - 1/.test(preprocess)) return Float32Array.from(pixels, value => value / 127.5 - 1)
  if (/127 - 1/.test(preprocess)) return Float32Array.from(pixels, value => value / 127 - 1)
  if (/255$/.test(preprocess)) return Float32Array.from(pixels, value => value / 255)
  return Float32Array.from(pixels)
}

async function expectCases(model: Classifier, expected: Expected, within: number): Promise<void> {
  if (expected.parameters !== undefined) expect(model.countParams().total).toBe(expected.parameters)
  let compared = 0
  for (const each of expected.cases) {
    const input = await inputOf(model, each)
    if (!input) continue
    compared++
    const output = await ask(model, input)
    if (typeof each.output === 'number') expect(Math.abs(output.data[0]! - each.output)).toBeLessThanOrEqual(within)
    else expectNear(output.data, (each.output ?? each.probabilities)!, within)
    if (each.logits) {
      const { data } = await ask(await withoutActivation(model), input)
      const largest = Math.max(...Array.from(data, Math.abs))
      expectNear(data, each.logits, 1e-4 * largest)
    }
  }
  expect(compared).toBeGreaterThan(0)
}

describe.skipIf(!hasCases)('models of others', () => {
  for (const folder of ['keras3', 'keras-h5']) {
    const all: Record<string, Expected> = hasCases ? jsonAt(folder, 'expected.json') : {}
    for (const [name, expected] of Object.entries(all)) {
      if (name.endsWith('.weights.h5')) continue
      test(`${folder}/${name}`, async () => {
        await expectCases(await loadModel(outside(folder, name)), expected, 1e-5)
      })
    }
  }

  test('an ImageNet classifier of Keras 2', async () => {
    const model = await loadModel(outside('imagenet', 'mobilenet_v1_0.25_224.h5'))
    const expected: Expected = jsonAt('imagenet', 'expected.json')
    await expectCases(
      model,
      { ...expected, cases: expected.cases.filter(each => !/Pillow/.test(each.preprocess ?? '')) },
      1e-5,
    )
  })

  test('weights alone go into a model that is built in code', async () => {
    const blocks = Array.from({ length: 6 }, (_, at) => [
      conv2d({
        filters: 8,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        ...(at === 0 && { inputShape: [250, 350, 1] }),
      }),
      maxPooling2d(),
    ]).flat()
    const model = sequential([...blocks, flatten(), dense({ units: 62, activation: 'softmax' })])
    await model.loadWeights(outside('keras3', 'parcial-62.weights.h5'))
    await expectCases(model, jsonAt('keras3', 'expected.json')['parcial-62.weights.h5'], 1e-5)
    const other = sequential([flatten({ inputShape: [4, 4, 1] }), dense({ units: 3 })])
    await expect(other.loadWeights(outside('keras3', 'parcial-62.weights.h5'))).rejects.toThrow(
      /layers\/dense of .* does not fit Dense "dense"[\s\S]*\(16, 3\)[\s\S]*\(120, 62\)[\s\S]*layers\/conv2d_5/,
    )
    await expect(loadModel(outside('keras3', 'parcial-62.weights.h5'))).rejects.toThrow(/weights, but not the model/)
  })

  for (const name of [
    'isfood',
    'pizzacat',
    'pizzacat-uint8',
    'pizzacat-uint16',
    'pizzacat-float16',
    'fsl-landmarks-24',
  ]) {
    test(`tfjs-layers/${name}`, async () => {
      const file = name === 'pizzacat' ? 'pizzacat.json' : 'model.json'
      const model = await loadModel(outside('tfjs-layers', name, file))
      await expectCases(model, jsonAt('tfjs-layers', name, 'expected.json'), 1e-5)
      const first = jsonAt('tfjs-layers', name, 'expected.json').firstKernelFirst8
      if (first) expect(Array.from((await model.getWeights())[0]!.data.slice(0, 8))).toEqual(first.map(Math.fround))
    })
  }

  test('files of weights that are missing are named; a graph model is refused with the way out', async () => {
    await expect(loadModel(outside('tfjs-layers', 'keras3-topology-only', 'model.json'))).rejects.toThrow(
      /missing: group1-shard1of8\.bin[\s\S]*group1-shard8of8\.bin/,
    )
    for (const name of ['mnist', 'predictive-prefetching'])
      await expect(loadModel(outside('tfjs-graph', name, 'model.json'))).rejects.toThrow(/graph model[\s\S]*\.keras/)
  })

  test('a network of Keras 3 that TensorFlow.js itself cannot load is one, once its weights are there', async () => {
    const path = outside('tfjs-layers', 'keras3-topology-only', 'model.json')
    const [{ paths, weights }] = JSON.parse(readFileSync(path, 'utf8')).weightsManifest
    const sizes: number[] = weights.map(({ shape }: { shape: number[] }) => shape.reduce((a, b) => a * b, 4))
    const whole = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0))
    const file = (name: string, bytes: Uint8Array) => ({ name, arrayBuffer: async () => Uint8Array.from(bytes).buffer })
    const shards = paths.map((name: string, at: number) => file(name, at === 0 ? whole : new Uint8Array()))
    const model = await loadModel([file('model.json', readFileSync(path)), ...shards])
    expect(model.model.inputs[0]!.shape).toEqual([224, 224, 3])
    expect(model.countParams().total).toBe(whole.length / 4)
  })

  for (const [folder, names, divisor] of [
    ['tm-tfjs', ['official-2019', 'recyclables-3', 'tiny-asl-26'], 127],
    ['tm-keras', ['cat-owl-2025', 'garbage-6-2021'], 127.5],
  ] as const) {
    for (const name of names) {
      test(`${folder}/${name}: bytes go in, and names come out`, async () => {
        const model = await loadModel(outside(folder, name, folder === 'tm-tfjs' ? 'model.json' : 'keras_model.h5'))
        const expected: Expected = jsonAt(folder, name, 'expected.json')
        expect(model.classNames).toEqual(expected.labels)
        expect(model.preprocess).toMatchObject({ resize: 'cover', shape: model.model.inputs[0]!.shape })
        expect(model.countParams().total).toBe(expected.parameters)
        for (const each of expected.cases) {
          const scaled = /Pillow/.test(each.preprocess ?? '') ? undefined : await inputOf(model, each)
          if (!scaled) continue
          const bytes = scaled.map(value => (value + 1) * divisor)
          // Grey of three colours is rounded to a byte, where the page has it exact.
          expectNear(
            (await ask(model, bytes)).data,
            each.probabilities!,
            /grey/.test(each.preprocess ?? '') ? 2e-3 : 1e-4,
          )
        }
      })
    }
  }

  test('photographs are told apart as their owner meant', async () => {
    const model = await loadModel(outside('tm-keras', 'cat-owl-2025', 'keras_model.h5'))
    const { cases: all, labels }: Expected = jsonAt('tm-keras', 'cat-owl-2025', 'expected.json')
    const photographs = all.filter(({ name }) => name.startsWith('tm-keras'))
    expect(photographs).toHaveLength(6)
    for (const { name, probabilities } of photographs) {
      const answer = await model.classify(outside(name))
      expect(answer[0].className).toBe(labels![probabilities!.argmax])
      expect(Math.abs(answer[0].probability - probabilities!.max)).toBeLessThan(0.03)
    }
  })
})

describe.skipIf(!existsSync(join(cases, 'models')) || !existsSync(join(data, 'mnist')))(
  'models of others on MNIST',
  () => {
    const files: Record<string, string> = {
      'tfjs/Abrar408': 'tfjs/Abrar408/model.json',
      'tfjs/BryanBac': 'tfjs/BryanBac/model.json',
    }
    const all = hasCases ? JSON.parse(readFileSync(join(cases, 'models', 'expected-outputs.json'), 'utf8')) : {}
    for (const name of Object.keys(all).filter(each => !each.startsWith('onnx'))) {
      test(name, async () => {
        const model = await loadModel(join(cases, 'models', files[name] ?? name))
        const pictures = gunzipSync(readFileSync(join(data, 'mnist', 't10k-images-idx3-ubyte.gz'))).subarray(
          16,
          16 + 32 * 784,
        )
        const { shape } = model.model.inputs[0]!
        const output = await model.predict({
          data: Float32Array.from(pictures, byte => byte / 255),
          shape: [32, ...shape],
        })
        const expected: number[][] = all[name].expected_first32
        for (const [at, value] of expected.flat().entries())
          expect(Math.abs(output.data[at]! - value)).toBeLessThanOrEqual(1e-5)
      })
    }

    test('a model of an own class is refused by its name', async () => {
      await expect(loadModel(join(cases, 'models', 'keras', 'keras-team_nested_container.keras'))).rejects.toThrow(
        /class of its own, legacy_nested_container>NestedDenseModel/,
      )
    })
  },
)
