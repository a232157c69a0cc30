/**
 * MobileNetV2 of width 0.35 for 224×224 pictures (Sandler et al. 2018; blocks, paddings and constants of Keras's application): what
 * small pretrained networks are made of, 1×1 and depthwise convolutions with batch norm. It is measured, not trained to an end; first
 * weights keep the signal's size from layer to layer, so that a wrong kernel shows in the predictions.
 */

import type { JsonRecord } from '../packages/fovea/src/base/json.ts'
import { specOf } from '../packages/fovea/src/base/preprocess-spec.ts'
import { activation } from '../packages/fovea/src/layers/activation-layers.ts'
import { conv2d } from '../packages/fovea/src/layers/conv.ts'
import { dense } from '../packages/fovea/src/layers/dense.ts'
import { depthwiseConv2d } from '../packages/fovea/src/layers/depthwise.ts'
import { add } from '../packages/fovea/src/layers/merging.ts'
import { batchNormalization } from '../packages/fovea/src/layers/normalization.ts'
import { globalAveragePooling2d } from '../packages/fovea/src/layers/pooling.ts'
import { zeroPadding2d } from '../packages/fovea/src/layers/rearranging.ts'
import { rescaling } from '../packages/fovea/src/layers/rescaling.ts'
import { apply, type Tensor } from '../packages/fovea/src/layers/tensor.ts'
import { modelToConfig } from '../packages/fovea/src/network/config.ts'
import { chain, input, model } from '../packages/fovea/src/network/functional.ts'
import { makeRecipe } from '../packages/fovea/src/recipes/common.ts'

const WIDTH = 0.35
/** Of each stage: expansion, channels at width 1, blocks, stride of the first. */
const stages: readonly (readonly [number, number, number, number])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
]

function mobilenetV2() {
  const pictures = input({ shape: [224, 224, 3] })
  let x = apply(rescaling({ scale: 1 / 127.5, offset: -1 }), pictures)
  x = chain(x, conv2d({ filters: wide(32), ...plain(3), strides: 2, padding: 'same' }), ...normalized())
  for (const [expansion, channels, blocks, strides] of stages)
    for (let index = 0; index < blocks; index++) x = block(x, expansion, wide(channels), index === 0 ? strides : 1)
  x = chain(x, conv2d({ filters: 1280, ...plain(1) }), ...normalized(), globalAveragePooling2d())
  const outputs = apply(dense({ units: 1000, activation: 'softmax' }), x)
  return model({ inputs: pictures, outputs, name: 'mobilenet_v2' })
}

/** Channels at WIDTH: whole eights, never less than 90 %. */
function wide(channels: number): number {
  const scaled = channels * WIDTH
  const rounded = Math.max(8, Math.floor((scaled + 4) / 8) * 8)
  return rounded < 0.9 * scaled ? rounded + 8 : rounded
}

const plain = (kernelSize: number) => ({ kernelSize, useBias: false, kernelInitializer: 'heNormal' as const })
/** He's for nine inputs; by shape he would count those of all channels. */
const depthwiseInitializer = { type: 'RandomNormal', mean: 0, stddev: Math.sqrt(2 / 9) } as const

const normalized = () => [batchNormalization({ momentum: 0.999 }), activation({ activation: 'relu6' })]

function block(x: Tensor, expansion: number, filters: number, strides: number): Tensor {
  const channels = x.shape[2]!
  let inner = x
  if (expansion > 1) inner = chain(inner, conv2d({ filters: expansion * channels, ...plain(1) }), ...normalized())
  if (strides > 1) {
    const [rows, columns] = inner.shape.map(extent => [1 - (extent % 2), 1] as const)
    inner = apply(zeroPadding2d({ padding: [rows!, columns!] }), inner)
  }
  const padding = strides > 1 ? 'valid' : 'same'
  const depthwise = depthwiseConv2d({ kernelSize: 3, useBias: false, depthwiseInitializer, strides, padding })
  inner = chain(
    inner,
    depthwise,
    ...normalized(),
    conv2d({ filters, ...plain(1) }),
    batchNormalization({ momentum: 0.999 }),
  )
  return strides === 1 && channels === filters ? apply(add(), [x, inner]) : inner
}

export const mobilenetRecipe = makeRecipe({
  name: 'mobilenet-v2',
  title: 'MobileNetV2 of width 0.35',
  dataset: 'random',
  model: modelToConfig(mobilenetV2()) as unknown as JsonRecord,
  preprocess: specOf({ name: 'random', shape: [224, 224, 3] }),
  validation: { kind: 'none' },
  optimizer: { type: 'SGD', config: { learningRate: 0.01 } },
  batchSize: 32,
  epochs: 1,
  test: 'last',
})
