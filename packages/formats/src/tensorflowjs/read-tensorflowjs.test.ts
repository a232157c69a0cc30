/** Models of TensorFlow.js are put together of all their files, and Teachable Machine's know their classes and pictures. */
import type { JsonRecord } from 'fovea/internal/base/json'
import type { ModelConfig } from 'fovea/internal/network/saved-config'
import type { ModelFile } from 'fovea/internal/store/model-file'
import { openedBytes } from 'fovea/internal/store/model-formats'
import { openedAmong } from 'fovea/internal/store/opened-file'
import { describe, expect, it } from 'vitest'
import { zipOf } from '../containers/zip-writer.ts'
import { readDownload } from './read-download.ts'
import { readTensorflowjs } from './read-tensorflowjs.ts'

const text = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json))
const bytesOf = (...numbers: number[]): Uint8Array => new Uint8Array(Float32Array.from(numbers).buffer)

const topology = (shape: readonly number[] = [2]): JsonRecord => ({
  keras_version: 'tfjs-layers 1.7.4',
  class_name: 'Sequential',
  config: [
    ...(shape.length > 1
      ? [{ class_name: 'Flatten', config: { name: 'f', batch_input_shape: [null, ...shape] } }]
      : []),
    {
      class_name: 'Dense',
      config: { name: 'd', units: 2, activation: 'softmax', batch_input_shape: [null, ...shape] },
    },
  ],
})
const manifest = (
  inputs = 2,
  more: JsonRecord = {},
  paths: readonly string[] = ['./one.bin', 'two.bin'],
): readonly JsonRecord[] => [
  {
    paths,
    weights: [
      { name: 'd/kernel', shape: [inputs, 2], dtype: 'float32', ...more },
      { name: 'd/bias', shape: [2], dtype: 'float32' },
    ],
  },
]
async function read(model: JsonRecord, files: Readonly<Record<string, Uint8Array>> = {}): Promise<ModelFile> {
  const all: Record<string, Uint8Array> = { ...files, 'm/model.json': text(model) }
  return readTensorflowjs(
    await openedAmong(async path => (Object.hasOwn(all, path) ? all[path] : undefined), 'm/model.json'),
  )
}
const data = ({ weights }: ModelFile): number[][] => weights.map(each => [...each.data])

describe('shards', () => {
  const model = { modelTopology: topology(), weightsManifest: manifest() }
  const whole = bytesOf(1, 2, 3, 4, 5, 6)

  it.each([4, 7, 16, 23])('may end anywhere, as after %i bytes', async at => {
    const file = await read(model, { 'm/one.bin': whole.slice(0, at), 'm/two.bin': whole.slice(at) })
    expect(data(file)).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ])
    expect(file.writer).toBe('tfjs-layers 1.7.4')
  })

  it('that are missing are named, those that do not fit too', async () => {
    await expect(read(model, { 'm/two.bin': whole })).rejects.toThrow(/missing: one\.bin\.[\s\S]*same folder/)
    await expect(read(model, { 'm/one.bin': whole, 'm/two.bin': whole.slice(0, 4) })).rejects.toThrow(
      /28 bytes of weights, of which 24/,
    )
    await expect(read(model, { 'm/one.bin': whole.slice(4), 'm/two.bin': whole.slice(0, 0) })).rejects.toThrow(
      /end within d\/bias/,
    )
  })

  it('are read from the folder of the model and nowhere else', async () => {
    for (const path of ['../one.bin', '/etc/passwd', 'https://a.example/one.bin', 'a/../../b'])
      await expect(read({ ...model, weightsManifest: manifest(2, {}, [path]) })).rejects.toThrow(
        /outside of its folder/,
      )
  })

  it('of quantized weights are put back', async () => {
    const quantized = { quantization: { dtype: 'uint8', scale: 0.5, min: -1 } }
    const bytes = new Uint8Array(4 + 8)
    bytes.set([0, 1, 2, 255])
    bytes.set(bytesOf(5, 6), 4)
    const file = await read({ ...model, weightsManifest: manifest(2, quantized, ['one.bin']) }, { 'm/one.bin': bytes })
    expect(data(file)).toEqual([
      [-1, -0.5, 0, 126.5],
      [5, 6],
    ])
    const odd = { ...model, weightsManifest: manifest(2, { quantization: { dtype: 'uint8' } }, ['one.bin']) }
    await expect(read(odd, { 'm/one.bin': bytes })).rejects.toThrow(/without a scale/)
    for (const dtype of ['string', 'complex64', 'constructor'])
      await expect(
        read({ ...model, weightsManifest: manifest(2, { dtype }, ['one.bin']) }, { 'm/one.bin': bytes }),
      ).rejects.toThrow(/none of numbers/)
  })

  it('of sizes that cannot be are refused before memory is taken', async () => {
    for (const shape of [
      [2 ** 40, 2 ** 40],
      [-1, 2],
      [1.5, 2],
      ['2', 2],
    ])
      await expect(
        read({ ...model, weightsManifest: manifest(2, { shape }, ['one.bin']) }, { 'm/one.bin': whole }),
      ).rejects.toThrow(/damaged/)
  })
})

