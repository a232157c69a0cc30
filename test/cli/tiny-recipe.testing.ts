/** A recipe that trains in a moment: a tiny network on the built-in data set, few epochs, few pictures held out. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { conv2d } from '../../packages/fovea/src/layers/conv.ts'
import { dense } from '../../packages/fovea/src/layers/dense.ts'
import { dropout } from '../../packages/fovea/src/layers/noise.ts'
import { maxPooling2d } from '../../packages/fovea/src/layers/pooling.ts'
import { rescaling } from '../../packages/fovea/src/layers/rescaling.ts'
import { flatten } from '../../packages/fovea/src/layers/shaping.ts'
import { modelToConfig } from '../../packages/fovea/src/network/config.ts'
import { sequential } from '../../packages/fovea/src/network/sequential.ts'
import type { RecipeConfig } from '../../packages/fovea/src/recipes/recipe.ts'
import { recipe } from '../../packages/fovea/src/recipes/recipes.ts'

export function tinyRecipe(changes: Partial<RecipeConfig> = {}): RecipeConfig {
  const model = sequential(
    [
      rescaling({ scale: 1 / 255, inputShape: [32, 32, 3] }),
      conv2d({ filters: 4, kernelSize: 5, strides: 4, activation: 'relu' }),
      maxPooling2d(),
      flatten(),
      dropout({ rate: 0.2 }),
      dense({ units: 10, activation: 'softmax' }),
    ],
    { name: 'tiny' },
  )
  return {
    ...recipe('shapes-cnn'),
    name: 'tiny',
    title: 'A tiny network',
    model: JSON.parse(JSON.stringify(modelToConfig(model))),
    validation: { kind: 'first', count: 100 },
    batchSize: 16,
    epochs: 2,
    ...changes,
  }
}

/** Writes it as `tiny.json` into the folder. */
export function writeTinyRecipe(folder: string, changes: Partial<RecipeConfig> = {}): void {
  writeFileSync(join(folder, 'tiny.json'), JSON.stringify(tinyRecipe(changes)))
}
