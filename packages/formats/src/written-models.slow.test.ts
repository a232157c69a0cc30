/**
 * Every recipe and every layer written for Keras and TensorFlow.js and read back: the same bits of every answer, or nearly, where Fovea's
 * own words are cut out. With FOVEA_WRITTEN, a folder, the files stay there with the answers, for scripts/parity/written-models.py and .cjs.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  batchNormalization,
  conv2d,
  cosineDecay,
  dense,
  flatten,
  lion,
  loadModel,
  muon,
  nadam,
  rmsprop,
  sequential,
  sgd,
} from 'fovea'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  answersOf,
  branches,
  everyLayer,
  everyRecipe,
  samplesFor,
  withOtherWeights,
  withoutOwnWords,
  written,
  writtenFormats,
} from './written-models.testing.ts'

const kept = process.env['FOVEA_WRITTEN']
let folder = ''
beforeAll(() => {
  folder = kept ?? mkdtempSync(join(tmpdir(), 'fovea-written-'))
})
afterAll(() => {
  if (kept === undefined) rmSync(folder, { recursive: true, force: true })
})

const plain = ({ shape, data }: { readonly shape: readonly number[]; readonly data: Float32Array }) => ({
  shape,
  data: [...data],
})

test.each([...everyRecipe(), branches(), ...everyLayer()])(
  '$name',
  async ({ name, made }) => {
    await withOtherWeights(made)
    const expected = await answersOf(made)
    for (const format of writtenFormats) {
      const path = await written(made, folder, name, format)
      if (path === undefined) continue
      const read = await loadModel(path)
      expect(await answersOf(read)).toEqual(expected)
      await read.dispose()
      if (format === 'model.weights.h5') continue
      // TensorFlow.js says a Normalization as a Rescaling, which rounds otherwise.
      const others = await loadModel(await withoutOwnWords(path))
      const answers = await answersOf(others)
      for (const [output, { data }] of expected.entries())
        for (const [at, value] of data.entries())
          expect(Math.abs(answers[output]!.data[at]! - value)).toBeLessThanOrEqual(1e-6)
      await others.dispose()
    }
    if (kept !== undefined) {
      const answers = { inputs: samplesFor(made).map(plain), outputs: expected.map(plain) }
      writeFileSync(join(folder, name.replaceAll(' ', '-'), 'expected.json'), JSON.stringify(answers))
    }
    await made.dispose()
  },
  240_000,
)

const learningRate = cosineDecay({ initialLearningRate: 0.1, decaySteps: 20 })
const optimizers = {
  sgd: sgd({ learningRate: 1 }),
  nesterov: sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  scheduled: sgd({ learningRate, momentum: 0.5 }),
  decaying: sgd({ decay: 0.1, momentum: 0.5 }),
  rmsprop: rmsprop({ momentum: 0.5, centered: true }),
  adam: adam(),
  amsgrad: adam({ amsgrad: true, clipnorm: 1 }),
  averaged: adam({ useEma: true, emaMomentum: 0.9, emaOverwriteFrequency: 4 }),
  accumulated: adam({ gradientAccumulationSteps: 2 }),
  adamw: adamw(),
  adamax: adamax(),
  nadam: nadam(),
  adagrad: adagrad(),
  adadelta: adadelta({ learningRate: 1 }),
  lion: lion(),
  muon: muon({ convolutions: false }),
}

/** Two epochs, saved, and a third one: Keras does the third one from the file. */
test.each(Object.entries(optimizers))('training goes on from the file: %s', async (name, optimizer) => {
  const made = sequential(
    [
      conv2d({ filters: 3, kernelSize: 3, activation: 'tanh', kernelRegularizer: 'l2', inputShape: [6, 6, 2] }),
      batchNormalization({ momentum: 0.8 }),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
    { seed: 3 },
  )
  made.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'], threads: 1 })
  const pictures = Float32Array.from({ length: 24 * 72 }, (_, at) => ((at * 7919) % 257) / 128 - 1)
  const classes = Int32Array.from({ length: 24 }, (_, at) => (at * 5) % 3)
  const fit = (epochs: number) =>
    made.fit({ shape: [24, 6, 6, 2], data: pictures }, classes, { epochs, batchSize: 8, shuffle: false, verbose: 0 })
  await fit(2)
  const place = join(folder, `training-${name}`)
  mkdirSync(place, { recursive: true })
  await made.save(join(place, 'model.keras'))
  const before = await made.getWeights()
  expect(await (await loadModel(join(place, 'model.keras'))).getWeights()).toEqual(before)
  await fit(1)
  const after = await made.getWeights()
  expect(after).not.toEqual(before)
  if (kept !== undefined) {
    const training = { pictures: [...pictures], classes: [...classes], weights: after.map(plain) }
    writeFileSync(join(place, 'training.json'), JSON.stringify(training))
  }
  await made.dispose()
})
