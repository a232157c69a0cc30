/**
 * A recipe's training step on one of our devices: the step `fovea train` runs (feeding shuffled rows, augmentation, loss, update,
 * metrics), on random pictures and labels.
 */
import { fold, keyOf, randomBits } from '../packages/fovea/src/base/random.ts'
import { sizeOf } from '../packages/fovea/src/base/shape.ts'
import { inMemory, type MemorySource } from '../packages/fovea/src/data/memory-source.ts'
import type { PictureShape } from '../packages/fovea/src/data/picture-source.ts'
import { fillBatch, shuffledOrder } from '../packages/fovea/src/engine/batches.ts'
import type { Measured } from '../packages/fovea/src/engine/entry.ts'
import type { FeedRows } from '../packages/fovea/src/engine/feed-rows.ts'
import { labelledPictures } from '../packages/fovea/src/engine/picture-rows.ts'
import type { Clock } from '../packages/fovea/src/engine/steps.ts'
import type { TrainingSetup } from '../packages/fovea/src/engine/train-entry.ts'
import type { Model } from '../packages/fovea/src/network/model.ts'
import { initialWeights } from '../packages/fovea/src/network/weights.ts'
import { lossOf } from '../packages/fovea/src/objectives/losses.ts'
import { optimizerFromConfig } from '../packages/fovea/src/optimizer/factories.ts'
import type { RecipeConfig } from '../packages/fovea/src/recipes/recipe.ts'
import { buildModel, plainModel } from '../packages/fovea/src/recipes/recipe-parts.ts'
import { recipe as recipeNamed } from '../packages/fovea/src/recipes/recipes.ts'
import type { Device } from '../packages/fovea/src/runtime/device.ts'
import { createLearner, type Learner } from '../packages/fovea/src/train/learner.ts'
import { airbenchRecipes, resnetRecipe } from './cifar.ts'
import { mobilenetRecipe } from './mobilenet.ts'

/** Bytes of the random data set's pictures, at most, and how many there are, unless said otherwise. */
const BYTES = 16 << 20
const COUNT = 1024
/** Of bytes that are all as frequent. */
const uniform = { mean: 127.5, variance: (256 ** 2 - 1) / 12 }

/** Networks that no recipe of ours trains. */
const unpublished = [mobilenetRecipe, resnetRecipe, ...airbenchRecipes]

export interface Workload {
  readonly recipe: RecipeConfig
  readonly pictures: MemorySource
  readonly model: Model
  readonly setup: TrainingSetup
}

/** The recipe's network and settings with random data of its shape. */
export function workloadOf(name: string, count?: number): Workload {
  const recipe = unpublished.find(each => each.name === name) ?? recipeNamed(name)
  const { shape: size } = recipe.preprocess
  const classes = plainModel(recipe).outputs[0]!.shape[0]!
  const pictures = randomPictures(size, classes, count ?? Math.min(COUNT, Math.floor(BYTES / sizeOf(size))))
  const { loss, metrics } = recipe
  const setup = {
    optimizer: optimizerFromConfig(recipe.optimizer.type, recipe.optimizer.config),
    loss: lossOf(loss),
    metrics,
  }
  const { shape, classNames } = pictures
  const model = buildModel(recipe, { name: 'random', shape, classNames }, recipe.standardize ? uniform : undefined)
  return { recipe, pictures, model, setup }
}

function randomPictures(shape: PictureShape, classes: number, count: number): MemorySource {
  const images = new Uint8Array(count * shape[0] * shape[1] * shape[2])
  const key = keyOf(1)
  for (let index = 0; index < images.length; index++) images[index] = randomBits(key, index) >>> 24
  const labels = Int32Array.from({ length: count }, (_, row) => (randomBits(fold(key, 1), row) >>> 8) % classes)
  const classNames = Array.from({ length: classes }, (_, index) => String(index))
  return inMemory({ images, labels, shape, classNames })
}

export interface Training {
  readonly learner: Learner
  readonly rows: FeedRows
  /** Runs steps of `rows` rows, the recipe's batch by default. */
  run(steps: number, rows?: number): Promise<Measured[]>
}

export async function startTraining(
  { recipe, pictures, model, setup }: Workload,
  device: Device,
  clock: Clock,
  threads: number,
): Promise<Training> {
  const { seed, batchSize } = recipe
  const learner = createLearner({ model, setup, device, clock, threads, weights: initialWeights(model, seed) })
  const rows = labelledPictures(model, learner.targets, pictures)
  await learner.prepare(batchSize, rows)
  const order = shuffledOrder(seed, 0, rows.count)
  const batches = Math.floor(rows.count / batchSize)
  return {
    learner,
    rows,
    run(steps, count = batchSize) {
      const first = learner.engine.step
      return learner.train(rows, { batch: batchSize, match: 'exact' }, seed, steps, (index, slots) => {
        const begin = ((first + index) % batches) * batchSize
        return fillBatch({ ...rows, count: begin + count }, order, begin, batchSize, slots)
      })
    },
  }
}
