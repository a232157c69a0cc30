/**
 * What a recipe is made into before training: its network, its samples, its settings with the user's changes. In: recipe and data
 * set. Out: model and splits, checked against each other, and the lines that tell the user what they are.
 */
import { UserError } from '../base/errors.ts'
import { isJsonRecord, type JsonRecord } from '../base/json.ts'
import { formatShape, type Shape, sameShape } from '../base/shape.ts'
import { type Dataset, testPart, validationPart } from '../data/dataset.ts'
import { toCategorical } from '../data/one-hot.ts'
import { sourceRange } from '../data/parts-of-source.ts'
import { type PictureSource, pictureBytes } from '../data/picture-source.ts'
import { byteCounts } from '../data/read-pictures.ts'
import { splitValidation } from '../data/split.ts'
import type { Layer } from '../layers/layer.ts'
import { layerFromConfig } from '../layers/registry.ts'
import { modelFromConfig, modelToConfig } from '../network/config.ts'
import type { Model } from '../network/model.ts'
import type { SavedLayer } from '../network/saved-config.ts'
import { withFirst } from '../network/transfer.ts'
import { zooModel } from '../network/zoo/zoo.ts'
import type { Choice, RecipeConfig } from './recipe.ts'
import { firstRate, withFirstRate } from './schedule-changes.ts'

/** Numbers of a recipe that the user wants otherwise. */
export interface RecipeChanges {
  readonly epochs?: number | undefined
  readonly batchSize?: number | undefined
  /** The steps of a schedule are changed in the same proportion. */
  readonly learningRate?: number | undefined
  readonly seed?: number | undefined
}

export function changedRecipe(recipe: RecipeConfig, changes: RecipeChanges): RecipeConfig {
  const { learningRate, epochs, batchSize, seed } = changes
  const given = Object.fromEntries(
    Object.entries({ epochs, batchSize, seed }).filter(([, value]) => value !== undefined),
  )
  const changed: RecipeConfig = { ...recipe, ...given }
  if (learningRate === undefined) return changed
  const old = firstRate(recipe.optimizer)
  const factor = old !== undefined && old > 0 ? learningRate / old : 1
  return {
    ...changed,
    optimizer: withFirstRate(recipe.optimizer, learningRate),
    learningRateByEpoch: recipe.learningRateByEpoch.map(step => ({
      ...step,
      learningRate: step.learningRate * factor,
    })),
  }
}

/** The network as the recipe names it, not yet standardized, with the recipe's augmentation before it. */
export function plainModel({ model, augmentation = [] }: RecipeConfig): Model {
  const network = typeof model === 'string' ? zooModel(model).build() : modelFromConfig(model)
  return withFirst(
    network,
    augmentation.map(choice => augmentingLayer(choice, network.inputs[0]!.shape)),
  )
}

function augmentingLayer({ type, config }: Choice, shape: Shape): Layer {
  const layer = layerFromConfig({ type, config })
  // Outside of training, the network must see the pictures as they are.
  if (layer.traits.family === 'augmentation' && sameShape(layer.outputShape([shape]), shape)) return layer
  throw new UserError({
    what: `The augmentation of a recipe has a layer that does more than that: ${type}`,
    expected: "layers that change pictures in training only, like {type: 'RandomFlip', config: {mode: 'horizontal'}}",
    received: type,
    fix: 'put it into the model',
  })
}

/** One mean and one variance over all bytes of some pictures. */
export interface ByteMoments {
  readonly mean: number
  readonly variance: number
}

/** The network, standardized by `moments` where they are given. Throws UserError when it does not suit the data set. */
export function buildModel(
  recipe: RecipeConfig,
  dataset: Pick<Dataset, 'name' | 'shape' | 'classNames'>,
  moments?: ByteMoments,
): Model {
  const built = plainModel(recipe)
  const model = moments ? standardized(built, moments) : built
  const [input] = model.inputs
  const [output] = model.outputs
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw new UserError({
      what: `The model of ${recipe.name} cannot be trained as a recipe`,
      expected: 'one input and one output',
      received: `${model.inputs.length} and ${model.outputs.length}`,
      fix: 'train it through the library',
    })
  }
  if (!sameShape(input!.shape, dataset.shape)) {
    throw new UserError({
      what: `The model of ${recipe.name} does not take the pictures of ${dataset.name}`,
      expected: formatShape(input!.shape),
      received: `${formatShape(dataset.shape)}, as preprocess makes them`,
      fix: 'give the model this input shape, or preprocess the shape of the model',
    })
  }
  if (output!.shape.at(-1) !== dataset.classNames.length) {
    throw new UserError({
      what: `The model of ${recipe.name} does not tell the classes of ${dataset.name} apart`,
      expected: `${dataset.classNames.length} outputs, one for each class`,
      received: `an output of shape ${formatShape(output!.shape)}`,
      fix: 'give the last layer as many units as there are classes',
    })
  }
  return model
}

