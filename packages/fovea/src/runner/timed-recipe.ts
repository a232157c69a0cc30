/**
 * A recipe made to last so many minutes. In: the job and the minutes. Out: the recipe with as many epochs as fit, at least one, its
 * learning rate annealed to the end of them, and a sentence that says so. How long a step takes is measured on a learner that is
 * thrown away, so the training that follows has the bits of the recipe it is recorded with.
 */
import { namedType } from '../base/choice-by-name.ts'
import { UserError } from '../base/errors.ts'
import { batchesOf } from '../engine/batches.ts'
import type { FeedRows } from '../engine/feed-rows.ts'
import { rowRange } from '../engine/picture-rows.ts'
import { optimizerFromConfig } from '../optimizer/factories.ts'
import { averagesWeights } from '../recipes/common.ts'
import type { Choice, RecipeConfig } from '../recipes/recipe.ts'
import { scheduleOf, stretched } from '../recipes/schedule-changes.ts'
import { fit } from '../train/fit.ts'
import { onFeatures } from '../train/fit-on-features.ts'
import type { Learner } from '../train/learner.ts'

/** Callbacks that end training or lower its rate by themselves: here the minutes do. */
const replaced = ['EarlyStopping', 'ReduceLROnPlateau']
/** Seconds to measure for: beyond the first steps, while the engine still compiles, and beyond the noise of a few. */
const measuredSeconds = 2

export interface TimedRecipe {
  readonly recipe: RecipeConfig
  readonly told: string
}

interface Parts {
  readonly train: FeedRows
  readonly validation?: FeedRows | undefined
  /** Seconds of the minutes that go by before the first epoch. */
  readonly before?: number | undefined
}

/** Undefined when it was aborted. Leaves the learner trained a little: throw it away. */
export async function timedRecipe(
  recipe: RecipeConfig,
  minutes: number,
  learner: Learner,
  { train, validation, before = 0 }: Parts,
  signal?: AbortSignal,
): Promise<TimedRecipe | undefined> {
  const { step, batches, seconds } = await epochTime(recipe, learner, { train, validation }, signal)
  if (signal?.aborted) return undefined
  const epochs = Math.max(1, Math.floor((minutes * 60 - before) / Math.max(seconds, 1e-6)))
  const ms = (1000 * step).toPrecision(3)
  return {
    recipe: annealed(recipe, epochs),
    told: `${minutes} ${minutes === 1 ? 'minute is' : 'minutes are'} ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} of ${batches} steps, at ${ms} ms a step.`,
  }
}

/** Seconds of a step and of an epoch with its validation. Leaves the learner trained a little. */
export async function epochTime(
  { batchSize, shuffle, seed, dropRemainder }: RecipeConfig,
  learner: Learner,
  { train, validation }: Pick<Parts, 'train' | 'validation'>,
  signal?: AbortSignal,
): Promise<{ readonly step: number; readonly batches: number; readonly seconds: number }> {
  const stopping = signal ? { signal } : {}
  const step = await secondsOf(train, batchSize, async rows => {
    const options = { ...{ epochs: 1, batchSize, shuffle, seed }, ...stopping }
    return (await fit(learner, rows, options)).seconds
  })
  const look = validation
    ? await secondsOf(validation, batchSize, async rows => (await learner.evaluate(rows, stopping)).seconds)
    : 0
  const batches = batchesOf(train.count, batchSize, dropRemainder)
  return { step, batches, seconds: batches * step + (validation ? batchesOf(validation.count, batchSize) * look : 0) }
}

/** The same where epochs run over the features of the frozen layers, which are computed once before. */
export async function timedOnFeatures(
  recipe: RecipeConfig,
  minutes: number,
  learner: Learner,
  { train, validation }: Parts,
  signal?: AbortSignal,
): Promise<TimedRecipe | undefined> {
  const begun = learner.clock.now()
  const rest = await onFeatures(learner, train, validation, signal)
  if (!rest) return undefined
  const before = (learner.clock.now() - begun) / 1000
  try {
    return await timedRecipe(recipe, minutes, rest.inner, { ...rest, before }, signal)
  } finally {
    await rest.inner.dispose()
  }
}

/** Seconds a batch, of ever more of them until they took long enough, or are all there are. */
async function secondsOf(rows: FeedRows, batchSize: number, run: (some: FeedRows) => Promise<number>): Promise<number> {
  const all = Math.ceil(rows.count / batchSize)
  // The first run is for the engine, which compiles on its way.
  await run(rowRange(rows, 0, Math.min(rows.count, batchSize)))
  for (let count = 1; ; count = Math.min(all, 4 * count)) {
    const seconds = await run(rowRange(rows, 0, Math.min(rows.count, count * batchSize)))
    if (seconds >= measuredSeconds || count === all) return seconds / count
  }
}

/** The recipe over other epochs, its learning rate brought to the end of them. */
export function annealed(recipe: RecipeConfig, epochs: number): RecipeConfig {
  const factor = epochs / recipe.epochs
  return {
    ...recipe,
    epochs,
    optimizer: annealedOptimizer(recipe, factor),
    learningRateByEpoch: recipe.learningRateByEpoch.map(step => ({
      ...step,
      afterEpoch: Math.round(step.afterEpoch * factor),
    })),
    ...(recipe.sizes && {
      sizes: recipe.sizes
        .map(step => ({ ...step, untilEpoch: Math.max(1, Math.round(step.untilEpoch * factor)) }))
        // Of those that end with the same epoch, the last one is left.
        .filter(({ untilEpoch }, index, all) => untilEpoch !== all[index + 1]?.untilEpoch),
    }),
    callbacks: recipe.callbacks
      .filter(({ type }) => namedType(type, replaced) === undefined)
      .map(callback => averagedFrom(callback, factor)),
  }
}

/** Weights are averaged from the same part of the training on. */
function averagedFrom(callback: Choice, factor: number): Choice {
  const { startEpoch } = callback.config
  if (!averagesWeights(callback) || typeof startEpoch !== 'number') return callback
  return { ...callback, config: { ...callback.config, startEpoch: Math.floor(startEpoch * factor) } }
}

/** A rate that nothing lowers falls along half a cosine, to 0 at the last step. */
function annealedOptimizer({ optimizer, learningRateByEpoch }: RecipeConfig, factor: number): Choice {
  const over = stretched(optimizer, factor)
  if (scheduleOf(optimizer) || learningRateByEpoch.length > 0) return over
  const { learningRate } = optimizerFromConfig(optimizer.type, optimizer.config)
  const schedule = { type: 'CosineDecay', config: { initialLearningRate: learningRate as number } }
  return { ...over, config: { ...over.config, learningRate: schedule } }
}

/** Throws UserError for minutes beside what they decide. */
export function checkMinutes(options: {
  readonly minutes?: number | undefined
  readonly epochs?: number | undefined
  readonly resume?: string | undefined
}): void {
  if (options.minutes === undefined) return
  const other = options.epochs !== undefined ? 'epochs' : options.resume !== undefined ? 'resume' : undefined
  if (other === undefined) return
  throw new UserError({
    what: `minutes and ${other} exclude each other: the minutes decide how many epochs a new run has`,
    fix: `leave one of them out`,
  })
}
