/** Classifiers that need nothing of Fovea: the same bits as `predict`, in fewer bits close to them, and what cannot be one. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ExportDocument } from '../../packages/cli/src/command/documents.ts'
import {
  add,
  batchNormalization,
  conv2d,
  dense,
  depthwiseConv2d,
  flatten,
  model as functional,
  globalAveragePooling2d,
  input,
  loadPredictor,
  maxPooling2d,
  memorySource,
  rescaling,
  sequential,
} from '../../packages/fovea/src/index.ts'
import { encodeSamples } from '../../packages/fovea/src/run/samples.ts'
import { callFovea } from './fovea-call.testing.ts'
import { ensureBuilt } from './fovea-process.testing.ts'

let folder: string
const at = (name: string): string => join(folder, name)
beforeAll(() => {
  ensureBuilt()
  folder = mkdtempSync(join(tmpdir(), 'fovea-export-'))
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const begin = () => rescaling({ scale: 1 / 255, inputShape: [16, 16, 3] })
const networks = {
  dense: () => [
    begin(),
    flatten(),
    dense({ units: 40, activation: 'tanh' }),
    dense({ units: 3, activation: 'softmax' }),
  ],
  convolutional: () => [
    begin(),
    conv2d({ filters: 12, kernelSize: 3, padding: 'same', useBias: false }),
    batchNormalization(),
    conv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
    maxPooling2d(),
    depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
    globalAveragePooling2d(),
    dense({ units: 3, activation: 'softmax' }),
  ],
  logits: () => [begin(), conv2d({ filters: 8, kernelSize: 3, strides: 2 }), flatten(), dense({ units: 3 })],
  sigmoid: () => [begin(), flatten(), dense({ units: 1, activation: 'sigmoid' })],
  // Wide enough for Winograd's algorithm, on pictures above what reports carry.
  wide: () => [
    rescaling({ scale: 1 / 255, inputShape: [80, 96, 3] }),
    conv2d({ filters: 32, kernelSize: 3, padding: 'same', strides: 2, activation: 'relu' }),
    conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' }),
    globalAveragePooling2d(),
    dense({ units: 3, activation: 'softmax' }),
  ],
} as const

async function saved(name: keyof typeof networks) {
  const model = sequential([...networks[name]()], { seed: 3 })
  model.classNames = name === 'sigmoid' ? ['cat', 'dog'] : ['cat', 'dog', "bird's nest"]
  await model.save(at(`${name}.safetensors`))
  return model
}

const picture = {
  width: 50,
  height: 41,
  channels: 3,
  data: Uint8Array.from({ length: 50 * 41 * 3 }, (_, index) => (index * 37 + (index >> 5)) & 255),
} as const

describe.each(Object.keys(networks) as (keyof typeof networks)[])('%s', name => {
  test('.wasm and .js classify with the bits of the model, alone and in a batch, on one thread and two', async () => {
    const model = await saved(name)
    const alone = await model.classify(picture)
    const [inBatch] = await model.classify(Array.from({ length: 32 }, () => picture))
    expect(inBatch).toEqual(alone)
    for (const threads of [1, 2]) {
      const predictor = await loadPredictor(at(`${name}.safetensors`), { threads })
      expect(await predictor.classify(picture)).toEqual(alone)
      await predictor.dispose()
    }
    for (const to of [`${name}.wasm`, `${name}.mjs`])
      expect((await callFovea(['export', at(`${name}.safetensors`), '--to', at(to)])).code).toBe(0)
    const file = await import(pathToFileURL(at(`${name}.mjs`)).href)
    expect(await file.classify(picture)).toEqual(alone)
    expect(file.classNames).toEqual(model.classNames)
    const { loadClassifier, classifierOf } = await import(pathToFileURL(at(`${name}.wasm.mjs`)).href)
    const module = new WebAssembly.Module(readFileSync(at(`${name}.wasm`)))
    for (const classifier of [classifierOf(module), await loadClassifier(readFileSync(at(`${name}.wasm`)))]) {
      expect(await classifier.classify(picture)).toEqual(alone)
      expect(await classifier.classify(picture, { top: 1 })).toEqual([alone[0]])
    }
    await model.dispose()
  })
})

test('with weights in fewer bits it is smaller, and says what that costs or that it is not known', async () => {
  const model = await saved('convolutional')
  await model.dispose()
  const sizes: number[] = []
  for (const weights of ['float32', 'float16', 'int8']) {
    const call = await callFovea([
      'export',
      at('convolutional.safetensors'),
      '--to',
      at('w.wasm'),
      '--weights',
      weights,
      '--json',
    ])
    const document = JSON.parse(call.stdout) as ExportDocument
    expect(document).toMatchObject({ format: 'classifier', files: [{ file: at('w.wasm') }, {}, {}] })
    expect(document.accuracy).toBeUndefined()
    sizes.push(document.files[0]!.bytes)
  }
  expect(sizes.toSorted((a, b) => b - a)).toEqual(sizes)
  const text = await callFovea(['export', at('convolutional.safetensors'), '--to', at('w.js'), '--weights', 'int8'])
  expect(text.stdout).toContain('what that costs is not measured: the test pictures are not here')
})

test('a page holds model and script, and asks for nothing from elsewhere', async () => {
  await (await saved('dense')).dispose()
  expect((await callFovea(['export', at('dense.safetensors'), '--to', at('page.html')])).code).toBe(0)
  const html = readFileSync(at('page.html'), 'utf8')
  expect(html).toContain("default-src 'none'")
  expect(html).toContain('bird')
  expect(html).not.toMatch(/(?:src|href)="(?!data:|#)/)
})

test('what cannot be: several inputs, options of other kinds, bits that a page has not', async () => {
  const [one, other] = [input({ shape: [4, 4, 3] }), input({ shape: [4, 4, 3] })]
  const both = dense({ units: 2, activation: 'softmax' })(flatten()(add()([one, other])))
  const two = functional({ inputs: [one, other], outputs: [both] })
  await two.save(at('two.safetensors'))
  const refused = async (...words: string[]) => {
    const { code, stderr } = await callFovea(['export', ...words])
    return `${code} ${stderr}`
  }
  expect(await refused(at('two.safetensors'), '--to', at('two.wasm'))).toMatch(/^1 .*no classifier of single pictures/s)
  await (await saved('dense')).dispose()
  const dense_ = at('dense.safetensors')
  expect(await refused(dense_, '--to', at('d.onnx'), '--weights', 'int8')).toMatch(/^2 .*--weights is of classifiers/s)
  expect(await refused(dense_, '--to', at('d.js'), '--layout', 'nchw')).toMatch(/^2 .*--layout is of ONNX/s)
  expect(await refused(dense_, '--to', at('d.html'), '--weights', 'int8')).toMatch(/^2 .*32 or 16 bits/s)
})

test('a module that is none is told', async () => {
  await (await saved('dense')).dispose()
  await callFovea(['export', at('dense.safetensors'), '--to', at('told.wasm')])
  const { loadClassifier } = await import(pathToFileURL(at('told.wasm.mjs')).href)
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
  await expect(loadClassifier(empty)).rejects.toThrow('no classifier that `fovea export` wrote')
  const classifier = await loadClassifier(readFileSync(at('told.wasm')))
  expect(() => classifier.probabilities([1, 2])).toThrow('768 bytes, and 2 were given')
  await expect(classifier.classify(new Uint8Array([1, 2]))).rejects.toThrow(
    'The bytes of a file cannot be decoded here',
  )
  writeFileSync(at('none.txt'), '')
})

test('without the test pictures, those that the run keeps are asked', async () => {
  const model = await saved('dense')
  await model.dispose()
  const shape = [16, 16, 3] as const
  const data = Uint8Array.from({ length: 12 * 768 }, (_, index) => (index * 91 + (index >> 6)) & 255)
  const part = memorySource({
    shape,
    classNames: model.classNames!,
    images: data,
    labels: data.slice(0, 12).map(value => value % 3),
  })
  mkdirSync(at('run'))
  copyFileSync(at('dense.safetensors'), at('run/model.safetensors'))
  writeFileSync(at('run/samples.safetensors'), await encodeSamples({ train: part, test: part }, model.model, 1))
  const words = ['export', at('run/model.safetensors'), '--to', at('kept.wasm'), '--weights', 'float16']
  const { agreement } = JSON.parse((await callFovea([...words, '--json'])).stdout) as ExportDocument
  expect(agreement).toEqual({ pictures: 24, same: 24 })
  expect((await callFovea(words)).stdout).toContain('Of 24 pictures that the run keeps, 24 get the same class.')
})

test('names in capitals are the same formats', async () => {
  await (await saved('dense')).dispose()
  const call = await callFovea(['export', at('dense.safetensors'), '--to', at('CAPITAL.WASM'), '--json'])
  const { files } = JSON.parse(call.stdout) as ExportDocument
  expect(files.map(({ file }) => file)).toEqual(['', '.mjs', '.d.mts'].map(end => at(`CAPITAL.WASM${end}`)))
  expect(readFileSync(at('CAPITAL.WASM')).subarray(0, 4).toString('latin1')).toBe('\0asm')
})
