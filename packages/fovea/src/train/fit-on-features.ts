/**
 * `fit` for a network whose first layers are frozen: every sample goes through them once, as in inference, and what they give is kept in
 * memory; epochs run over that. In: a learner of the whole network and its rows. Out: the history; the learner has the trained weights,
 * optimizer states and steps, as if it had trained itself. Random layers among the frozen ones (augmentation) do nothing.
 */
import { UserError } from '../base/errors.ts'
import { sizeOf } from '../base/shape.ts'
import { adaptToData } from '../engine/adapt-to-data.ts'
import type { FeedRows } from '../engine/feed-rows.ts'
import { startPredictor } from '../engine/predictor.ts'
import { type FeatureSplit, featureSplit } from '../network/feature-split.ts'
import type { Model } from '../network/model.ts'
import { matchWeights } from '../store/model-file.ts'
import type { History } from './callbacks/history.ts'
import { fit } from './fit.ts'
import type { LoopOptions } from './fit-options.ts'
import { createLearner, type Learner } from './learner.ts'

/** Features of all samples together: 1 GiB of float32. */
export const mostFeatures = 2 ** 28

/** Throws UserError where no first layers are frozen, and where the features do not fit into memory. */
export async function fitOnFeatures(learner: Learner, rows: FeedRows, options: LoopOptions): Promise<History> {
  const { validation, signal } = options
  const rest = await onFeatures(learner, rows, validation, signal)
  // Aborted on the way: no step is done, and `fit` says so.
  if (!rest) return fit(learner, rows, options)
  const { inner, asWhole, train } = rest
  try {
    return await fit(asWhole, train, { ...options, ...(rest.validation && { validation: rest.validation }) })
  } finally {
    await learner.engine.writeStates(await inner.engine.readStates(() => true), inner.engine.step)
    carryRate(inner, learner)
    await inner.dispose()
  }
}

/** The layers behind the frozen ones, and what these give for all samples. */
export interface RestOnFeatures {
  /** Of the rest alone; to be disposed of. */
  readonly inner: Learner
  /** The same one, to which the weights of the whole belong. */
  readonly asWhole: Learner
  readonly train: FeedRows
  readonly validation: FeedRows | undefined
}

/** Undefined where it was aborted. Throws UserError as `fitOnFeatures` does. */
export async function onFeatures(
  learner: Learner,
  rows: FeedRows,
  validation: FeedRows | undefined,
  signal: AbortSignal | undefined,
): Promise<RestOnFeatures | undefined> {
  if (learner.setup.mixing) throw mixesPictures()
  const split = splitOf(learner.model)
  checkSize(split, rows.count + (validation?.count ?? 0))
  await adaptToData(learner.model, learner.engine, rows)
  const [train, held] = await featuresOf(split, learner, [rows, validation], signal)
  return train && { ...(await restLearner(split.rest, learner)), train, validation: held }
}

function splitOf(model: Model): FeatureSplit {
  const split = featureSplit(model)
  if (split) return split
  throw new UserError({
    what: `Model '${model.name}' has no features to keep: its first layer with weights is trained`,
    expected: 'frozen layers before the first trained one',
    received: `trained: ${[...new Set(model.weights.filter(({ trainable }) => trainable).map(({ layer }) => layer))].join(', ') || 'nothing'}`,
    fix: "freeze the first layers, for example freeze('all-but-head'), or train without kept features",
  })
}

export function mixesPictures(): UserError {
  return new UserError({
    what: 'Pictures are mixed anew in each step, and kept features are computed once',
    fix: 'leave out mixing, or train without kept features',
  })
}

function checkSize({ rest }: FeatureSplit, count: number): void {
  const size = sizeOf(rest.inputs[0]!.shape)
  if (size * count <= mostFeatures) return
  throw new UserError({
    what: `The features of ${count} samples do not fit into memory`,
    expected: 'at most 1 GiB',
    received: `${((4 * size * count) / 2 ** 30).toFixed(2)} GiB: ${size} numbers for each sample`,
    fix: 'train without kept features, on fewer samples, or cut the network where it gives fewer values',
  })
}

/** The rows with features for their inputs; none where the signal was aborted before all were there. */
async function featuresOf(
  { front, rest }: FeatureSplit,
  learner: Learner,
  parts: readonly (FeedRows | undefined)[],
  signal: AbortSignal | undefined,
): Promise<(FeedRows | undefined)[]> {
  const { name, shape } = rest.inputs[0]!
  const rowSize = sizeOf(shape)
  const predictor = startPredictor({ model: front, ...learner.place, weights: await statesOf(front, learner) })
  try {
    const given: FeedRows[] = []
    for (const rows of parts) {
      if (!rows) continue
      const { predictions, complete } = await predictor.predict(rows, signal ? { signal } : {})
      if (!complete) return []
      const [data] = Object.values(predictions)
      given.push({ ...rows, inputs: { [name]: { data: data!, rowSize, form: 'copy', slotRowSize: rowSize } } })
    }
    return given
  } finally {
    await predictor.dispose()
  }
}

/** A learner of the rest with the states, steps and rate of the whole; and the same one, to which the weights of the whole belong. */
async function restLearner(rest: Model, whole: Learner): Promise<{ inner: Learner; asWhole: Learner }> {
  const { setup, said, place } = whole
  const inner = createLearner({ model: rest, setup, said, ...place, weights: await statesOf(rest, whole) })
  const slots = await inner.slots()
  await inner.engine.writeStates(await whole.engine.readStates(name => Object.hasOwn(slots, name)), whole.engine.step)
  carryRate(whole, inner)
  const asWhole: Learner = {
    ...inner,
    async weights() {
      const trained = new Map((await inner.weights()).map(weight => [weight.name, weight]))
      return (await whole.weights()).map(weight => trained.get(weight.name) ?? weight)
    },
    async setWeights(given, source) {
      const matched = matchWeights(given, whole.model.weights, source)
      await whole.engine.writeStates(matched)
      await inner.engine.writeStates(Object.fromEntries(rest.weights.map(({ name }) => [name, matched[name]!])))
    },
  }
  return { inner, asWhole }
}

async function statesOf({ weights }: Model, { engine }: Learner) {
  const names = new Set(weights.map(({ name }) => name))
  return engine.readStates(name => names.has(name))
}

/** A rate that a callback has set holds for the other one too. That of a schedule follows from the step. */
function carryRate(from: Learner, to: Learner): void {
  if (typeof from.setup.optimizer.learningRate !== 'number') return
  const step = from.engine.step + 1
  const rate = from.learningRate(step)
  if (rate !== to.learningRate(step)) to.setLearningRate(rate)
}
