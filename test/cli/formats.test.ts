/** `fovea inspect` and `fovea export`: models of any program looked at and written, as documents, for people, and refused. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ExportDocument, InspectDocument } from '../../packages/cli/src/command/documents.ts'
import {
  batchNormalization,
  conv2d,
  dense,
  encodeSafetensors,
  globalAveragePooling2d,
  loadModel,
  sequential,
} from '../../packages/fovea/src/index.ts'
import { callFovea } from './fovea-call.testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'fovea-formats-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string): string => join(folder, name)
const picture = { shape: [1, 8, 8, 3], data: Float32Array.from({ length: 192 }, (_, index) => (index * 37) % 256) }

beforeAll(async () => {
  const model = sequential([
    conv2d({ filters: 4, kernelSize: 3, padding: 'same', inputShape: [8, 8, 3] }),
    batchNormalization(),
    globalAveragePooling2d(),
    dense({ units: 2, activation: 'softmax' }),
  ])
  model.classNames = ['cat', 'owl']
  model.preprocess = { shape: [8, 8, 3], channels: 'rgb', resize: 'cover' }
  await model.save(at('m.safetensors'))
  await model.dispose()
  writeFileSync(at('picture.png'), Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0))
  const tensors = [{ name: 'conv.weight', shape: [2, 3], data: new Float32Array(6) }]
  writeFileSync(at('torch.safetensors'), encodeSafetensors({ metadata: { format: 'pt' }, tensors }))
})

async function documentOf<Document>(...words: readonly string[]): Promise<Document> {
  const { code, stdout, stderr } = await callFovea([...words, '--json', '--quiet'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Document
}

describe('inspect', () => {
  test('people see what it is, its ends, classes, pictures and layers', async () => {
    const { code, stdout } = await callFovea(['inspect', at('m.safetensors')])
    expect(code).toBe(0)
    expect(stdout).toMatch(/m\.safetensors: a safetensors file, [\d.]+ KB, written by Fovea/)
    expect(stdout).toMatch(/Inputs +input\S* 8×8×3/)
    expect(stdout).toMatch(/Outputs +\S+ 2$/m)
    expect(stdout).toMatch(/Classes +2: cat, owl/)
    expect(stdout).toMatch(/Pictures +8×8, rgb, cover/)
    expect(stdout).toMatch(/Weights +8 tensors, 138 numbers/)
    expect(stdout).toContain('global_average_pooling2d')
  })

  test('a document says the same', async () => {
    const document = await documentOf<InspectDocument>('inspect', at('m.safetensors'))
    expect(document).toMatchObject({
      format: 'safetensors',
      bytes: readFileSync(at('m.safetensors')).length,
      inputs: [{ shape: [8, 8, 3] }],
      classNames: ['cat', 'owl'],
      params: { total: 138, trainable: 130, nonTrainable: 8 },
    })
    expect(document.weights).toContainEqual({ name: 'dense/bias', shape: [2] })
  })

  test('weights without a network are listed', async () => {
    const { stdout } = await callFovea(['inspect', at('torch.safetensors')])
    expect(stdout).toMatch(/holds weights, and no network[\s\S]*conv\.weight \(2, 3\)/)
    expect(stdout).toContain('written by PyTorch')
  })

  test('what is no model is said to be what it is, with exit code 1', async () => {
    writeFileSync(at('notes.bin'), 'a text that somebody wrote')
    const { code, stdout, stderr } = await callFovea(['inspect', at('notes.bin')])
    expect(code).toBe(1)
    expect(stdout).toMatch(/notes\.bin: a text file/)
    expect(stderr).toMatch(/is not a model that can be read/)
  })
})

describe('export', () => {
  const predicted = async (path: string): Promise<number[]> => {
    const model = await loadModel(path)
    const { data } = await model.predict(picture)
    await model.dispose()
    return [...data]
  }

  test.each([
    ['m.onnx', 'ONNX'],
    ['m.keras', 'Keras'],
    ['model.json', 'TensorFlow.js'],
  ])('%s is written, looked at, and predicts the same', async (name, format) => {
    const written = await documentOf<ExportDocument>('export', at('m.safetensors'), '--to', at(name))
    expect(written.format).toBe(format)
    for (const { file, bytes } of written.files) expect(readFileSync(file).length).toBe(bytes)
    const { writer, classNames } = await documentOf<InspectDocument>('inspect', at(name))
    expect(writer).toMatch(/fovea/i)
    expect(classNames).toEqual(['cat', 'owl'])
    const [first, again] = [await predicted(at('m.safetensors')), await predicted(at(name))]
    for (const [index, value] of first.entries()) expect(Math.abs(value - again[index]!)).toBeLessThan(1e-6)
  })

  test('what changes nothing is said', async () => {
    const rows = sequential([dense({ units: 2, inputShape: [4] })])
    await rows.save(at('rows.safetensors'))
    await rows.dispose()
    const words = ['--layout', 'nchw', '--batch-norm', 'folded', '--input', 'uint8']
    const { code, stderr } = await callFovea(['export', at('rows.safetensors'), '--to', at('rows.onnx'), ...words])
    expect(code).toBe(0)
    expect(stderr.match(/^Note: --(layout|input|batch-norm) has no effect here/gm)).toHaveLength(3)
  })

  test('ONNX with its channels first, batch normalization folded, bytes in', async () => {
    const words = ['--layout', 'nchw', '--batch-norm', 'folded', '--input', 'uint8']
    await documentOf('export', at('m.safetensors'), '--to', at('other.onnx'), ...words)
    const { layers } = await documentOf<InspectDocument>('inspect', at('other.onnx'))
    expect(layers!.map(({ type }) => type)).not.toContain('BatchNormalization')
  })

  test.each([
    ['nothing to write', ['export', 'm.safetensors'], 2, /--to FILE[\s\S]*--to model\.onnx/],
    [
      'options of another format',
      ['export', 'm.safetensors', '--to', 'a.keras', '--layout', 'nchw'],
      2,
      /of ONNX files/,
    ],
    ['the model itself', ['export', 'm.safetensors', '--to', 'm.safetensors'], 1, /is the model itself/],
    [
      'a format that is not written',
      ['export', 'm.safetensors', '--to', 'a.tflite'],
      1,
      /would not be a \.tflite file/,
    ],
    ['a picture', ['export', 'picture.png', '--to', 'a.onnx'], 2, /is a picture/],
    ['weights alone', ['export', 'torch.safetensors', '--to', 'a.onnx'], 1, /network/],
  ])('%s: refused, and nothing is written', async (_, words, expected, said) => {
    const inFolder = words.map(word => (/\.\w+$/.test(word) ? at(word) : word))
    const before = readFileSync(at('m.safetensors'))
    const { code, stderr } = await callFovea(inFolder)
    expect(code).toBe(expected)
    expect(stderr).toMatch(said)
    expect(readFileSync(at('m.safetensors'))).toEqual(before)
    for (const name of ['a.onnx', 'a.keras', 'a.tflite']) expect(existsSync(at(name))).toBe(false)
  })
})
