import { describe, expect, it } from 'vitest'
import { createGraph } from '../../graph/builder.ts'
import { modelFromConfig, modelToConfig } from '../config.ts'
import { modelNodes } from '../model-nodes.ts'
import { parameterCounts } from '../weights.ts'
import { type zoo, zooModel } from './zoo.ts'

/** Parameters as published, in the order trainable, not trainable; kept apart from the networks' own statements. */
const published: Readonly<Record<keyof typeof zoo, readonly [number, number]>> = {
  'mnist-mlp': [669_706, 0],
  'mnist-cnn': [220_234, 0],
  'mnist-cnn-course': [120_586, 0],
  'fashion-lenet': [61_610, 0],
  lenet5: [61_718, 12],
  'cifar10-mlp': [3_590_642, 0],
  'cifar10-cnn': [528_054, 0],
  'cifar10-cnn-small': [226_390, 0],
  'cifar10-cnn-small-8': [181_334, 0],
  'cifar10-cnn-wide': [1_628_214, 0],
  'cifar10-cnn-optimized': [308_394, 896],
  'mnist-fast': [61_042, 336],
  'fashion-fast': [278_890, 832],
  // Published: 1.97 M.
  'cifar10-94': [1_971_640, 2_304],
  'cifar10-fast': [497_528, 1_152],
  'shapes-mlp': [820_874, 0],
  'shapes-cnn': [89_834, 0],
  lenet: [61_706, 0],
  alexnet: [62_378_344, 0],
  'alexnet-grouped': [60_965_224, 0],
  vgg16: [138_357_544, 0],
  googlenet: [6_998_552, 0],
  'googlenet-auxiliary': [13_378_280, 0],
  resnet18: [11_689_512, 9_600],
  // In the paper 0.27 and 0.85 M, 269,722 and 853,018: its skips that halve have no weights (option A), these have 2,752 (option B).
  resnet20: [272_474, 1_568],
  resnet56: [855_770, 4_256],
  resnet50: [25_557_032, 53_120],
  'mobilenet-v1': [4_231_976, 21_888],
  'mobilenet-v2': [3_504_872, 34_112],
}

describe('zoo', () => {
  for (const [name, [trainable, nonTrainable]] of Object.entries(published)) {
    it(`${name} has its published parameters, comes back from JSON and lowers to its output shape`, () => {
      const model = zooModel(name).build()
      expect(parameterCounts(model)).toEqual({ total: trainable + nonTrainable, trainable, nonTrainable })
      expect(zooModel(name).parameters).toEqual({ trainable, nonTrainable })

      const config = modelToConfig(model)
      const again = modelFromConfig(JSON.parse(JSON.stringify(config)))
      expect(modelToConfig(again)).toEqual(config)

      const graph = createGraph(2)
      const pixels = model.inputs.map(({ name: key, shape }) =>
        graph.input(key, [2, ...shape], { dtype: 'u8', batched: true }),
      )
      const randomKey = graph.input('randomKey', [2], { dtype: 'i32' })
      const lowered = modelNodes(model, graph, { inputs: pixels, training: true, randomKey })
      expect(lowered.outputs.map(node => node.shape)).toEqual(model.outputs.map(output => [2, ...output.shape]))
    })
  }

  it('answers a mistyped name with the nearest', () => {
    expect(() => zooModel('mnist-cn')).toThrow("Did you mean 'mnist-cnn'?")
  })

  it('MobileNets of every width have their published parameters', () => {
    const total = (name: 'mobilenet-v1' | 'mobilenet-v2', alpha: number): number =>
      parameterCounts(zooModel(name).build({ alpha })).total
    // As Keras counts them; version 2 at 1.3 is derived from the paper's table of blocks.
    const one = { 0.25: 475_544, 0.5: 1_342_536, 0.75: 2_601_976, 1: 4_253_864 }
    const two = { 0.35: 1_691_208, 0.5: 1_987_224, 0.75: 2_663_064, 1: 3_538_984, 1.3: 5_431_048, 1.4: 6_156_712 }
    for (const [alpha, parameters] of Object.entries(one)) expect(total('mobilenet-v1', Number(alpha))).toBe(parameters)
    for (const [alpha, parameters] of Object.entries(two)) expect(total('mobilenet-v2', Number(alpha))).toBe(parameters)
  })

  it('only networks that come in several widths take alpha', () => {
    expect(() => zooModel('vgg16').build({ alpha: 0.5 })).toThrow(/vgg16 has no option "alpha"/)
    expect(() => zooModel('mobilenet-v2').build({ alpha: 0 })).toThrow(/alpha/)
  })

  it('MobileNetV2 takes pictures of odd sizes', () => {
    const model = zooModel('mobilenet-v2').build({ alpha: 0.35, inputShape: [97, 130, 3], classes: 4 })
    const shapeOf = (name: string) => model.layers.find(({ layer }) => layer.name === name)!.outputShape
    // ⌈extent / 2⌉ at each of the five strides, as with Keras's padding "same".
    expect(shapeOf('Conv1')).toEqual([49, 65, 16])
    expect(shapeOf('out_relu')).toEqual([4, 5, 1280])
  })

  it('builds for other pictures and classes', () => {
    const model = zooModel('mnist-cnn').build({ classes: 3, inputShape: [16, 16, 3] })
    expect(model.inputs[0]!.shape).toEqual([16, 16, 3])
    expect(model.outputs[0]!.shape).toEqual([3])
  })
})
