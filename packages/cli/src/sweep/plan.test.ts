import { recipe } from 'fovea/internal/recipes/recipes'
import { describe, expect, test } from 'vitest'
import { heldOutRecipe, rungsOf, type SweepPlan, testsBest, trialRecipe, trialsFor, winnerRecipe } from './plan.ts'
import { dimensionOf } from './space.ts'
import { resultOf } from './trial.ts'

const lenet = recipe('fashion-lenet')

describe('the plan of a sweep', () => {
  test('holds pictures out where the recipe has only its test set, or nothing, to choose by', () => {
    const held = heldOutRecipe(lenet, 60_000)
    expect(held).toMatchObject({ validation: { kind: 'stratified', count: 5000 }, selectedOnTestSet: false })
    expect(heldOutRecipe(lenet, 300).validation).toEqual({ kind: 'stratified', count: 30 })
    expect(heldOutRecipe(recipe('mnist-mlp'), 60_000)).toBe(recipe('mnist-mlp'))
    expect(() => heldOutRecipe(lenet, 9)).toThrow(/too few/)
  })

  test('has as many trials as the minutes have room for', () => {
    // Of ten epochs nine trials take 9 · 1 + 3 · 2 + 1 · 7 = 22, the winner ten more: at 10 s an epoch 320 s.
    expect(trialsFor(320 / 60, 10, 10, true)).toBe(9)
    expect(trialsFor(319 / 60, 10, 10, true)).toBe(8)
    expect(trialsFor(220 / 60, 10, 10, false)).toBe(9)
    expect(trialsFor(0.01, 10, 10, true)).toBe(1)
    // As many as a journal may name: it is read again.
    expect(trialsFor(1e6, 0.01, 10, true)).toBe(10_000)
  })

  test('has rungs for the trial with the fewest epochs', () => {
    const rungs = (...words: string[]) =>
      rungsOf(
        27,
        lenet,
        words.map(word => dimensionOf(word, lenet)),
      )
    expect(rungs('learningRate=0.1,0.2')).toBe(3)
    expect(rungs('epochs=3..30')).toBe(2)
    expect(rungs('epochs=30,1,5')).toBe(1)
  })

  test('leaves early stopping to the winner, which has a name of its own', () => {
    const stopping = { type: 'EarlyStopping', config: { patience: 2, restoreBestWeights: true } }
    const plan: SweepPlan = {
      ...{ recipe: { ...lenet, callbacks: [stopping] }, seed: 1, trials: 2, rungs: 1, limit: null, minutes: null },
      ...{ dimensions: [dimensionOf('momentum=0.5,0.9', lenet)], trainsWinner: true },
    }
    expect(trialRecipe(plan, 0).callbacks).toEqual([])
    expect(winnerRecipe(plan, 0)).toMatchObject({ name: 'fashion-lenet-sweep', callbacks: [stopping] })
    expect(winnerRecipe(plan, 0).published).toBeUndefined()
    expect([testsBest(plan.recipe), testsBest(lenet)]).toEqual([true, false])
    const momenta = [0, 1].map(trial => trialRecipe(plan, trial).optimizer.config['momentum'])
    expect(momenta.sort()).toEqual([0.5, 0.9])
  })
})

describe('the result of a piece', () => {
  const epoch = (number: number, valLoss: number, accuracy: number, loss = 1) => ({
    ...{ epoch: number, loss, val_loss: valLoss, val_accuracy: accuracy, learningRate: 0.1, seconds: 1 },
  })
  const history = [epoch(1, 0.5, 0.7), epoch(2, 0.3, 0.8), epoch(3, 0.4, 0.9)]

  test('is the accuracy of the weights that would be tested, of the epochs up to the rung', () => {
    expect(resultOf(history, 3, true)).toMatchObject({ value: 0.8, epochs: 3 })
    expect(resultOf(history, 3, false)).toMatchObject({ value: 0.9 })
    expect(resultOf(history, 1, false)).toMatchObject({ value: 0.7, curve: [{ epoch: 1 }] })
    expect(resultOf(history, 4, true)).toBeUndefined()
  })

  test('is none where a loss was no number, wherever training was interrupted', () => {
    const broken = [history[0]!, epoch(2, Number.NaN, 0.1, Number.NaN)]
    const none = { value: null, epochs: 3, curve: [{ epoch: 1, loss: 1, valLoss: 0.5, valAccuracy: 0.7 }] }
    expect(resultOf(broken, 3, true)).toEqual(none)
    expect(resultOf([...broken, epoch(3, Number.NaN, 0.1, Number.NaN)], 3, true)).toEqual(none)
  })
})
