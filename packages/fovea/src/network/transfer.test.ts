/** Networks cut, given a new head, frozen and split: what is kept, named, trained. */
import { describe, expect, it } from 'vitest'
import { problemsOf } from '../base/errors.ts'
import { activation } from '../layers/activation-layers.ts'
import { randomFlip } from '../layers/augmentation.ts'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import { add } from '../layers/merging.ts'
import { dropout } from '../layers/noise.ts'
import { batchNormalization } from '../layers/normalization.ts'
import { globalAveragePooling2d, maxPooling2d } from '../layers/pooling.ts'
import { rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import { apply } from '../layers/tensor.ts'
import { featureSplit } from './feature-split.ts'
import { chain, model as functional, input } from './functional.ts'
import type { Model } from './model.ts'
import { sequential } from './sequential.ts'
import { carriedWeights, type Freeze, firstRandomLayers, withFirst, withFrozen, withNewHead } from './transfer.ts'
import { initialWeights } from './weights.ts'
import { smallCnn } from './zoo/small-cnn.ts'

const names = ({ layers }: Model): string[] => layers.map(({ layer }) => layer.name)
const trained = ({ weights }: Model): string[] => [
  ...new Set(weights.filter(({ trainable }) => trainable).map(({ layer }) => layer)),
]

const old = sequential([
  rescaling({ scale: 1 / 255, inputShape: [8, 8, 3] }),
  randomFlip({ mode: 'horizontal' }),
  conv2d({ filters: 4, kernelSize: 3 }),
  batchNormalization(),
  maxPooling2d(),
  flatten(),
  dense({ units: 6, activation: 'relu' }),
  dropout({ rate: 0.5 }),
  dense({ units: 5, activation: 'softmax' }),
])

describe('withFirst', () => {
  it('puts the random layers of another network first; those of brightness need a range, and stay away', () => {
    const trained = sequential([
      conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 3] }),
      globalAveragePooling2d(),
      dense({ units: 5, activation: 'softmax' }),
    ])
    const own = smallCnn({ classes: 2, inputShape: [8, 8, 3], filters: 4, mirror: true })
    const random = firstRandomLayers(own)
    expect(random.map(({ type }) => type)).toEqual(['RandomAffine', 'RandomZoom'])
    const both = withFirst(trained, random)
    expect(names(both)).toEqual(['random_affine', 'random_zoom', ...names(trained)])
    expect(both.weights).toEqual(trained.weights)
    expect(both.outputs).toMatchObject([{ shape: [5] }])
    expect(withFirst(trained, [])).toBe(trained)
    // Features of frozen layers are computed without them.
    expect(names(featureSplit(withFrozen(both, 'all-but-head'))!.front)).toContain('random_affine')
  })
})

describe('withNewHead', () => {
  it('cuts before the last dense layer and the dropout at its door', () => {
    const model = withNewHead(old, { classes: 3 })
    expect(names(model)).toEqual([...names(old).slice(0, -2), 'dropout_1', 'head'])
    expect(model.outputs).toMatchObject([{ name: 'head', shape: [3] }])
    expect(names(withNewHead(old, { classes: 3, dropout: 0 })).slice(-2)).toEqual(['dense', 'head'])
  })

  it('cuts at global pooling where only dense layers stand behind it, as in models of Teachable Machine', () => {
    const pooled = sequential([
      conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 3] }),
      globalAveragePooling2d(),
      dense({ units: 6, activation: 'relu' }),
      batchNormalization(),
      dropout({ rate: 0.5 }),
      dense({ units: 5, activation: 'softmax', useBias: false }),
    ])
    expect(names(withNewHead(pooled, { classes: 3 }))).toEqual([
      'conv2d',
      'global_average_pooling2d',
      'dropout_1',
      'head',
    ])
  })

  it('pools maps where it is told to cut there, and finds names that the old network does not have', () => {
    const model = withNewHead(withNewHead(old, { classes: 3 }), { classes: 2, cut: 'max_pooling2d' })
    expect(names(model).slice(-4)).toEqual(['max_pooling2d', 'global_average_pooling2d', 'dropout', 'head_1'])
    expect(problemsOf(() => withNewHead(old, { classes: 2, cut: 'max_pooling' }))[0]!.fix).toContain('max_pooling2d')
  })

  it('keeps of a network with branches what leads to the cut', () => {
    const x = input({ shape: [8, 8, 3] })
    const stem = apply(conv2d({ filters: 4, kernelSize: 3, padding: 'same', name: 'stem' }), x)
    const side = apply(conv2d({ filters: 4, kernelSize: 1, name: 'side' }), stem)
    const joined = apply(add({ name: 'joined' }), [stem, side])
    const outputs = chain(joined, globalAveragePooling2d(), dense({ units: 5, activation: 'softmax' }))
    const branched = functional({ inputs: x, outputs })
    expect(names(withNewHead(branched, { classes: 2, dropout: 0 }))).toEqual([
      ...['stem', 'side', 'joined', 'global_average_pooling2d', 'head'],
    ])
    expect(names(withNewHead(branched, { classes: 2, dropout: 0, cut: 'stem' }))).toEqual([
      ...['stem', 'global_average_pooling2d_1', 'head'],
    ])
  })

  it('cuts a network without dense layers before the last one that has weights', () => {
    const convolved = sequential([
      conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 3] }),
      conv2d({ filters: 5, kernelSize: 1 }),
      globalAveragePooling2d(),
      activation({ activation: 'softmax' }),
    ])
    expect(names(withNewHead(convolved, { classes: 2, dropout: 0 }))).toEqual([
      ...['conv2d', 'global_average_pooling2d_1', 'head'],
    ])
  })

  it('refuses a network that has nothing before its head', () => {
    const shallow = sequential([flatten({ inputShape: [2, 2, 1] }), dense({ units: 2, activation: 'softmax' })])
    expect(problemsOf(() => withNewHead(shallow, { classes: 3 }))[0]!.what).toContain('nothing to begin with')
  })
})

