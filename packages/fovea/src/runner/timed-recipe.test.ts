import { describe, expect, it } from 'vitest'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { recipeFromJson } from '../recipes/recipe-json.ts'
import { readRunLines } from '../run/run-file.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { memoryFiles } from '../store/memory-files.ts'
import { steppedClock, tinyLearner, tinyRows } from '../train/tiny.testing.ts'
import { tinyDataset, tinyRecipe } from '../train/tiny-recipe.testing.ts'
import type { RunRecipeOptions } from './recipe-job.ts'
import { runRecipe } from './run-recipe.ts'
import { annealed, timedOnFeatures, timedRecipe } from './timed-recipe.ts'

async function ran(recipe: RecipeConfig, options: Partial<RunRecipeOptions> = {}) {
  const files = memoryFiles()
  const texts: string[] = []
  const run = await runRecipe(recipe, tinyDataset(), {
    device: referenceDevice({ round: Math.fround }),
    clock: steppedClock(100),
    files,
    out: 'run',
    onEvent: event => {
      if (event.type === 'message') texts.push(event.text)
    },
    ...options,
  })
  const lines = readRunLines(new TextDecoder().decode(await files.read('run/run.jsonl')))
  const begun = lines.find(line => line['type'] === 'run')!
  return { ...run, texts, recorded: recipeFromJson(begun['recipe']) }
}

describe('a run of so many minutes', () => {
  it('has the epochs that fit, says so, and repeats from its recipe with the same bits', async () => {
    const timed = await ran(tinyRecipe(), { minutes: 0.2 })
    const { epochs } = timed.recorded
    expect(epochs).toBeGreaterThan(1)
    expect(timed.report.epochs).toBe(epochs)
    expect(timed.texts.find(text => text.startsWith('0.2 minutes are'))).toContain(`${epochs} epochs of 4 steps, at `)
    // The clock goes 100 ms with each look: twice the time is twice the epochs, but for what is cut off.
    const twice = await ran(tinyRecipe(), { minutes: 0.4 })
    expect(Math.abs(twice.recorded.epochs - 2 * epochs)).toBeLessThanOrEqual(1)
    const again = await ran(timed.recorded)
    expect(again.report.weightsSha256).toBe(timed.report.weightsSha256)
    expect(again.report.history.map(({ loss }) => loss)).toEqual(timed.report.history.map(({ loss }) => loss))
  })

  it('has one epoch where none fits', async () => {
    const { report, texts } = await ran(tinyRecipe(), { minutes: 1e-6 })
    expect(report.epochs).toBe(1)
    expect(texts.some(text => text.includes('minutes are 1 epoch of 4 steps'))).toBe(true)
  })

  it('is not asked for epochs, nor to go on', async () => {
    await expect(ran(tinyRecipe(), { minutes: 1, epochs: 3 })).rejects.toThrow('minutes and epochs exclude each other')
    const going = { minutes: 1, out: undefined, resume: 'run' }
    await expect(ran(tinyRecipe(), going)).rejects.toThrow('minutes and resume exclude each other')
  })
})

it('of frozen first layers, the time of a step is that of the layers behind them', async () => {
  const learner = tinyLearner({ frozen: 1 })
  const whole = {
    ...learner,
    train: () => {
      throw new Error('the whole network is not trained')
    },
  }
  const parts = { train: tinyRows(learner) }
  const recipe = tinyRecipe({ batchSize: 4 })
  const timed = await timedOnFeatures(recipe, 0.1, whole, parts)
  expect(timed!.recipe.epochs).toBeGreaterThan(0)
  await expect(timedRecipe(recipe, 0.1, whole, parts)).rejects.toThrow('the whole network is not trained')
  await learner.dispose()
})

describe('annealing', () => {
  it('lets a constant rate fall to 0, and takes out what ends or slows training by itself', () => {
    const callbacks = [
      { type: 'early_stopping', config: { patience: 1 } },
      { type: 'TerminateOnNaN', config: {} },
    ]
    const changed = annealed(tinyRecipe({ callbacks }), 6)
    expect(changed.optimizer.config).toEqual({
      learningRate: { type: 'CosineDecay', config: { initialLearningRate: 0.5 } },
      momentum: 0.9,
    })
    expect(changed.callbacks).toEqual([callbacks[1]])
  })

  it('trains on smaller pictures in the same part of the training', () => {
    const sizes = [1, 2, 8].map(untilEpoch => ({ untilEpoch, size: [untilEpoch, 2] as const }))
    const until = (epochs: number) => annealed(tinyRecipe({ epochs: 10, sizes }), epochs).sizes
    expect(until(20)!.map(({ untilEpoch }) => untilEpoch)).toEqual([2, 4, 16])
    expect(until(5)).toEqual([
      { untilEpoch: 1, size: [2, 2] },
      { untilEpoch: 4, size: [8, 2] },
    ])
  })

  it('averages weights from the same part of the training on', () => {
    const averaging = { type: 'StochasticWeightAveraging', config: { startEpoch: 3 } }
    const changed = annealed(tinyRecipe({ epochs: 4, test: 'last', callbacks: [averaging] }), 12)
    expect(changed.callbacks).toEqual([{ ...averaging, config: { startEpoch: 9 } }])
  })

  it('stretches the steps that the recipe has, and lets a schedule with an end go over the whole training', () => {
    const learningRateByEpoch = [{ afterEpoch: 1, learningRate: 0.1 }]
    const decay = { type: 'ExponentialDecay', config: { initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.9 } }
    const decayed = annealed(tinyRecipe({ epochs: 4, optimizer: { type: 'SGD', config: { learningRate: decay } } }), 12)
    expect(decayed.optimizer.config['learningRate']).toMatchObject({ config: { decaySteps: 30 } })
    const stepped = annealed(tinyRecipe({ epochs: 4, learningRateByEpoch }), 12)
    expect(stepped.learningRateByEpoch).toEqual([{ afterEpoch: 3, learningRate: 0.1 }])
    expect(stepped.optimizer).toEqual(tinyRecipe().optimizer)
    const schedule = { type: 'OneCycle', config: { maxLearningRate: 0.1, totalSteps: 16 } }
    const optimizer = { type: 'SGD', config: { learningRate: schedule } }
    expect(annealed(tinyRecipe({ epochs: 4, optimizer }), 12).optimizer.config).toEqual({
      learningRate: { type: 'OneCycle', config: { maxLearningRate: 0.1 } },
    })
  })
})
