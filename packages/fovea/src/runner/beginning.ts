/**
 * How a training begins: with new weights, or with those of the trained model that the recipe names. In: recipe and network. Out: the first
 * weights; and the head of the network trained alone, where the recipe wants that before its own epochs.
 */
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import { percent } from '../base/text.ts'
import type { FeedRows } from '../engine/feed-rows.ts'
import { modelOfFile } from '../engine/load-predictor.ts'
import { withKeptClasses } from '../network/kept-classes.ts'
import { carriedWeights, withFrozen } from '../network/transfer.ts'
import { initialWeights } from '../network/weights.ts'
import { adam } from '../optimizer/factories.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import type { Checkpoint } from '../store/checkpoint.ts'
import { fitOnFeatures } from '../train/fit-on-features.ts'
import type { LoopOptions } from '../train/fit-options.ts'
import { createLearner, type Learner } from '../train/learner.ts'
import type { RecipeJob } from './recipe-job.ts'
import { recipeModel } from './recipe-model.ts'

/** Of a run that goes on, no step is done. */
export const isAtBeginning = (resume: Checkpoint | undefined): boolean => (resume?.progress.step ?? 0) === 0

/** Throws UserError where the model to begin with is missing, another one, or has nothing of this network. */
export async function firstWeights(
  { recipe, model, dataset }: RecipeJob,
  files: Files | undefined,
  resume: Checkpoint | undefined,
): Promise<Readonly<Record<string, ArrayLike<number>>>> {
  const { from, seed } = recipe
  // A run that goes on has its weights in its checkpoint.
  if (!from || !isAtBeginning(resume)) return initialWeights(model, seed)
  const file = await recipeModel(from, files, 'begins with')
  const known = file.weights
  const names = new Set(model.weights.map(({ name }) => name))
  const carried = known.filter(({ name }) => names.has(name))
  // Of classes that are kept the head has another name, and may be all there is.
  if (carried.length === 0 && !from.keepClasses) {
    throw new UserError({
      what: `${from.model} has no weight of this network`,
      expected: `some of ${[...names].slice(0, 4).join(', ')} …`,
      received: `${known
        .slice(0, 4)
        .map(({ name }) => name)
        .join(', ')} …`,
      fix: 'let `fovea train RECIPE --from MODEL` write the recipe',
    })
  }
  const values = carriedWeights(model, carried, seed)
  if (!from.keepClasses) return values
  const before = { model: await modelOfFile(file, from.model), classNames: file.classNames ?? [], weights: known }
  return withKeptClasses(values, { model, classNames: dataset.classNames }, before)
}

/**
 * Trains the head alone, on what all other layers give for each picture. Undefined where the recipe does not want that. A training that is
 * aborted meanwhile leaves the first weights, so that going on begins here again.
 */
export async function trainHead(
  { from }: RecipeConfig,
  learner: Learner,
  rows: FeedRows,
  loop: Omit<LoopOptions, 'epochs'>,
): Promise<{ readonly text: string; readonly seconds: number } | undefined> {
  if (!from || from.headEpochs === 0) return undefined
  const { model, setup, place, said } = learner
  const head = createLearner({
    model: withFrozen(model, 'all-but-head'),
    // Features are not mixed: the head alone learns from the pictures as they are.
    setup: { ...setup, mixing: undefined, optimizer: adam({ learningRate: from.headLearningRate }) },
    ...place,
    said,
    weights: Object.fromEntries((await learner.weights()).map(({ name, data }) => [name, data])),
  })
  try {
    const { epochs, endReason, seconds } = await fitOnFeatures(head, rows, { ...loop, epochs: from.headEpochs })
    if (endReason !== 'completed') return undefined
    await learner.setWeights(await head.weights())
    const { accuracy, val_accuracy: validation } = epochs.at(-1)!.logs
    const held = validation === undefined ? '' : `, ${percent(validation)} on the held-out ones`
    const text = `The head alone, ${epochs.length} epochs on features computed once: ${percent(accuracy!)} of the training pictures right${held}.`
    return { text, seconds }
  } finally {
    await head.dispose()
  }
}
