/**
 * ONNX files of other people, against what ONNX Runtime recorded of them: outputs within the tolerance that stands there, and the refusals.
 * They lie in the folder FOVEA_CASES, the digits in FOVEA_DATA.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { loadModel, readPicture, UserError } from 'fovea'
import { describe, expect, it } from 'vitest'

const cases = process.env['FOVEA_CASES'] ?? ''
const digits = join(process.env['FOVEA_DATA'] ?? '', 'mnist/t10k-images-idx3-ubyte.gz')
const outside = join(cases, 'outside')

interface Recorded {
  readonly tolerance: { readonly relative: number; readonly absolute: number }
  readonly cases: readonly { readonly name: string; readonly input: string; readonly output: Output }[]
}
interface Output {
  readonly shape: readonly number[]
  readonly first16: readonly number[]
  readonly argmax: number
  readonly max: number
  readonly sum: number
}

/** NCHW as the models take them here. */
function channelsLast(shape: readonly number[], data: ArrayLike<number>): { shape: number[]; data: Float32Array } {
  const [batch, channels, height, width] = shape as [number, number, number, number]
  const places = height * width
  const moved = Float32Array.from({ length: batch * channels * places }, (_, at) => {
    const [sample, place, channel] = [
      Math.floor(at / (channels * places)),
      Math.floor(at / channels) % places,
      at % channels,
    ]
    return data[(sample * channels + channel) * places + place]!
  })
  return { shape: [batch, height, width, channels], data: moved }
}

/** By the words of the recording. */
async function inputOf(words: string, isChannelsFirst: boolean, model: readonly number[]) {
  const ramp = /\[([\d, ]+)\]$/.exec(words)?.[1]?.split(', ').map(Number)
  if (ramp) {
    const size = ramp.reduce((product, extent) => product * extent, 1)
    const data = Float32Array.from({ length: size }, (_, i) => ((i * 7919) % 256) / 127.5 - 1)
    return isChannelsFirst ? channelsLast(ramp, data) : { shape: ramp, data }
  }
  const file = /inputs\/[\w-]+\.png/.exec(words)![0]
  const picture = await readPicture(join(outside, file))
  const channels = model[2]!
  const mean = words.includes('minus') ? [0.485, 0.456, 0.406] : [0, 0, 0]
  const deviation = words.includes('over') ? [0.229, 0.224, 0.225] : [1, 1, 1]
  const scale = words.includes('/ 255') ? 255 : 1
  const data = Float32Array.from({ length: picture.width * picture.height * channels }, (_, at) => {
    const [place, channel] = [Math.floor(at / channels), at % channels]
    return (picture.data[place * picture.channels + channel]! / scale - mean[channel]!) / deviation[channel]!
  })
  return { shape: [1, ...model], data }
}

describe.skipIf(!existsSync(outside))('ONNX files of other people (needs FOVEA_CASES)', () => {
  const recorded: Record<string, Recorded> = existsSync(outside)
    ? JSON.parse(readFileSync(join(outside, 'onnx/expected.json'), 'utf8'))
    : {}
  it.each(Object.entries(recorded))('%s', async (file, { tolerance, cases }) => {
    const model = await loadModel(join(outside, 'onnx', file))
    try {
      for (const { input, output } of cases) {
        const given = await inputOf(input, !/\[\d+, 32, 32, 3\]$|NHWC/.test(input), model.model.inputs[0]!.shape)
        const { data } = await model.predict(given)
        // Of the largest, where that is a logit.
        const most = tolerance.absolute + tolerance.relative * Math.max(...output.first16.map(Math.abs))
        for (const [at, value] of output.first16.entries())
          expect(Math.abs(data[at]! - value)).toBeLessThanOrEqual(most)
        expect(data).toHaveLength(output.shape.reduce((product, extent) => product * extent, 1))
        expect(data.indexOf(Math.max(...data))).toBe(output.argmax)
      }
    } finally {
      await model.dispose()
    }
  })

  it('names the file with weights that is missing', async () => {
    const failure = await loadModel(join(outside, 'refuse/external-data-missing.onnx')).catch(error => error)
    expect(failure).toBeInstanceOf(UserError)
    expect(failure.message).toMatch(/which are missing: mnist\.onnx\.data/)
  })

  it('names the operators that it does not have', async () => {
    const failure = await loadModel(join(outside, 'refuse/skl2onnx-treeensemble.onnx')).catch(error => error)
    expect(failure).toBeInstanceOf(UserError)
    expect(failure.message).toMatch(/does not have: TreeEnsembleClassifier \(ai\.onnx\.ml\)[\s\S]*onnxruntime-node/)
  })
})

const models = join(cases, 'models/expected-outputs.json')
describe.skipIf(!existsSync(models) || !existsSync(digits))(
  'ONNX files trained on digits (needs FOVEA_CASES, FOVEA_DATA)',
  () => {
    const recorded: [string, Record<string, number[][]>][] = existsSync(models)
      ? Object.entries<Record<string, number[][]>>(JSON.parse(readFileSync(models, 'utf8'))).filter(([name]) =>
          name.startsWith('onnx/'),
        )
      : []
    it.each(recorded)('%s', async (name, record) => {
      const [file, scale] = name.split(':') as [string, string]
      const expected = record['expected_first16'] ?? record['expected_first10']!
      const pixels = gunzipSync(readFileSync(digits)).subarray(16, 16 + expected.length * 784)
      const model = await loadModel(join(cases, 'models', file))
      try {
        const data = Float32Array.from(pixels, pixel => (scale === 'div255' ? pixel / 255 : pixel))
        const predicted = await model.predict({ shape: [expected.length, 28, 28, 1], data })
        const largest = Math.max(...expected.flat().map(Math.abs))
        const most = largest <= 1 ? 1e-5 : 1e-4 * largest
        for (const [at, value] of expected.flat().entries()) {
          expect(Math.abs(predicted.data[at]! - value)).toBeLessThanOrEqual(most)
        }
      } finally {
        await model.dispose()
      }
    })
  },
)
