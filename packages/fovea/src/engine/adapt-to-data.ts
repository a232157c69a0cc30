/**
 * Gives the weights that are computed from training data their first values (network/computed-weights). Until then they are zeros, in a new model
 * as in a saved one: so no one needs to remember whether it was done.
 */
import { UserError } from '../base/errors.ts'
import type { Model } from '../network/model.ts'
import { weightsOfData } from '../network/weights.ts'
import { fillBatch } from './batches.ts'
import type { Engine } from './engine.ts'
import type { RowSlots } from './entry.ts'
import { type FeedRows, inputTypesOf } from './feed-rows.ts'

/** `waiting`: where they are zeros. `again`: all of them, and a UserError where the model has none. */
export async function adaptToData(
  model: Model,
  engine: Engine,
  rows: FeedRows,
  which: 'waiting' | 'again' = 'waiting',
): Promise<void> {
  const weights = weightsOfData(model)
  if (weights.length === 0) {
    if (which === 'waiting') return
    throw new UserError({
      what: `Model '${model.name}' has nothing that is computed from pictures`,
      expected: "a conv2d with kernelInitializer: 'patchWhitening'",
      fix: 'leave adapt out: all its first weights are drawn at random',
    })
  }
  const names = new Set(weights.map(({ name }) => name))
  const values = await engine.readStates(name => names.has(name))
  const isZero = (name: string): boolean => Array.prototype.every.call(values[name], value => value === 0)
  const wanted = which === 'again' ? weights : weights.filter(({ name }) => isZero(name))
  if (wanted.length === 0) return
  const { computedWeights } = await import('../network/computed-weights.ts')
  const samples = {
    count: rows.count,
    types: inputTypesOf(model, rows),
    read: (begin: number, n: number, inputs: RowSlots['inputs']) => fillBatch(rows, undefined, begin, n, { inputs }),
  }
  await engine.writeStates(await computedWeights(model, samples, wanted))
}
