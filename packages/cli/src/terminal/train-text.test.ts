import type { TrainReport } from 'fovea/internal/run/report'
import { expect, it } from 'vitest'
import { tinyRecipe } from '../../../fovea/src/train/tiny-recipe.testing.ts'
import { trainText } from './train-text.ts'

const epoch = (number: number, valAccuracy: number | null) => ({
  ...{ epoch: number, loss: 1, accuracy: 0.5, valLoss: 1, valAccuracy, learningRate: 0.1, seconds: 1 },
})
const report = (changes: Partial<TrainReport>): TrainReport => ({
  ...{ recipe: 'tiny-mlp', dataset: 'tiny', seed: 1, threads: 2, epochs: 2, params: 10 },
  history: [epoch(1, 0.75), epoch(2, 0.5)],
  best: { epoch: 1, valLoss: 1 },
  test: { loss: 0.5, accuracy: 0.625 },
  ...{ seconds: 2, compileSeconds: 0.1, msPerStep: 1.5, peakBytes: 1024, weightsSha256: 'abc', runDir: 'run' },
  ...changes,
})

const completed = { training: 'completed', run: 'completed' } as const

it('a run that was tested', () => {
  expect(trainText(report({}), tinyRecipe(), completed)).toBe(`
Test accuracy 62.50 %, loss 0.5000, with the weights of epoch 1
Validation accuracy: best 75.00 %, last 50.00 %
2 epochs in 2.0 s (1.50 ms a step, 2 threads, compiled in 0.1 s, 1.0 KB)
Weights abc
Run directory run`)
})

it('interrupted while it trained, or when it had come to its end', () => {
  const untested = report({ test: null })
  expect(trainText(untested, tinyRecipe(), { training: 'aborted', run: 'aborted' })).toContain(
    'Interrupted in epoch 3: what is trained so far is saved',
  )
  expect(trainText(untested, tinyRecipe(), { training: 'completed', run: 'aborted' })).toContain(
    'Interrupted in the test: training came to its end',
  )
  expect(trainText(untested, tinyRecipe(), { training: 'stopped', run: 'aborted' })).toContain(
    'Interrupted in the test',
  )
})

it('without a test part', () => {
  expect(trainText(report({ test: null }), tinyRecipe(), completed)).toContain(
    'Not tested: there are no test pictures.',
  )
})

it('one epoch has one validation accuracy, and no epoch has none', () => {
  const one = trainText(report({ epochs: 1, history: [epoch(1, 0.75)] }), tinyRecipe(), completed)
  expect(one).toContain('\nValidation accuracy: 75.00 %\n1 epoch in')
  const none = trainText(report({ epochs: 0, history: [], best: null, test: null, msPerStep: 0 }), tinyRecipe(), {
    training: 'aborted',
    run: 'aborted',
  })
  expect(none).not.toMatch(/Validation|ms a step|NaN/)
  expect(none).toContain('Interrupted in epoch 1')
})

it('views of the test are told', () => {
  const text = trainText(report({ test: { loss: 0.25, accuracy: 0.5, views: 'mirror' } }), tinyRecipe(), completed)
  expect(text).toMatch(/Test accuracy 50.00 %, .* of epoch \d+, the mean over each picture and its mirror image\n/)
})

it('validation on the test set is told', () => {
  const recipe = tinyRecipe({ validation: { kind: 'test' }, selectedOnTestSet: true })
  const text = trainText(report({}), recipe, completed)
  expect(text).toContain('Validation accuracy on the test set: best')
  expect(text).toContain('(selected on the test set)')
})
