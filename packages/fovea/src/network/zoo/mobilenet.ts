/**
 * MobileNets, small networks of depthwise convolutions: version 1 (Howard et al. 2017), each followed by a 1×1 convolution that mixes the
 * channels, and version 2 (Sandler et al. 2018), whose blocks first widen their input, six times, and add it to their result where the
 * shapes are equal. `alpha` is the width: filters of every layer are multiplied by it. Layers are called, and padded, as in Keras's
 * applications, so that trained weights find their places; pictures come in as bytes and are brought to −1 … 1.
 */
import { activation, reLU } from '../../layers/activation-layers.ts'
import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import { depthwiseConv2d } from '../../layers/depthwise.ts'
import { add } from '../../layers/merging.ts'
import { dropout } from '../../layers/noise.ts'
import { batchNormalization } from '../../layers/normalization.ts'
import { globalAveragePooling2d } from '../../layers/pooling.ts'
import { reshape, zeroPadding2d } from '../../layers/rearranging.ts'
import { rescaling } from '../../layers/rescaling.ts'
import { apply, type Tensor } from '../../layers/tensor.ts'
import { chain, input, model } from '../functional.ts'
import type { ZooModel } from './zoo-model.ts'

/** Filters and strides of the convolutions that mix the channels. */
const blocks1: readonly (readonly [filters: number, strides: 1 | 2])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  ...new Array<readonly [512, 1]>(5).fill([512, 1]),
  [1024, 2],
  [1024, 1],
]

/** Filters, strides of the first block, and blocks. */
const stages2: readonly (readonly [filters: number, strides: 1 | 2, blocks: number])[] = [
  [16, 1, 1],
  [24, 2, 2],
  [32, 2, 3],
  [64, 2, 4],
  [96, 1, 3],
  [160, 2, 3],
  [320, 1, 1],
]

export const mobilenetV1: ZooModel = {
  title: 'MobileNet (version 1)',
  parameters: { trainable: 4_231_976, nonTrainable: 21_888 },
  alpha: 1,
  build({ classes = 1000, inputShape = [224, 224, 3], alpha = 1 } = {}) {
    const pictures = input({ shape: inputShape })
    const of = (filters: number): number => Math.max(1, Math.trunc(filters * alpha))
    const after = (name: string) => [
      batchNormalization({ name: `${name}_bn` }),
      reLU({ maxValue: 6, name: `${name}_relu` }),
    ]
    const first = conv2d({ filters: of(32), ...strided, padding: 'same', name: 'conv1' })
    let x = chain(pictures, signedRange(), first, ...after('conv1'))
    for (const [index, [filters, strides]] of blocks1.entries()) {
      const [spatial, mixing] = [`conv_dw_${index + 1}`, `conv_pw_${index + 1}`]
      x = chain(depthwise(x, strides, `conv_pad_${index + 1}`, spatial), ...after(spatial))
      x = chain(x, pointwise(of(filters), mixing), ...after(mixing))
    }
    const outputs = chain(
      x,
      globalAveragePooling2d({ keepdims: true }),
      dropout({ rate: 0.001, name: 'dropout' }),
      conv2d({ filters: classes, kernelSize: 1, padding: 'same', name: 'conv_preds' }),
      reshape({ targetShape: [classes], name: 'reshape_2' }),
      activation({ activation: 'softmax', name: 'predictions' }),
    )
    return model({ inputs: pictures, outputs, name: nameOf('mobilenet', alpha, inputShape) })
  },
}

export const mobilenetV2: ZooModel = {
  title: 'MobileNetV2',
  parameters: { trainable: 3_504_872, nonTrainable: 34_112 },
  alpha: 1,
  build({ classes = 1000, inputShape = [224, 224, 3], alpha = 1 } = {}) {
    const pictures = input({ shape: inputShape })
    const scaled = apply(signedRange(), pictures)
    const first = conv2d({ filters: multipleOf8(32 * alpha), ...strided, name: 'Conv1' })
    let x = chain(scaled, padding(scaled, 'Conv1_pad'), first, normalize('bn_Conv1'), limited('Conv1_relu'))
    let block = 0
    for (const [filters, strides, count] of stages2) {
      const width = multipleOf8(Math.trunc(filters * alpha))
      for (let index = 0; index < count; index++) x = inverted(x, width, index === 0 ? strides : 1, block++)
    }
    const outputs = chain(
      x,
      // The last convolution is not made narrower.
      conv2d({ filters: multipleOf8(1280 * Math.max(1, alpha)), kernelSize: 1, useBias: false, name: 'Conv_1' }),
      normalize('Conv_1_bn'),
      limited('out_relu'),
      globalAveragePooling2d(),
      dense({ units: classes, activation: 'softmax', name: 'predictions' }),
    )
    return model({ inputs: pictures, outputs, name: nameOf('mobilenetv2', alpha, inputShape) })
  },
}

/** An inverted residual: widened six times (not in the first block), each channel convolved, and narrowed without an activation. */
function inverted(x: Tensor, filters: number, strides: 1 | 2, block: number): Tensor {
  const name = block === 0 ? 'expanded_conv' : `block_${block}`
  const channels = x.shape[2]!
  const expand = pointwise(6 * channels, `${name}_expand`)
  const wide = block === 0 ? x : chain(x, expand, normalize(`${name}_expand_BN`), limited(`${name}_expand_relu`))
  const result = chain(
    depthwise(wide, strides, `${name}_pad`, `${name}_depthwise`),
    normalize(`${name}_depthwise_BN`),
    limited(`${name}_depthwise_relu`),
    pointwise(filters, `${name}_project`),
    normalize(`${name}_project_BN`),
  )
  return strides === 1 && filters === channels ? apply(add({ name: `${name}_add` }), [x, result]) : result
}

const strided = { kernelSize: 3, strides: 2, useBias: false } as const
const signedRange = () => rescaling({ scale: 1 / 127.5, offset: -1 })
const normalize = (name: string) => batchNormalization({ epsilon: 1e-3, momentum: 0.999, name })
const limited = (name: string) => reLU({ maxValue: 6, name })
const pointwise = (filters: number, name: string) =>
  conv2d({ filters, kernelSize: 1, padding: 'same', useBias: false, name })

/** 3×3, each channel by itself; with strides of 2 between borders of its own. */
function depthwise(x: Tensor, strides: 1 | 2, padName: string, name: string): Tensor {
  if (strides === 1) return apply(depthwiseConv2d({ kernelSize: 3, padding: 'same', useBias: false, name }), x)
  return chain(x, padding(x, padName), depthwiseConv2d({ ...strided, name }))
}

/** What a 3×3 window with strides of 2 needs: a border on both sides of an odd extent, after an even one. */
function padding({ shape: [height, width] }: Tensor, name: string) {
  const [top, left] = [height! % 2, width! % 2]
  return zeroPadding2d({
    padding: [
      [top, 1],
      [left, 1],
    ],
    name,
  })
}

/** The nearest multiple of 8, but never less than nine tenths. */
function multipleOf8(filters: number): number {
  const nearest = Math.max(8, Math.floor((filters + 4) / 8) * 8)
  return nearest < 0.9 * filters ? nearest + 8 : nearest
}

const nameOf = (network: string, alpha: number, [rows]: readonly number[]) => `${network}_${alpha.toFixed(2)}_${rows}`
