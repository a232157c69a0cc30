/** Several models in one call: `predict` gives the mean of what they say, `evaluate` measures each and the mean. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EvaluateDocument } from '../../packages/cli/src/command/documents.ts'
import type { EnsembleDocument } from '../../packages/cli/src/command/ensemble-documents.ts'
import type { PredictDocument } from '../../packages/cli/src/command/predict-documents.ts'
import { readCsv } from '../../packages/fovea/src/base/csv.ts'
import {
  conv2d,
  dense,
  flatten,
  generateShapes,
  loadPredictor,
  rescaling,
  sequential,
} from '../../packages/fovea/src/index.ts'
import { pngBytes } from '../../packages/pictures/src/png-bytes.testing.ts'
import { callFovea } from './fovea-call.testing.ts'

let folder: string
const at = (name: string): string => join(folder, name)
const { classNames } = generateShapes({ train: 10, test: 10 })

async function saved(name: string, seed: number, names: readonly string[], side = 28): Promise<void> {
  const model = sequential(
    [
      rescaling({ scale: 1 / 255, inputShape: [side, side, 1] }),
      conv2d({ filters: 2, kernelSize: 5, strides: 4 }),
      flatten(),
      dense({ units: names.length, activation: 'softmax' }),
    ],
    { seed },
  )
  model.classNames = names
  model.preprocess = { shape: [side, side, 1], channels: 'grey', resize: 'stretch' }
  writeFileSync(at(name), await model.toBytes())
}

function picture(name: string, seed: number): void {
  const data = Uint8Array.from({ length: 30 * 24 * 3 }, (_, index) => (index * seed) % 251)
  mkdirSync(at('photos'), { recursive: true })
  writeFileSync(at(name), pngBytes({ width: 30, height: 24, channels: 3, data }))
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-ensemble-'))
  await saved('a.safetensors', 1, classNames)
  await saved('b.safetensors', 2, classNames, 20)
  await saved('turned.safetensors', 3, classNames.toReversed())
  await saved('others.safetensors', 4, ['cat', 'dog'])
  for (const seed of [7, 11, 13, 17]) picture(`photos/${seed}.png`, seed)
})
afterAll(() => rmSync(folder, { recursive: true }))

const all = ['a.safetensors', 'b.safetensors', 'turned.safetensors']
const call = (verb: string, ...words: string[]) => callFovea([verb, ...words, '--threads', '1'])

describe('predict', () => {
  test('gives the mean of several models, by the names of the classes, and what each says', async () => {
    const { stdout } = await call('predict', ...all.map(at), at('photos/7.png'), '--json')
    const document = JSON.parse(stdout) as PredictDocument
    expect([document.model, document.ensemble]).toEqual([at(all[0]!), all.map(at)])
    const [{ probabilities, each, probability, className }] = document.predictions as [
      PredictDocument['predictions'][0],
    ]
    for (const [index, name] of classNames.entries())
      expect(probabilities[index], name).toBeCloseTo(
        each!.reduce((sum, own) => sum + own.probabilities[index]!, 0) / 3,
        12,
      )
    expect(className).toBe(classNames[probabilities.indexOf(probability)])
    for (const [index, file] of all.entries()) {
      const alone = await loadPredictor(at(file))
      const answer = await alone.classify(at('photos/7.png'))
      expect(each![index]).toMatchObject({ model: at(file), className: answer[0].className })
      expect(each![index]!.probability).toBeCloseTo(answer[0].probability, 6)
      await alone.dispose()
    }
  })

  test('tells people where the models differ, and puts it into tables', async () => {
    const models = all.map(at)
    const one = await call('predict', ...models, at('photos/7.png'))
    for (const model of models) expect(one.stdout).toMatch(new RegExp(`^ {2}${model}: \\w+ [\\d.]+ %$`, 'm'))
    const several = await call('predict', ...models, at('photos'))
    expect(several.stdout).toMatch(/The models do not all say the same of \d of them\./)
    const { stdout } = await call('predict', ...models, at('photos'), '--csv', '--top', '1')
    const table = readCsv(stdout, 'the answers')
    expect(table.names.slice(-2)).toEqual([`class by ${models[2]}`, `probability by ${models[2]}`])
    expect(table.rows).toHaveLength(4)
  })

  test('refuses models of other classes', async () => {
    const { code, stderr } = await call('predict', at('a.safetensors'), at('others.safetensors'), at('photos'))
    expect([code, stderr]).toEqual([1, expect.stringMatching(/others\.safetensors tells other classes apart than/)])
  })
})

describe('evaluate', () => {
  const measured = async (...words: string[]) =>
    JSON.parse((await call('evaluate', ...words, '--dataset', 'shapes', '--limit', '200', '--json')).stdout)

  test('measures each as alone, and their mean', async () => {
    const document = (await measured(at('a.safetensors'), at('b.safetensors'))) as EnsembleDocument
    expect(document).toMatchObject({ dataset: 'shapes', samples: 200, classNames })
    for (const own of document.models) {
      const alone = (await measured(own.model)) as EvaluateDocument
      expect(own.accuracy).toBeCloseTo(alone.accuracy, 6)
      expect(own.logLoss).toBeCloseTo(alone.loss, 5)
    }
    const { models, mean, gain, disagreement, confusionMatrix } = document
    expect(gain).toBeCloseTo(mean.accuracy - (models[0]!.accuracy + models[1]!.accuracy) / 2, 12)
    expect(disagreement).toBeGreaterThan(0)
    expect(confusionMatrix.reduce((sum, row, index) => sum + row[index]!, 0) / 200).toBeCloseTo(mean.accuracy, 12)
    const views = (await measured(at('a.safetensors'), at('b.safetensors'), '--views', 'mirror')) as EnsembleDocument
    expect(views.models[0]).toMatchObject({ views: 'mirror' })
    expect(views.models[0]!.logLoss).not.toBe(models[0]!.logLoss)
  })

  test('says in words what the mean gains', async () => {
    const words = [at('a.safetensors'), at('b.safetensors'), '--dataset', 'shapes', '--limit', '200']
    const { stdout } = await call('evaluate', ...words)
    expect(stdout).toMatch(/^2 models on 200 test pictures of shapes/)
    expect(stdout).toMatch(/\nmean of 2 .*%/)
    expect(stdout).toMatch(/The mean is .* its members on average, and .* the best of them\./)
    expect(stdout).toMatch(/They do not all say the same of [\d.]+ % of the pictures/)
  })

  test('refuses a data set of another order of classes, and the same model twice', async () => {
    const turned = await call('evaluate', at('a.safetensors'), at('turned.safetensors'), '--dataset', 'shapes')
    expect(turned.stderr).toMatch(/turned\.safetensors tells other classes apart than those of shapes/)
    const twice = await call('evaluate', at('a.safetensors'), at('a.safetensors'), '--dataset', 'shapes')
    expect(twice.stderr).toMatch(/is named twice/)
  })
})