/** Takes the mean and variance of the data. */
const isStandardizing = ({ config }: SavedLayer): boolean =>
  config['mean'] !== undefined && config['variance'] !== undefined

/** The model with this mean and variance in its Normalization layer. */
function standardized(model: Model, moments: ByteMoments): Model {
  const config = modelToConfig(model)
  if (!config.layers.some(isStandardizing)) {
    throw new UserError({
      what: 'The recipe standardizes its pictures, but its model has no Normalization layer',
      fix: 'put one first, or set standardize to false',
    })
  }
  const layers = config.layers.map(layer =>
    isStandardizing(layer) ? { ...layer, config: { ...layer.config, ...moments } } : layer,
  )
  return modelFromConfig({ ...config, layers })
}

/** Mean and (biased) variance over all bytes, from how often each value occurs. */
export async function byteMoments(source: PictureSource): Promise<ByteMoments> {
  const counts = new Float64Array(256)
  for (const own of await byteCounts(source))
    own.forEach((count, value) => {
      counts[value]! += count
    })
  const total = source.count * pictureBytes(source)
  const mean = counts.reduce((sum, count, value) => sum + count * value, 0) / total
  const variance = counts.reduce((sum, count, value) => sum + count * (value - mean) ** 2, 0) / total
  return { mean, variance }
}

export interface RecipeData {
  readonly train: PictureSource
  readonly validation?: PictureSource | undefined
  readonly test?: PictureSource | undefined
}

/** Holds out validation samples, then takes the first `limit` of the others. */
export function recipeData(
  { validation, seed }: RecipeConfig,
  dataset: Dataset<PictureSource>,
  limit?: number,
): RecipeData {
  const tested = dataset.test && { test: dataset.test }
  const parts =
    validation.kind === 'none'
      ? { train: dataset.train }
      : validation.kind === 'test'
        ? { train: dataset.train, validation: testPart(dataset) }
        : validation.kind === 'given'
          ? { train: dataset.train, validation: validationPart(dataset) }
          : splitValidation(dataset.train, { kind: validation.kind, count: validation.count, seed })
  if (limit === undefined) return { ...parts, ...tested }
  if (!(Number.isSafeInteger(limit) && limit >= 1)) {
    throw new UserError({
      what: 'limit cannot be used',
      expected: 'a whole number of at least 1',
      received: `${limit}`,
    })
  }
  return { ...parts, train: sourceRange(parts.train, 0, Math.min(limit, parts.train.count)), ...tested }
}

/** What the samples are, before and after preparation, with the first labels and their one-hot rows. */
export function describeData(recipe: RecipeConfig, dataset: Dataset<PictureSource>, data: RecipeData): string[] {
  const { name, shape, classNames, train, test } = dataset
  const first = Array.from(train.labels.subarray(0, 10))
  const rows = toCategorical(first.slice(0, 3), classNames.length)
  const classes = classNames.length
  const heldOut = recipe.validation.kind === 'test' ? 'the test set' : String(data.validation?.count ?? 'no')
  const sizes = ({ count }: PictureSource, kind = ''): string =>
    `${formatShape([count, ...shape])}${kind}, labels ${formatShape([count])}`
  return [
    `${name}: train ${sizes(train, ' uint8')}; ${test ? `test ${sizes(test)}` : 'no test part'}`,
    `${data.train.count} train, ${heldOut} validation, ${test?.count ?? 'no'} test; ${classes} classes: ${classNames.join(', ')}`,
    `first labels: ${first.join(' ')}`,
    ...first.slice(0, 3).map((label, row) => {
      const ones = rows.data.subarray(row * classes, (row + 1) * classes)
      return `  ${label} (${classNames[label]}) → ${ones.join(' ')}`
    }),
  ]
}

/** A recipe as JSON, for metadata and run files. */
export function recipeToJson(recipe: RecipeConfig): JsonRecord {
  const json: unknown = JSON.parse(JSON.stringify(recipe))
  return isJsonRecord(json) ? json : {}
}
