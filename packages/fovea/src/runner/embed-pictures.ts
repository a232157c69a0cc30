/**
 * Pictures as a trained network sees them: for each its probabilities, and the features in front of the last dense layer. More features
 * than 256 are added up at random into 128 sums, each feature with a random sign into 4 of them, which keeps angles and distances
 * nearly (Kane and Nelson, "Sparser Johnson–Lindenstrauss transforms"): so 50,000 pictures take 6 to 13 MB whatever the network is.
 */
import { classProbabilities } from '../base/probabilities.ts'
import { fold, keyOf, randomBits } from '../base/random.ts'
import type { PictureSource } from '../data/picture-source.ts'
import { batchesOf, fillBatch } from '../engine/batches.ts'
import { embedEntry } from '../engine/embed-entry.ts'
import type { Engine } from '../engine/engine.ts'
import type { Values } from '../engine/entry.ts'
import { inputTypesOf } from '../engine/feed-rows.ts'
import { pictureRows } from '../engine/picture-rows.ts'
import { type Clock, runSteps } from '../engine/steps.ts'
import type { Model } from '../network/model.ts'

/** Of every picture, rows one after the other. */
export interface EmbeddedPictures {
  readonly count: number
  readonly probabilities: Float32Array
  readonly features: Float32Array
  /** How many features the head sees; as many as there are, or more, then they were added up. */
  readonly seen: number
}

const mostFeatures = 256
const sums = 128
const sumsOfFeature = 4
const batch = 32

/** The weights are those that the engine has. Undefined when it was aborted. */
export async function embedPictures(
  { engine, model, clock }: { readonly engine: Engine; readonly model: Model; readonly clock: Clock },
  source: PictureSource,
  seed: number,
  signal?: AbortSignal,
): Promise<EmbeddedPictures | undefined> {
  const rows = pictureRows(model, source)
  const maker = embedEntry(model)
  const need = { batch, match: 'exact', inputTypes: inputTypesOf(model, rows) } as const
  const { count } = source
  const steps = batchesOf(count, batch)
  const output = model.outputs[0]!.name
  const kept = { probabilities: new Float32Array(), features: new Float32Array(), seen: 0 }
  let project: ((features: Values, rows: number) => Float32Array) | undefined
  const { done } = await runSteps(clock, {
    first: 0,
    steps,
    run: (first, group) =>
      engine.run(maker, need, group, (index, slots) =>
        fillBatch(rows, undefined, (first + index) * batch, batch, slots),
      ),
    onStep(step, { predictions, features }) {
      // The last step gives fewer rows.
      const n = Math.min(batch, count - step * batch)
      kept.seen = features.length / n
      project ??= projection(kept.seen, seed)
      const own = {
        probabilities: probabilitiesOf(predictions[output]!, predictions[output]!.length === n),
        features: project(features, n),
      }
      for (const name of ['probabilities', 'features'] as const) {
        const size = own[name].length / n
        if (step === 0) kept[name] = new Float32Array(count * size)
        kept[name].set(own[name], step * batch * size)
      }
    },
    shouldStop: () => signal?.aborted ?? false,
  })
  if (done < steps) return undefined
  return { count, ...kept }
}

function probabilitiesOf(predictions: Values, isOneUnit: boolean): Float32Array {
  return Float32Array.from(isOneUnit ? Array.from(predictions, p => classProbabilities([p])).flat() : predictions)
}

/** Of the rows of a step. */
function projection(seen: number, seed: number): (features: Values, rows: number) => Float32Array {
  if (seen <= mostFeatures) return features => Float32Array.from(features)
  const key = fold(keyOf(seed), projectionStream)
  const targets = Int32Array.from({ length: seen * sumsOfFeature }, (_, index) => randomBits(key, index))
  return (features, rows) => {
    const result = new Float32Array(rows * sums)
    for (let row = 0; row < rows; row++) {
      for (let feature = 0; feature < seen; feature++) {
        const value = features[row * seen + feature]! / 2
        if (value === 0) continue
        for (let turn = 0; turn < sumsOfFeature; turn++) {
          const bits = targets[feature * sumsOfFeature + turn]!
          const place = row * sums + (bits & (sums - 1))
          result[place] = result[place]! + (bits < 0 ? -value : value)
        }
      }
    }
    return result
  }
}

/** Keeps these random numbers apart from those of steps and orders. */
const projectionStream = -3
