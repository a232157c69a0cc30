/**
 * Small networks that between them use every kind of kernel: dense layers below and above the size where they are split by outputs,
 * filters of 2×2, 3×3 and 5×5, strides, groups, poolings that tile and that overlap, batch norm, dropout, random pictures,
 * skips and concatenation, channel counts that no vector divides.
 */
import { randomFlip, randomRotation, randomZoom } from '../../packages/fovea/src/layers/augmentation.ts'
import { conv2d } from '../../packages/fovea/src/layers/conv.ts'
import { conv2dTranspose } from '../../packages/fovea/src/layers/conv-transpose.ts'
import { dense } from '../../packages/fovea/src/layers/dense.ts'
import { depthwiseConv2d } from '../../packages/fovea/src/layers/depthwise.ts'
import { groupNormalization } from '../../packages/fovea/src/layers/group-normalization.ts'
import { localResponseNormalization } from '../../packages/fovea/src/layers/layer-normalization.ts'
import { rmsNormalization, unitNormalization } from '../../packages/fovea/src/layers/length-normalization.ts'
import { add, concatenate } from '../../packages/fovea/src/layers/merging.ts'
import { dropout } from '../../packages/fovea/src/layers/noise.ts'
import { batchNormalization } from '../../packages/fovea/src/layers/normalization.ts'
import { averagePooling2d, globalAveragePooling2d, maxPooling2d } from '../../packages/fovea/src/layers/pooling.ts'
import { rescaling } from '../../packages/fovea/src/layers/rescaling.ts'
import { flatten } from '../../packages/fovea/src/layers/shaping.ts'
import { apply } from '../../packages/fovea/src/layers/tensor.ts'
import { chain, input, model } from '../../packages/fovea/src/network/functional.ts'
import type { Model } from '../../packages/fovea/src/network/model.ts'
import { sequential } from '../../packages/fovea/src/network/sequential.ts'

const unit = (inputShape: readonly number[]) => rescaling({ scale: 1 / 255, inputShape })
const scores = () => dense({ units: 10, activation: 'softmax' as const })

function mlp(): Model {
  return sequential([
    unit([12, 13, 1]),
    flatten(),
    dense({ units: 260, activation: 'relu' }),
    dense({ units: 33, activation: 'sigmoid', kernelRegularizer: { type: 'L2', l2: 1e-3 } }),
    scores(),
  ])
}

function cnn(): Model {
  return sequential([
    unit([14, 14, 3]),
    conv2d({ filters: 16, kernelSize: 2, padding: 'same', activation: 'relu' }),
    maxPooling2d(),
    conv2d({ filters: 48, kernelSize: 3, activation: 'relu' }),
    conv2d({ filters: 80, kernelSize: 3, padding: 'same', activation: 'elu' }),
    maxPooling2d(),
    flatten(),
    dense({ units: 20, activation: 'relu' }),
    scores(),
  ])
}

function lenet(): Model {
  return sequential([
    unit([18, 18, 1]),
    conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'tanh' }),
    averagePooling2d(),
    conv2d({ filters: 16, kernelSize: 5, activation: 'tanh' }),
    averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
    conv2d({ filters: 30, kernelSize: 5, activation: 'tanh' }),
    flatten(),
    dense({ units: 21, activation: 'tanh' }),
    scores(),
  ])
}

/** Augmentation, batch norm and dropout: everything random or collected over the batch. */
function random(): Model {
  return sequential([
    unit([11, 11, 3]),
    randomRotation({ factor: 0.1 }),
    randomZoom({ heightFactor: 0.2, fillMode: 'nearest' }),
    randomFlip({ mode: 'horizontal' }),
    conv2d({ filters: 12, kernelSize: 3, padding: 'same', activation: 'elu' }),
    batchNormalization(),
    conv2d({ filters: 12, kernelSize: 3, padding: 'same', useBias: false }),
    batchNormalization({ momentum: 0.9 }),
    maxPooling2d(),
    dropout({ rate: 0.25 }),
    conv2d({ filters: 24, kernelSize: 3, padding: 'same', activation: 'gelu' }),
    flatten(),
    dropout({ rate: 0.4 }),
    scores(),
  ])
}

