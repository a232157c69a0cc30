/** VGG16 (Simonyan, Zisserman 2014): thirteen 3×3 convolutions in five blocks, three dense layers, 224×224 pictures. */
import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import type { Layer } from '../../layers/layer.ts'
import { maxPooling2d } from '../../layers/pooling.ts'
import { flatten } from '../../layers/shaping.ts'
import { sequential } from '../sequential.ts'
import { unitRange, type ZooModel } from './zoo-model.ts'

export const vgg16: ZooModel = {
  title: 'VGG16',
  parameters: { trainable: 138_357_544, nonTrainable: 0 },
  build: ({ classes = 1000, inputShape = [224, 224, 3] } = {}) =>
    sequential(
      [
        unitRange(inputShape),
        ...block(1, 64, 2),
        ...block(2, 128, 2),
        ...block(3, 256, 3),
        ...block(4, 512, 3),
        ...block(5, 512, 3),
        flatten(),
        dense({ units: 4096, activation: 'relu', name: 'fc1' }),
        dense({ units: 4096, activation: 'relu', name: 'fc2' }),
        dense({ units: classes, activation: 'softmax', name: 'predictions' }),
      ],
      { name: 'vgg16' },
    ),
}

/** Named as in Keras, so that its weights can be found. */
function block(number: number, filters: number, convolutions: number): Layer[] {
  const layers = Array.from({ length: convolutions }, (_, index) =>
    conv2d({
      filters,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      name: `block${number}_conv${index + 1}`,
    }),
  )
  return [...layers, maxPooling2d({ name: `block${number}_pool` })]
}
