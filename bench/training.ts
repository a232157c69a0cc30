/**
 * A recipe's training step on one of our devices: the step `fovea train` runs (feeding shuffled rows, augmentation, loss, update,
 * metrics), on random pictures and labels.
 */
import { fold, keyOf, randomBits } from '../packages/fovea/src/base/random.ts'
import { inMemory, type MemorySource } from '../packages/fovea/src/data/memory-source.ts'
import type { PictureShape } from '../packages/fovea/src/data/picture-source.ts'
import type { Model } from '../packages/fovea/src/network/model.ts'
import { initialWeights } from '../packages/fovea/src/network/weights.ts'
import { optimizerFromConfig } from '../packages/fovea/src/optimizer/factories.ts'
import type { RecipeConfig } from '../packages/fovea/src/recipes/recipe.ts'
import { buildModel } from '../packages/fovea/src/recipes/recipe-parts.ts'
import { recipe as recipeNamed } from '../packages/fovea/src/recipes/recipes.ts'
import type { Device, StepOutputs } from '../packages/fovea/src/runtime/device.ts'
import { fillBatch, shuffledOrder } from '../packages/fovea/src/train/batches.ts'
import type { TrainingSetup } from '../packages/fovea/src/train/live-program.ts'
import { type Rows, trainingRows } from '../packages/fovea/src/train/rows.ts'
import { type Clock, createTrainer, type Trainer } from '../packages/fovea/src/train/trainer.ts'

/** Pictures of the random data set, unless said otherwise. */
const COUNT = 1024
const CLASSES = 10
/** Of bytes that are all as frequent. */
const uniform = { mean: 127.5, variance: (256 ** 2 - 1) / 12 }

export interface Workload {
  readonly recipe: RecipeConfig
  readonly pictures: MemorySource
  readonly model: Model
  readonly setup: TrainingSetup
}

/** The recipe's network and settings with random data of its shape. */
export function workloadOf(name: string, count = COUNT): Workload {
  const recipe = recipeNamed(name)
  const pictures = randomPictures(recipe.preprocess.shape, count)
  const { loss, metrics } = recipe
  const setup = { optimizer: optimizerFromConfig(recipe.optimizer.type, recipe.optimizer.config), loss, metrics }
  const { shape, classNames } = pictures
  const model = buildModel(recipe, { name: 'random', shape, classNames }, recipe.standardize ? uniform : undefined)
  return { recipe, pictures, model, setup }
}

function randomPictures(shape: PictureShape, count = COUNT): MemorySource {
  const images = new Uint8Array(count * shape[0] * shape[1] * shape[2])
  const key = keyOf(1)
  for (let index = 0; index < images.length; index++) images[index] = randomBits(key, index) >>> 24
  const labels = Uint8Array.from({ length: count }, (_, row) => (randomBits(fold(key, 1), row) >>> 8) % CLASSES)
  const classNames = Array.from({ length: CLASSES }, (_, index) => String(index))
  return inMemory({ images, labels, shape, classNames })
}

export interface Training {
  readonly trainer: Trainer
  readonly rows: Rows
  /** Runs steps of `rows` rows, the recipe's batch by default. */
  run(steps: number, rows?: number): Promise<StepOutputs[]>
}

export async function startTraining(
  { recipe, pictures, model, setup }: Workload,
  device: Device,
  clock: Clock,
  threads: number,
): Promise<Training> {
  const { seed, batchSize } = recipe
  const trainer = createTrainer({ model, setup, device, clock, threads, weights: initialWeights(model, seed) })
  const rows = trainingRows(model, trainer.targets, pictures, pictures.labels)
  const need = { entry: 'train', batch: batchSize, match: 'exact', rows } as const
  await trainer.prepare(need)
  const order = shuffledOrder(seed, 0, rows.count)
  const batches = Math.floor(rows.count / batchSize)
  return {
    trainer,
    rows,
    async run(steps, count = batchSize) {
      const first = trainer.step
      const outputs = await trainer.run(need, steps, (index, slots) => {
        const step = first + index
        trainer.feedStep(slots, seed, step)
        const begin = (step % batches) * batchSize
        return fillBatch({ ...rows, count: begin + count }, order, begin, batchSize, slots)
      })
      trainer.step += steps
      return outputs
    },
  }
}