describe('withFrozen', () => {
  it.each<[Freeze, string[]]>([
    ['all-but-head', ['head']],
    ['none', ['conv2d', 'batch_normalization', 'dense', 'head']],
    [3, ['batch_normalization', 'dense', 'head']],
    [4, ['dense', 'head']],
  ])('%s', (freeze, left) => {
    const model = withNewHead(old, { classes: 3 })
    expect(trained(withFrozen(model, freeze))).toEqual(left)
    expect(trained(withFrozen(withFrozen(model, 'all-but-head'), freeze))).toEqual(left)
  })
})

describe('withFrozen of too many layers', () => {
  it('says how many can be', () => {
    const model = withNewHead(old, { classes: 3 })
    expect(problemsOf(() => withFrozen(model, 9))[0]!.expected).toContain(
      "at most 8 frozen layers: the next one is 'head'",
    )
    expect(trained(withFrozen(model, 8))).toEqual(['head'])
  })
})

describe('carriedWeights', () => {
  it('takes what the old network has, and begins the head as its seed says', () => {
    const model = withNewHead(old, { classes: 5 })
    const known = Object.entries(initialWeights(old, 1)).map(([name, data]) => ({
      name,
      shape: old.weights.find(weight => weight.name === name)!.shape,
      data: data.map(value => value + 1),
    }))
    const values = carriedWeights(model, known, 2)
    expect(values['dense/kernel']).toEqual(known.find(({ name }) => name === 'dense/kernel')!.data)
    expect(values['head/kernel']).toEqual(initialWeights(model, 2)['head/kernel'])
    const other = [{ ...known[0]!, shape: [1] }]
    expect(problemsOf(() => carriedWeights(model, other, 2))[0]!.what).toContain(known[0]!.name)
  })
})

describe('featureSplit', () => {
  it('ends the front with the last frozen layer and what without weights follows, never with dropout', () => {
    const split = featureSplit(withFrozen(withNewHead(old, { classes: 3, cut: 'max_pooling2d' }), 'all-but-head'))!
    expect(names(split.front).at(-1)).toBe('global_average_pooling2d')
    expect(names(split.rest)).toEqual(['dropout_1', 'head'])
    expect(split.rest.inputs).toEqual([{ name: 'features', shape: [4] }])
    expect(split.rest.weights.map(({ name }) => name)).toEqual(['head/kernel', 'head/bias'])
  })

  it('is undefined where the first layer with weights is trained', () => {
    expect(featureSplit(old)).toBeUndefined()
    expect(featureSplit(withFrozen(old, 2))).toBeUndefined()
  })

  it('cuts a network with branches where all ways lead through', () => {
    const x = input({ shape: [4, 4, 2] })
    const stem = apply(conv2d({ filters: 2, kernelSize: 1, name: 'stem' }), x)
    const side = apply(conv2d({ filters: 2, kernelSize: 1, name: 'side' }), stem)
    const last = apply(conv2d({ filters: 2, kernelSize: 1, name: 'last' }), side)
    const outputs = chain(apply(add(), [stem, last]), flatten(), dense({ units: 2, activation: 'softmax' }))
    const branched = functional({ inputs: x, outputs })
    expect(names(featureSplit(withFrozen(branched, 1))!.front)).toEqual(['stem'])
    // `side` is frozen, but the skip leads around it.
    expect(names(featureSplit(withFrozen(branched, 2))!.front)).toEqual(['stem'])
    expect(names(featureSplit(withFrozen(branched, 'all-but-head'))!.front).at(-1)).toBe('flatten')
  })
})
