/**
 * The seven models of the recorded losses (scripts/parity/record.py describes them in PyTorch), dropout left out, with
 * the same weights: kernels by the formula written there, biases and beta 0, gamma 1.
 */
import { uniform } from '../../packages/fovea/src/base/random.ts'
import { sizeOf } from '../../packages/fovea/src/base/shape.ts'
import { conv2d } from '../../packages/fovea/src/layers/conv.ts'
import { dense } from '../../packages/fovea/src/layers/dense.ts'
import type { Layer } from '../../packages/fovea/src/layers/layer.ts'
import { batchNormalization } from '../../packages/fovea/src/layers/normalization.ts'
import { averagePooling2d, maxPooling2d } from '../../packages/fovea/src/layers/pooling.ts'
import { rescaling } from '../../packages/fovea/src/layers/rescaling.ts'
import { flatten } from '../../packages/fovea/src/layers/shaping.ts'
import type { Model } from '../../packages/fovea/src/network/model.ts'
import { sequential } from '../../packages/fovea/src/network/sequential.ts'

const relu = (filters: number, kernelSize: number, padding: 'same' | 'valid' = 'valid'): Layer =>
  conv2d({ filters, kernelSize, padding, activation: 'relu' })
const tanh = (filters: number, kernelSize: number, padding: 'same' | 'valid' = 'valid'): Layer =>
  conv2d({ filters, kernelSize, padding, activation: 'tanh' })
const eluBlock = (filters: number): Layer[] => [
  conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'elu' }),
  batchNormalization(),
]
const scores = (): Layer => dense({ units: 10, activation: 'softmax' })

const cifar = [32, 32, 3]
const grey = [28, 28, 1]
const stacks: Readonly<Record<string, readonly [readonly number[], () => readonly Layer[]]>> = {
  'mlp-mnist': [grey, () => mlp(512, 512)],
  'mlp-cifar': [cifar, () => mlp(1000, 512)],
  'cnn-mnist': [
    grey,
    () => [
      relu(32, 3, 'same'),
      maxPooling2d(),
      relu(64, 3, 'same'),
      maxPooling2d(),
      flatten(),
      dense({ units: 64, activation: 'relu' }),
      scores(),
    ],
  ],
  'cnn-cifar': [
    cifar,
    () => [
      ...[16, 32, 64].flatMap(filters => [relu(filters, 2, 'same'), maxPooling2d()]),
      flatten(),
      dense({ units: 500, activation: 'relu' }),
      scores(),
    ],
  ],
  'cnn-lesson-big': [
    cifar,
    () => [
      relu(8, 3),
      maxPooling2d(),
      relu(512, 3),
      maxPooling2d(),
      relu(256, 3),
      flatten(),
      dense({ units: 100, activation: 'relu' }),
      scores(),
    ],
  ],
  'lenet-fashion': [
    grey,
    () => [
      tanh(6, 3, 'same'),
      averagePooling2d(),
      tanh(16, 5),
      averagePooling2d(),
      tanh(120, 5),
      flatten(),
      dense({ units: 84, activation: 'tanh' }),
      scores(),
    ],
  ],
  'cnn-optimized': [
    cifar,
    () => [
      ...[32, 64, 128].flatMap(filters => [...eluBlock(filters), ...eluBlock(filters), maxPooling2d()]),
      flatten(),
      scores(),
    ],
  ],
}

function mlp(first: number, second: number): Layer[] {
  return [
    flatten(),
    dense({ units: first, activation: 'relu' }),
    dense({ units: second, activation: 'relu' }),
    scores(),
  ]
}

export function parityModel(name: string): Model {
  const [inputShape, layers] = stacks[name]!
  return sequential([rescaling({ scale: 1 / 255, inputShape }), ...layers()], { name })
}

/** The weights of the recording, by name. Moving statistics begin at 0 and 1 (training does not read them). */
export function parityWeights(model: Model): Record<string, Float32Array> {
  let tensor = 0
  return Object.fromEntries(
    model.weights.map(({ name, shape, trainable }) => {
      const values = new Float32Array(sizeOf(shape))
      const kind = name.split('/').at(-1)!
      const key = [trainable ? tensor++ : 0, 7] as const
      if (kind === 'kernel') {
        const area = sizeOf(shape.slice(0, -2))
        const limit = Math.sqrt(6 / (area * (shape.at(-2)! + shape.at(-1)!)))
        values.forEach((_, index) => {
          values[index] = (2 * uniform(key, index) - 1) * limit
        })
      } else if (kind === 'gamma' || /variance/i.test(kind)) values.fill(1)
      return [name, values]
    }),
  )
}