describe('a picture model of Teachable Machine', () => {
  const model = { modelTopology: topology([4, 4, 1]), weightsManifest: manifest(16, {}, ['weights.bin']) }
  const files = {
    'model.json': text(model),
    'weights.bin': bytesOf(...Array.from({ length: 34 }, (_, at) => at)),
    'metadata.json': text({
      tmVersion: '2.4.4',
      packageName: '@teachablemachine/image',
      labels: ['노마스크', '마스크'],
      imageSize: 4,
    }),
  }

  it('comes with the names of its classes, and takes bytes', async () => {
    const file = await readDownload({ bytes: await zipOf(files), source: 'a.zip' })
    expect(file.classNames).toEqual(['노마스크', '마스크'])
    expect(file.preprocess).toEqual({ shape: [4, 4, 1], channels: 'grey', resize: 'cover' })
    const { layers } = file.model as unknown as ModelConfig
    expect(layers.map(({ type }) => type)).toEqual(['Rescaling', 'Flatten', 'Dense'])
    expect(layers[0]!.config).toEqual({ scale: 1 / 127, offset: -1 })
    expect(file.notes?.join()).toMatch(/x \/ 127 − 1/)
  })

  it('may lie in a folder of the archive, but only one of them', async () => {
    const inFolder = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`my model/${name}`, bytes]))
    expect((await readDownload({ bytes: await zipOf(inFolder), source: 'a.zip' })).classNames).toHaveLength(2)
    await expect(readDownload({ bytes: await zipOf({ ...files, ...inFolder }), source: 'a.zip' })).rejects.toThrow(
      /several models[\s\S]*my model\/model\.json/,
    )
    await expect(readDownload({ bytes: await zipOf({ 'a.tflite': bytesOf(1) }), source: 'a.zip' })).rejects.toThrow(
      /no model/,
    )
  })

  it('whose metadata are of another model is refused; of poses only the names are taken', async () => {
    const other = { ...files, 'metadata.json': text({ tmVersion: '2', labels: ['a', 'b', 'c'] }) }
    await expect(readDownload({ bytes: await zipOf(other), source: 'a.zip' })).rejects.toThrow(
      /of another model[\s\S]*2 classes/,
    )
    const poses = {
      ...files,
      'metadata.json': text({ tmVersion: '2', packageName: '@teachablemachine/pose', labels: ['a', 'b'] }),
    }
    const file = await readDownload({ bytes: await zipOf(poses), source: 'a.zip' })
    expect([file.classNames, file.preprocess, file.notes]).toEqual([['a', 'b'], undefined, undefined])
  })
})

it('graph models, weights alone and text are told as what they are', async () => {
  await expect(read({ format: 'graph-model', modelTopology: { node: [] } })).rejects.toThrow(
    /graph model[\s\S]*\.keras/,
  )
  await expect(read({ weightsManifest: [] })).rejects.toThrow(/without a network/)
  await expect(readTensorflowjs(openedBytes(new TextEncoder().encode('{"a'), 'm.json'))).rejects.toThrow(
    /not a record in JSON/,
  )
})