/** Depthwise and grouped convolutions, strides and dilation, a skip, branches joined. */
function branches(): Model {
  const pictures = input({ shape: [13, 12, 3] })
  const stem = chain(pictures, rescaling({ scale: 1 / 255 }), conv2d({ filters: 12, kernelSize: 3, strides: 2 }))
  const deep = chain(
    stem,
    depthwiseConv2d({ kernelSize: 3, padding: 'same', activation: 'relu' }),
    conv2d({ filters: 12, kernelSize: 3, padding: 'same', groups: 4 }),
  )
  const skip = apply(add(), [stem, deep])
  const pooled = chain(
    skip,
    maxPooling2d({ poolSize: 3, strides: 1, padding: 'same' }),
    conv2d({ filters: 5, kernelSize: 1 }),
  )
  const wide = chain(skip, conv2d({ filters: 7, kernelSize: 3, padding: 'same', dilationRate: 2, activation: 'relu' }))
  const joined = apply(concatenate(), [pooled, wide])
  const outputs = chain(joined, localResponseNormalization({}), globalAveragePooling2d(), scores())
  return model({ inputs: pictures, outputs, name: 'branches' })
}

/** Channels 1, 3, 6, 10, 13; filters of uneven sides; strides that leave a rest. */
function odd(): Model {
  return sequential([
    unit([15, 17, 1]),
    conv2d({ filters: 3, kernelSize: [3, 2], strides: [2, 1], padding: 'same', activation: 'relu' }),
    conv2d({ filters: 6, kernelSize: 3, strides: 2, padding: 'same', activation: 'tanh' }),
    maxPooling2d({ poolSize: 2, strides: 1 }),
    conv2d({ filters: 10, kernelSize: [1, 3], activation: 'softplus' }),
    batchNormalization(),
    conv2d({ filters: 13, kernelSize: 2, activation: 'relu' }),
    flatten(),
    dense({ units: 7, activation: 'silu' }),
    dense({ units: 10, activation: 'softmax' }),
  ])
}

/** Filters so large, on pictures so small, that Winograd transforms the whole batch at once. */
function wide(): Model {
  return sequential([
    unit([6, 7, 3]),
    conv2d({ filters: 97, kernelSize: 1, activation: 'relu' }),
    conv2d({ filters: 102, kernelSize: 3, activation: 'relu' }),
    maxPooling2d(),
    flatten(),
    scores(),
  ])
}

/** Pictures made larger again, with filters for which Winograd pays and such for which it does not; normalisations of each picture by itself. */
function larger(): Model {
  return sequential([
    unit([9, 8, 3]),
    conv2d({ filters: 16, kernelSize: 3, strides: 2, padding: 'same', activation: 'hardSilu' }),
    groupNormalization({ groups: 4 }),
    conv2dTranspose({ filters: 24, kernelSize: 4, strides: 2, padding: 'same', activation: 'relu' }),
    rmsNormalization(),
    conv2dTranspose({ filters: 32, kernelSize: 3, padding: 'same' }),
    groupNormalization({ groups: -1 }),
    conv2dTranspose({ filters: 5, kernelSize: [3, 2], strides: [2, 3], outputPadding: [1, 2], activation: 'mish' }),
    maxPooling2d({ poolSize: 4 }),
    flatten(),
    unitNormalization(),
    dense({ units: 10, activation: 'sparsemax' }),
  ])
}

export const networks = { mlp, cnn, lenet, random, branches, odd, wide, larger } as const
export type NetworkName = keyof typeof networks
export const networkNames = Object.keys(networks) as NetworkName[]
