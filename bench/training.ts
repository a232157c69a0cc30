/**
 * A recipe's training step on one of our devices: the step `fovea train` runs (feeding shuffled rows, augmentation, loss, update,
 * metrics), on random pictures and labels.
 */
import { fold, keyOf, randomBits } from '../packages/fovea/src/base/random.ts'
import type { Dataset } from '../packages/fovea/src/data/dataset.ts'
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

export interface Workload {
  readonly recipe: RecipeConfig
  readonly dataset: Dataset
  readonly model: ReturnType<typeof buildModel>
  readonly setup: TrainingSetup
}

/** The recipe's network and settings with random data of its shape. */
export function workloadOf(name: string, count = COUNT): Workload {
  const recipe = recipeNamed(name)
  const dataset = randomDataset(recipe.preprocess.shape, count)
  const { loss, metrics } = recipe
  const setup = { optimizer: optimizerFromConfig(recipe.optimizer.type, recipe.optimizer.config), loss, metrics }
  return { recipe, dataset, model: buildModel(recipe, dataset), setup }
}

function randomDataset(shape: Dataset['shape'], count = COUNT): Dataset {
  const images = new Uint8Array(count * shape[0] * shape[1] * shape[2])
  const key = keyOf(1)
  for (let index = 0; index < images.length; index++) images[index] = randomBits(key, index) >>> 24
  const labels = Uint8Array.from({ length: count }, (_, row) => (randomBits(fold(key, 1), row) >>> 8) % CLASSES)
  const classNames = Array.from({ length: CLASSES }, (_, index) => String(index))
  const split = { images, labels, count }
  return { name: 'random', shape, classNames, train: split, test: split }
}

export interface Training {
  readonly trainer: Trainer
  readonly rows: Rows
  /** Runs steps of `rows` rows, the recipe's batch by default. */
  run(steps: number, rows?: number): Promise<StepOutputs[]>
}

export async function startTraining(
  { recipe, dataset, model, setup }: Workload,
  device: Device,
  clock: Clock,
  threads: number,
): Promise<Training> {
  const { seed, batchSize } = recipe
  const trainer = createTrainer({ model, setup, device, clock, threads, weights: initialWeights(model, seed) })
  const rows = trainingRows(model, trainer.targets, dataset.train.images, dataset.train.labels)
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
