/**
 * Two networks for CIFAR-10 that are measured, not trained to an end: ResNet-20 (He et al. 2015), what residual networks are made of, and
 * that of airbench94 (Jordan 2024, arXiv 2404.00498), wide 3×3 convolutions on 31×31, 15×15 and 7×7 with GELU, in large batches.
 */
import type { Json, JsonRecord } from '../packages/fovea/src/base/json.ts'
import { specOf } from '../packages/fovea/src/base/preprocess-spec.ts'
import { activation } from '../packages/fovea/src/layers/activation-layers.ts'
import { conv2d } from '../packages/fovea/src/layers/conv.ts'
import { dense } from '../packages/fovea/src/layers/dense.ts'
import { batchNormalization } from '../packages/fovea/src/layers/normalization.ts'
import { maxPooling2d } from '../packages/fovea/src/layers/pooling.ts'
import { rescaling } from '../packages/fovea/src/layers/rescaling.ts'
import { flatten } from '../packages/fovea/src/layers/shaping.ts'
import { modelToConfig } from '../packages/fovea/src/network/config.ts'
import { sequential } from '../packages/fovea/src/network/sequential.ts'
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

/** Its first layer is trained here like the others; the recipe keeps the whitening filters as they are. */
function airbench(): JsonRecord {
  const convolution = (filters: number) => conv2d({ filters, kernelSize: 3, padding: 'same', useBias: false })
  const normalized = () => [batchNormalization({ scale: false }), activation({ activation: 'gelu' })]
  const group = (filters: number) => [
    convolution(filters),
    maxPooling2d(),
    ...normalized(),
    convolution(filters),
    ...normalized(),
  ]
  const network = sequential([
    rescaling({ scale: 1 / 64, offset: -2, inputShape: [32, 32, 3] }),
    conv2d({ filters: 24, kernelSize: 2, activation: 'gelu' }),
    ...[64, 256, 256].flatMap(group),
    maxPooling2d({ poolSize: 3 }),
    flatten(),
    dense({ units: 10, useBias: false }),
    rescaling({ scale: 1 / 9 }),
    activation({ activation: 'softmax' }),
  ])
  return { ...modelToConfig(network) } as Readonly<Record<string, unknown>> as Readonly<Record<string, Json>>
}

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
