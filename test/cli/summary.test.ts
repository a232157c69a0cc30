/** `fovea summary`: the published parameter counts to the digit, for people and as a document; of recipes, networks and saved models. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { SummaryDocument } from '../../packages/cli/src/command/documents.ts'
import { summaryDocument } from '../../packages/cli/src/verbs/summary.ts'
import { modelToConfig } from '../../packages/fovea/src/network/config.ts'
import { initialWeights } from '../../packages/fovea/src/network/weights.ts'
import { zoo } from '../../packages/fovea/src/network/zoo/zoo.ts'
import { encodeModelFile } from '../../packages/fovea/src/store/model-encoder.ts'
import { callFovea } from './fovea-call.testing.ts'
import { ensureBuilt, fovea, temporaryFolder } from './fovea-process.testing.ts'

beforeAll(ensureBuilt, 120_000)

const published: [keyof typeof zoo, number, number][] = [
  ['mnist-mlp', 669_706, 0],
  ['mnist-cnn', 220_234, 0],
  ['mnist-cnn-course', 120_586, 0],
  ['fashion-lenet', 61_610, 0],
  ['lenet5', 61_718, 12],
  ['cifar10-mlp', 3_590_642, 0],
  ['cifar10-cnn', 528_054, 0],
  ['cifar10-cnn-small', 226_390, 0],
  ['cifar10-cnn-small-8', 181_334, 0],
  ['cifar10-cnn-wide', 1_628_214, 0],
  ['cifar10-cnn-optimized', 308_394, 896],
  ['alexnet', 62_378_344, 0],
  ['alexnet-grouped', 60_965_224, 0],
  ['vgg16', 138_357_544, 0],
  ['googlenet', 6_998_552, 0],
  ['googlenet-auxiliary', 13_378_280, 0],
]

test.each(published)('%s has %i trained parameters and %i others', (name, trainable, nonTrainable) => {
  const { params, layers } = summaryDocument(zoo[name].build(), false)
  expect(params).toEqual({ total: trainable + nonTrainable, trainable, nonTrainable })
  expect(layers.reduce((sum, layer) => sum + layer.params, 0)).toBe(params.total)
})

describe('the command', () => {
  test('--json prints the document', async () => {
    const { code, stdout } = await fovea(['summary', 'mnist-cnn', '--json'])
    const document = JSON.parse(stdout) as SummaryDocument
    expect(code).toBe(0)
    expect(document.params.total).toBe(220_234)
    const convolution = document.layers.find(layer => layer.type === 'Conv2D')
    expect(convolution).toEqual({ name: 'conv2d', type: 'Conv2D', outputShape: [null, 28, 28, 32], params: 320 })
  })

  test('people get the table, with formulas when asked', async () => {
    const { stdout } = await callFovea(['summary', 'mnist-cnn', '--formulas'])
    expect(stdout).toContain('Total params: 220,234')
    expect(stdout).toContain('(None, 28, 28, 32)')
    expect(stdout).toContain('32 × (3 × 3 × 1) + 32')
    expect(stdout).toContain('Next: fovea train mnist-cnn')
  })

  test('a recipe in a file is checked as train checks it', async () => {
    const folder = temporaryFolder()
    const written = JSON.parse((await callFovea(['recipes', 'cifar10-cnn-small', '--json', '--quiet'])).stdout)
    const summaryOf = async (changes: object) => {
      writeFileSync(join(folder, 'my.json'), JSON.stringify({ ...written, ...changes }))
      const summary = await callFovea(['summary', 'my.json'], { cwd: folder })
      const trained = await callFovea(['train', 'my.json', '--offline'], { cwd: folder })
      return { summary, trained }
    }
    const grey = { ...written.preprocess, shape: [28, 28, 1], channels: 'grey' }
    const wrong = [
      [{ dataset: 'cifar-100' }, '100 outputs, one for each class'],
      [{ optimizer: { type: 'Adam', config: { learningRat: 1 } } }, 'did you mean "learningRate"?'],
      [{ loss: 'crossentropi' }, 'crossentropi'],
      [{ preprocess: grey }, 'received: (28, 28, 1), as preprocess makes them'],
    ] as const
    for (const [changes, said] of wrong) {
      const { summary, trained } = await summaryOf(changes)
      expect(summary.stdout).toContain('Total params:')
      expect(summary.stderr).toContain('my.json cannot be trained as it stands:')
      expect([summary.code, trained.code]).toEqual([1, 1])
      for (const { stderr } of [summary, trained]) expect(stderr).toContain(said)
    }
  })

  test('pictures that preprocessing makes fit are told', async () => {
    const folder = temporaryFolder()
    const written = JSON.parse((await callFovea(['recipes', 'mnist-mlp', '--json', '--quiet'])).stdout)
    writeFileSync(join(folder, 'my.json'), JSON.stringify({ ...written, dataset: 'cifar-10' }))
    const { code, stderr } = await callFovea(['summary', 'my.json'], { cwd: folder })
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        'Note: Colour 32×32 pictures of cifar-10 go into a 28×28×1 network: preprocess makes them fit (resize "contain").\n',
    })
  })

  test('branches show what they are connected to', async () => {
    const { stdout } = await callFovea(['summary', 'googlenet'])
    expect(stdout).toContain('Connected to')
  })

  test('saved models and written configurations are summarised like their recipes', async () => {
    const folder = temporaryFolder()
    const model = zoo['fashion-lenet'].build()
    const weights = initialWeights(model, 1)
    const file = {
      model: JSON.parse(JSON.stringify(modelToConfig(model))),
      weights: model.weights.map(({ name, shape }) => ({ name, shape, data: weights[name]! })),
    }
    writeFileSync(join(folder, 'best.safetensors'), encodeModelFile(file))
    writeFileSync(join(folder, 'model.json'), JSON.stringify(modelToConfig(model)))
    const expected = summaryDocument(model, false)
    for (const word of ['best.safetensors', 'model.json', '.']) {
      const { stdout, stderr } = await callFovea(['summary', word, '--json', '--quiet'], { cwd: folder })
      expect(stderr).toBe('')
      expect(JSON.parse(stdout)).toEqual(expected)
    }
  })

  test('a folder without a model and a damaged file say what was expected', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'notes.txt'), 'nothing')
    const empty = await callFovea(['summary', folder])
    writeFileSync(join(folder, 'broken.safetensors'), 'nothing')
    expect(empty).toMatchObject({ code: 1, stderr: expect.stringMatching(/folder without a model[\s\S]*expected/) })
    const broken = await callFovea(['summary', join(folder, 'broken.safetensors')])
    expect(broken).toMatchObject({ code: 1, stderr: expect.stringContaining('broken.safetensors') })
  })
})
