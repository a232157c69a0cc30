/**
 * Residual networks (He et al. 2015): each block adds its input to what it computes. ResNet-18 and -50 for 224×224 pictures
 * (stride in the 3×3 convolution of a bottleneck, as is usual today), ResNet-20 and -56 for CIFAR-10. Where height or channels
 * change, the skip goes through a 1×1 convolution. Convolutions have no bias: batch normalization follows each.
 */
import { activation } from '../../layers/activation-layers.ts'
import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import { add } from '../../layers/merging.ts'
import { dropout } from '../../layers/noise.ts'
import { batchNormalization } from '../../layers/normalization.ts'
import { globalAveragePooling2d, maxPooling2d } from '../../layers/pooling.ts'
import { zeroPadding2d } from '../../layers/rearranging.ts'
import { rescaling } from '../../layers/rescaling.ts'
import { apply, type Tensor } from '../../layers/tensor.ts'
import { chain, input, model } from '../functional.ts'
import { pictureAugmentation } from './picture-augmentation.ts'
import { halvings, type OwnNetworkOptions } from './small-cnn.ts'
import type { ZooModel, ZooOptions } from './zoo-model.ts'

export const resnet18: ZooModel = {
  title: 'ResNet-18',
  parameters: { trainable: 11_689_512, nonTrainable: 9_600 },
  build: options => large('resnet18', [2, 2, 2, 2], basicBlock, 1, options),
}

export const resnet50: ZooModel = {
  title: 'ResNet-50',
  parameters: { trainable: 25_557_032, nonTrainable: 53_120 },
  build: options => large('resnet50', [3, 4, 6, 3], bottleneck, 4, options),
}

export const resnet20: ZooModel = {
  title: 'ResNet-20 for CIFAR-10',
  parameters: { trainable: 272_474, nonTrainable: 1_568 },
  build: options => small('resnet20', 3, options),
}

export const resnet56: ZooModel = {
  title: 'ResNet-56 for CIFAR-10',
  parameters: { trainable: 855_770, nonTrainable: 4_256 },
  build: options => small('resnet56', 9, options),
}

/** For own pictures: a stage for each halving, five at most, so that few places are left; the pooling at once makes it fast. */
export function smallResnet({ classes, inputShape, filters, mirror }: OwnNetworkOptions) {
  const pictures = input({ shape: inputShape })
  let x = chain(pictures, ...pictureAugmentation({ mirror }), convolution(filters, 3, 1), batchNormalization(), relu())
  x = apply(maxPooling2d(), x)
  x = stages(x, new Array<number>(Math.min(5, halvings(inputShape))).fill(2), filters, basicBlock, 1)
  const outputs = chain(
    x,
    globalAveragePooling2d(),
    dropout({ rate: 0.2 }),
    dense({ units: classes, activation: 'softmax' }),
  )
  return model({ inputs: pictures, outputs, name: 'small_resnet' })
}

type Block = (x: Tensor, filters: number, strides: number, expansion: number) => Tensor

const relu = () => activation({ activation: 'relu' })

/** Padded on both sides alike, whatever the stride. */
function convolution(filters: number, kernelSize: number, strides: number) {
  const options = { filters, kernelSize, strides, useBias: false, kernelInitializer: 'heNormal' as const }
  return conv2d({ ...options, padding: strides === 1 ? 'same' : 'valid' })
}

function convolve(x: Tensor, filters: number, kernelSize: number, strides: number): Tensor {
  const border = strides > 1 && kernelSize > 1 ? (kernelSize - 1) / 2 : 0
  const padded = border === 0 ? x : apply(zeroPadding2d({ padding: border }), x)
  return chain(padded, convolution(filters, kernelSize, strides), batchNormalization())
}

function large(
  name: string,
  blocks: readonly number[],
  block: Block,
  expansion: number,
  { classes = 1000, inputShape = [224, 224, 3] }: ZooOptions = {},
) {
  const pictures = input({ shape: inputShape })
  let x = apply(rescaling({ scale: 1 / 255 }), pictures)
  x = apply(relu(), convolve(x, 64, 7, 2))
  // A border of zeros changes no maximum: what comes in went through a relu.
  x = chain(x, zeroPadding2d({ padding: 1 }), maxPooling2d({ poolSize: 3, strides: 2 }))
  x = stages(x, blocks, 64, block, expansion)
  const outputs = chain(x, globalAveragePooling2d(), dense({ units: classes, activation: 'softmax' }))
  return model({ inputs: pictures, outputs, name })
}

/** Three stages of so many blocks: 6 · blocks + 2 layers with weights. */
function small(name: string, blocks: number, { classes = 10, inputShape = [32, 32, 3] }: ZooOptions = {}) {
  const pictures = input({ shape: inputShape })
  let x = chain(pictures, rescaling({ scale: 1 / 255 }), convolution(16, 3, 1), batchNormalization(), relu())
  x = stages(x, [blocks, blocks, blocks], 16, basicBlock, 1)
  const outputs = chain(x, globalAveragePooling2d(), dense({ units: classes, activation: 'softmax' }))
  return model({ inputs: pictures, outputs, name })
}

/** Each stage but the first halves height and width and doubles the filters. */
function stages(start: Tensor, blocks: readonly number[], filters: number, block: Block, expansion: number): Tensor {
  let x = start
  blocks.forEach((count, stage) => {
    for (let index = 0; index < count; index++) {
      x = block(x, filters * 2 ** stage, stage > 0 && index === 0 ? 2 : 1, expansion)
    }
  })
  return x
}

function basicBlock(x: Tensor, filters: number, strides: number): Tensor {
  const inner = apply(relu(), convolve(x, filters, 3, strides))
  return joined(convolve(inner, filters, 3, 1), x, strides)
}

function bottleneck(x: Tensor, filters: number, strides: number, expansion: number): Tensor {
  const narrow = apply(relu(), convolve(x, filters, 1, 1))
  const inner = apply(relu(), convolve(narrow, filters, 3, strides))
  return joined(convolve(inner, filters * expansion, 1, 1), x, strides)
}

function joined(computed: Tensor, x: Tensor, strides: number): Tensor {
  const channels = computed.shape[2]!
  const skip = strides === 1 && x.shape[2] === channels ? x : convolve(x, channels, 1, strides)
  return chain(apply(add(), [computed, skip]), relu())
}
