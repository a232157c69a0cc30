/**
 * Two networks for CIFAR-10 that are measured, not trained to an end: ResNet-20 (He et al. 2015), what residual networks are made of, and
 * that of airbench94 (Jordan 2024, arXiv 2404.00498), wide 3×3 convolutions on 31×31, 15×15 and 7×7 with GELU, in large batches.
 */
import type { Json, JsonRecord } from '../packages/fovea/src/base/json.ts'
import { specOf } from '../packages/fovea/src/base/preprocess-spec.ts'
import { modelToConfig } from '../packages/fovea/src/network/config.ts'
import { cifar1094 } from '../packages/fovea/src/network/zoo/cifar10-94.ts'
import { makeRecipe } from '../packages/fovea/src/recipes/common.ts'

const shared = {
  dataset: 'random',
  preprocess: specOf({ name: 'random', shape: [32, 32, 3] }),
  validation: { kind: 'none' },
  epochs: 1,
  test: 'last',
} as const

export const resnetRecipe = makeRecipe({
  ...shared,
  name: 'resnet20',
  title: 'ResNet-20',
  optimizer: { type: 'SGD', config: { learningRate: 0.01, momentum: 0.9 } },
  batchSize: 128,
})

/** Without what changes pictures at random; its first layer learns like the others, where the recipe keeps its whitening filters. */
function airbench(): JsonRecord {
  const config = modelToConfig(cifar1094.build())
  const layers = config.layers
    .filter(({ type }) => !type.startsWith('Random'))
    .map(layer => ({ ...layer, config: { ...layer.config, ...(layer.name === 'whitening' && glorot) } }))
  return { ...config, layers } as Readonly<Record<string, unknown>> as Readonly<Record<string, Json>>
}

const glorot = { kernelInitializer: { type: 'GlorotUniform' } }

const airbenchOf = (name: string, batchSize: number) =>
  makeRecipe({
    ...shared,
    name,
    title: `The network of airbench94, batch ${batchSize}`,
    model: airbench(),
    optimizer: { type: 'SGD', config: { learningRate: 0.01, momentum: 0.85, nesterov: true } },
    loss: { type: 'CategoricalCrossentropy', config: { labelSmoothing: 0.2 } },
    batchSize,
  })

export const airbenchRecipes = [airbenchOf('airbench', 1024), airbenchOf('airbench-512', 512)]
