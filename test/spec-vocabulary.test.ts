/**
 * Every word of the specification's list of layers and training methods (its section 4) is there, as a public name or as a word that
 * configurations take. The list below is that list, phrase by phrase; where the specification lies beside the cases, it is compared.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as fovea from '../packages/fovea/src/index.ts'
import { layerFactories } from '../packages/fovea/src/layers/registry.ts'

const names = (text: string): string[] => text.split(/\s+/)
const toWord = (type: string): string => type[0]!.toLowerCase() + type.slice(1).replace(/2D$/, '2d')
const publicName = (name: string): unknown => (fovea as unknown as Record<string, unknown>)[name]

type Check = () => unknown
type Phrases = Readonly<Record<string, Check>>
const each = (phrases: string, check: (name: string) => unknown): Phrases =>
  Object.fromEntries(names(phrases).map(name => [name, () => check(name)]))

/** The public factory is the one that model files name. */
const layerOf = (type: string): unknown => {
  expect(publicName(toWord(type))).toBe((layerFactories as Record<string, unknown>)[type])
  return publicName(toWord(type))
}

const initializers = (...words: readonly string[]): unknown =>
  words.map(word => fovea.dense({ units: 2, kernelInitializer: word as 'zeros' }))

/** What a model that is compiled with these metrics is measured by. */
async function metrics(...words: readonly string[]): Promise<unknown> {
  const model = fovea.sequential([fovea.dense({ units: 3, activation: 'softmax', inputShape: [2] })])
  const loss = 'categoricalCrossentropy'
  model.compile({ optimizer: 'sgd', loss, metrics: words, device: fovea.referenceDevice() })
  const scores = await model.evaluate([[1, 2]], [[1, 0, 0]])
  expect(Object.keys(scores).length).toBeGreaterThan(1)
  return scores
}

const vocabulary: Readonly<Record<string, Phrases>> = {
  Layers: {
    Input: () => fovea.input({ shape: [2] }).shape,
    ...each(
      `Dense Flatten Reshape Activation Conv2D DepthwiseConv2D SeparableConv2D MaxPooling2D AveragePooling2D GlobalAveragePooling2D
       GlobalMaxPooling2D Dropout SpatialDropout2D BatchNormalization LayerNormalization LocalResponseNormalization ZeroPadding2D Add
       Concatenate Rescaling Normalization RandomFlip RandomRotation RandomTranslation RandomZoom RandomCrop RandomErasing`,
      layerOf,
    ),
  },
  Activations: each('linear relu relu6 leakyRelu elu selu gelu silu tanh sigmoid softmax', word =>
    fovea.activation({ activation: word as 'linear' }),
  ),
  Losses: {
    'categorical and sparse categorical cross-entropy (label smoothing)': () => [
      fovea.categoricalCrossentropy({ labelSmoothing: 0.1 }),
      fovea.sparseCategoricalCrossentropy({ labelSmoothing: 0.1 }),
    ],
    'binary cross-entropy': () => fovea.binaryCrossentropy({ labelSmoothing: 0.1 }),
    'mean squared error': () => fovea.meanSquaredError(),
  },
  Optimizers: {
    'SGD (momentum, Nesterov)': () => fovea.sgd({ momentum: 0.9, nesterov: true }),
    RMSprop: () => fovea.rmsprop(),
    Adam: () => fovea.adam(),
    AdamW: () => fovea.adamw(),
    Adagrad: () => fovea.adagrad(),
    Muon: () => fovea.muon(),
    'weight decay': () => fovea.sgd({ weightDecay: 1e-4 }),
    'gradient clipping': () => [
      fovea.sgd({ clipnorm: 1 }),
      fovea.sgd({ clipvalue: 1 }),
      fovea.sgd({ globalClipnorm: 1 }),
    ],
    EMA: () => fovea.sgd({ useEma: true, emaMomentum: 0.9 }),
  },
  Schedules: {
    'by epoch function': () => fovea.learningRateScheduler(epoch => 0.1 / (epoch + 1)),
    step: () => fovea.piecewiseConstantDecay({ boundaries: [10], values: [0.1, 0.01] }),
    exponential: () => fovea.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.5 }),
    cosine: () => fovea.cosineDecay({ initialLearningRate: 0.1, decaySteps: 10 }),
    'one-cycle': () => fovea.oneCycle({ maxLearningRate: 0.1, totalSteps: 10 }),
  },
  Regularizers: {
    L1: () => fovea.dense({ units: 2, kernelRegularizer: fovea.l1(0.1) }),
    L2: () => fovea.dense({ units: 2, kernelRegularizer: fovea.l2(0.1) }),
  },
  Initializers: {
    Glorot: () => initializers('glorotUniform', 'glorotNormal'),
    He: () => initializers('heUniform', 'heNormal'),
    'LeCun (uniform and normal)': () => initializers('lecunUniform', 'lecunNormal'),
    ...each('zeros ones constant dirac', initializers),
  },
  Metrics: {
    accuracy: () => metrics('accuracy'),
    'top-k': async () => [await metrics('topKCategoricalAccuracy'), fovea.topKAccuracy],
    precision: () => metrics('precision'),
    recall: () => metrics('recall'),
    F1: () => metrics('f1Score'),
    'confusion matrix': async () => [await metrics('confusionMatrix'), fovea.confusionMatrix],
    'calibration error': async () => [await metrics('calibrationError'), fovea.calibrationError],
  },
  Callbacks: {
    ModelCheckpoint: () => fovea.modelCheckpoint({ filepath: 'best.safetensors' }),
    EarlyStopping: () => fovea.earlyStopping(),
    LearningRateScheduler: () => fovea.learningRateScheduler(() => 0.1),
    ReduceLROnPlateau: () => fovea.reduceLROnPlateau(),
    CSVLogger: () => fovea.csvLogger('log.csv'),
    TensorBoard: () => fovea.tensorBoard({ logDir: 'logs' }),
    TerminateOnNaN: () => fovea.terminateOnNaN(),
    // What `fit` gives.
    History: async () => {
      const model = fovea.sequential([fovea.dense({ units: 1, inputShape: [1] })])
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
      const { history } = await model.fit([[1]], [[1]], { verbose: 0 })
      await model.dispose()
      expect(Object.keys(history)).toEqual(['loss'])
      return history
    },
    ProgressBar: () => publicName('progressBar'),
  },
}

const phrases = Object.entries(vocabulary).flatMap(([heading, list]) =>
  Object.entries(list).map(([phrase, check]) => [`${heading}: ${phrase}`, check] as const),
)

describe('the vocabulary of the specification', () => {
  test.each(phrases)('%s', async (_, check) => {
    for (const found of [await check()].flat()) expect(found === undefined || found === null).toBe(false)
  })

  const cases = process.env['FOVEA_CASES']
  const specification = cases === undefined ? '' : join(cases, '..', 'SPEC.md')
  test.skipIf(!existsSync(specification))('is this list (skipped without FOVEA_CASES and the specification)', () => {
    const text = readFileSync(specification, 'utf8')
    const section = /^## 4 .*\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(text)![1]!
    const sentences = section.replaceAll('\n', ' ').trim().replace(/\.$/, '').split('. ')
    const listed = sentences.map(sentence => {
      const [, heading, list] = /^(\w+):? (.*)$/.exec(sentence.trim())!
      return [heading!, list!.split(/[,;] (?![^(]*\))/)] as const
    })
    expect(Object.fromEntries(listed)).toEqual(
      Object.fromEntries(Object.entries(vocabulary).map(([heading, list]) => [heading, Object.keys(list)])),
    )
  })
})
