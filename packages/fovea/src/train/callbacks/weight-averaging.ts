/**
 * Stochastic weight averaging (Izmailov et al. 2018, "Averaging Weights Leads to Wider Optima and Better Generalization"): the mean of
 * the weights at the ends of epochs takes their place when training ends, and the moving statistics of batch normalization are
 * computed anew for it. Best with a learning rate that stays high over these epochs.
 */
import { optional, parse, record, whole } from '../../base/schema.ts'
import { matchWeights, type NamedWeight } from '../../store/model-file.ts'
import type { Callback } from './callback.ts'
import { verbosity } from './monitor.ts'

/** Options of `stochasticWeightAveraging`. */
export interface WeightAveragingOptions {
  /** The first epoch (from 0) whose weights count. */
  readonly startEpoch: number
  /** The weights of every so manyth epoch count; 1 by default. */
  readonly every?: number | undefined
  /** 1 tells what was averaged; 0 by default. */
  readonly verbose?: number | undefined
}

export const weightAveragingFields = {
  startEpoch: whole(0),
  every: optional(whole(1), 1),
  verbose: optional(verbosity, 0),
}

const stateFields = { count: whole(0) }

/**
 * The mean of the weights at the ends of the epochs from `startEpoch` on is the model's when training ends (Izmailov et al. 2018). Batch
 * normalization gets its moving statistics from one more pass over the training samples, as training sees them. What is validated
 * after each epoch, and what `modelCheckpoint` saves, are the weights of that epoch. A training that is aborted keeps its own
 * weights; going on from its checkpoint goes on with the mean. Throws UserError for options that it does not have.
 */
export function stochasticWeightAveraging(options: WeightAveragingOptions): Callback {
  const { startEpoch, every, verbose } = parse(record(weightAveragingFields), options, 'stochasticWeightAveraging')
  let count = 0
  let mean: readonly NamedWeight[] | undefined

  return {
    name: 'stochasticWeightAveraging',
    onTrainBegin() {
      count = 0
      mean = undefined
    },
    async onEpochEnd(epoch, _, training) {
      if (epoch < startEpoch || (epoch - startEpoch) % every !== 0) return
      const weights = await training.weights()
      count++
      mean = mean ? mean.map((kept, index) => towards(kept, weights[index]!, count)) : weights
    },
    async onTrainEnd(training) {
      if (!mean || training.interrupted) return
      if (verbose > 0) await training.say(`The weights are the mean of ${count} ${count === 1 ? 'epoch' : 'epochs'}.`)
      await training.setWeights(mean)
      await training.renewStatistics()
    },
    state: () => ({
      values: { count },
      ...(mean && { arrays: Object.fromEntries(mean.map(({ name, data }) => [name, data])) }),
    }),
    async restore({ values, arrays }, training) {
      count = parse(record(stateFields), values, 'the state of stochasticWeightAveraging', 'Field').count
      if (!arrays) return
      const weights = await training.weights()
      const given = weights.flatMap(({ name, shape }) => {
        const data = Object.hasOwn(arrays, name) ? arrays[name] : undefined
        return data ? [{ name, shape, data }] : []
      })
      const matched = matchWeights(given, weights, 'the mean that stochasticWeightAveraging kept')
      mean = weights.map(weight => ({ ...weight, data: matched[weight.name]! }))
    },
  }
}

/** mean + (weight − mean) / n: the mean of n, in float32 as checkpoints keep it. */
function towards(mean: NamedWeight, { data }: NamedWeight, n: number): NamedWeight {
  return { ...mean, data: Float32Array.from(mean.data, (value, at) => value + (data[at]! - value) / n) }
}
