/** Training on kept features leaves a learner as training of the whole network with frozen layers does. */
import { describe, expect, it } from 'vitest'
import { adam } from '../optimizer/factories.ts'
import type { Checkpoint } from '../store/checkpoint.ts'
import { memoryFiles } from '../store/memory-files.ts'
import { decodeModelFile } from '../store/model-file.ts'
import { weightsSha256 } from '../store/weights-hash.ts'
import { learningRateScheduler } from './callbacks/learning-rate.ts'
import { modelCheckpoint } from './callbacks/model-checkpoint.ts'
import { fit } from './fit.ts'
import { fitOnFeatures } from './fit-on-features.ts'
import type { LoopOptions } from './fit-options.ts'
import { type TinyOptions, tinyLearner, tinyRows } from './tiny.testing.ts'

const frozen = (options: TinyOptions = {}) => tinyLearner({ frozen: 1, optimizer: adam(), dropout: true, ...options })
const usual = { epochs: 3, batchSize: 4, seed: 5 }

async function trained(train: typeof fit, options: Partial<LoopOptions> = {}, learner = frozen()) {
  const rows = tinyRows(learner)
  const history = await train(learner, rows, { ...usual, validation: rows, ...options })
  return { learner, history, hash: weightsSha256(await learner.weights()) }
}

describe('fitOnFeatures', () => {
  it('gives the history, weights, optimizer states and steps of the whole network with frozen layers', async () => {
    const whole = await trained(fit)
    const kept = await trained(fitOnFeatures)
    expect(kept.hash).toBe(whole.hash)
    expect(kept.history.history).toEqual(whole.history.history)
    expect(await kept.learner.slots()).toEqual(await whole.learner.slots())
    expect(kept.learner.engine.step).toBe(12)
  })

  it('goes on with the moments and the rate that training of the whole network left, and the other way round', async () => {
    const callbacks = [learningRateScheduler(epoch => 0.01 / (epoch + 1))]
    const rest = { initialEpoch: 3, epochs: 5 }
    const mixed = await trained(fitOnFeatures, rest, (await trained(fit, { callbacks })).learner)
    const other = await trained(fit, rest, (await trained(fitOnFeatures, { callbacks })).learner)
    const whole = await trained(fit, rest, (await trained(fit, { callbacks })).learner)
    expect(mixed.learner.learningRate(1)).toBeCloseTo(0.01 / 3, 10)
    expect([mixed.hash, other.hash]).toEqual([whole.hash, whole.hash])
  })

  it('saves whole models and checkpoints, from which training goes on', async () => {
    const files = memoryFiles()
    const saved: Checkpoint[] = []
    const { hash } = await trained(fitOnFeatures, {
      files,
      callbacks: [modelCheckpoint({ filepath: 'a.safetensors', saveBestOnly: false })],
      saveCheckpoint: async checkpoint => void saved.push(checkpoint),
    })
    expect(weightsSha256(decodeModelFile(await files.read('a.safetensors')).weights)).toBe(hash)
    const again = await trained(fitOnFeatures, { resume: saved[0]! })
    expect(again.hash).toBe(hash)
    expect((await trained(fit, { resume: saved[1]! })).hash).toBe(hash)
  })

  it('does no step where it was aborted before', async () => {
    const aborted = await trained(fitOnFeatures, { signal: AbortSignal.abort() })
    expect(aborted.history).toMatchObject({ endReason: 'aborted', steps: 0 })
  })

  it('refuses a network whose first layer is trained', async () => {
    await expect(trained(fitOnFeatures, {}, tinyLearner())).rejects.toThrow(/no features to keep[\s\S]*dense, dense_1/)
  })
})
