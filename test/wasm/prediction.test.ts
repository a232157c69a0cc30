/** Prediction: batch norm folded into the layers around it, the same bits for a picture alone and among others. */
import { describe, expect, it } from 'vitest'
import { createModels } from '../../packages/fovea/src/api/models.ts'
import { uniform } from '../../packages/fovea/src/base/random.ts'
import { plainRows } from '../../packages/fovea/src/engine/feed-rows.ts'
import { startPredictor } from '../../packages/fovea/src/engine/predictor.ts'
import { createGraph } from '../../packages/fovea/src/graph/builder.ts'
import type { Node, StepGraph } from '../../packages/fovea/src/graph/node.ts'
import { evaluateGraph } from '../../packages/fovea/src/graph/oracle/evaluate.ts'
import { conv2d } from '../../packages/fovea/src/layers/conv.ts'
import { dense } from '../../packages/fovea/src/layers/dense.ts'
import { depthwiseConv2d } from '../../packages/fovea/src/layers/depthwise.ts'
import { batchNormalization } from '../../packages/fovea/src/layers/normalization.ts'
import { globalAveragePooling2d, maxPooling2d } from '../../packages/fovea/src/layers/pooling.ts'
import { zeroPadding2d } from '../../packages/fovea/src/layers/rearranging.ts'
import { unknownSamples } from '../../packages/fovea/src/layers/sample-nodes.ts'
import { flatten } from '../../packages/fovea/src/layers/shaping.ts'
import type { Model } from '../../packages/fovea/src/network/model.ts'
import { sequential } from '../../packages/fovea/src/network/sequential.ts'
import { initialWeights } from '../../packages/fovea/src/network/weights.ts'
import { zooModel } from '../../packages/fovea/src/network/zoo/zoo.ts'
import { planProgram } from '../../packages/fovea/src/plan/plan.ts'
import { wasm128 } from '../../packages/fovea/src/plan/target.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { memoryFiles } from '../../packages/fovea/src/store/memory-files.ts'
import { networks } from './networks.testing.ts'
import { buildStep, compile, differences, feedFrom, host } from './runs.testing.ts'

/** Batch norm before an activation, after one, behind a pooling, and on a dense layer. */
function normalised(): Model {
  return sequential([
    conv2d({ filters: 12, kernelSize: 3, activation: 'relu', useBias: false, inputShape: [12, 12, 3] }),
    batchNormalization(),
    conv2d({ filters: 10, kernelSize: 3, padding: 'same' }),
    batchNormalization({ scale: false }),
    maxPooling2d(),
    batchNormalization(),
    conv2d({ filters: 16, kernelSize: 3, activation: 'elu' }),
    flatten(),
    dense({ units: 20 }),
    batchNormalization({ center: false }),
    dense({ units: 10, activation: 'softmax' }),
  ])
}

describe('batch norm in prediction', () => {
  it('is gamma · (x − mean) / √(variance + epsilon) + beta', () => {
    const graph = createGraph(2)
    const x = graph.input('x', [2, 3, 4], { batched: true })
    const names = ['gamma', 'beta', 'movingMean', 'movingVariance']
    const weights = Object.fromEntries(names.map(name => [name, graph.state(name, [4])]))
    const layer = batchNormalization({ epsilon: 0.02 })
    const randomKey = graph.input('randomKey', [2], { dtype: 'i32' })
    const context = { graph, training: false, randomKey, samples: unknownSamples(graph, randomKey), update() {} }
    const folded = layer.lower(context, [x], weights)
    const moments = graph.concat(
      ['movingMean', 'movingVariance'].map(name => graph.reshape(weights[name]!, [1, 4])),
      0,
    )
    const plain = graph.batchNorm(x, moments, weights['gamma']!, weights['beta']!, 0.02)
    const values = (length: number, key: number, low = -1): number[] =>
      Array.from({ length }, (_, index) => low + (1 - low) * uniform([key, 3], index))
    const states = Object.fromEntries(
      names.map((name, key) => [name, values(4, key, name === 'movingVariance' ? 0 : -1)]),
    )
    const run = (node: Node): ArrayLike<number> =>
      evaluateGraph(stepOf(node), { inputs: { x: values(24, 9) }, states, n: 2 }).outputs['y']!
    const expected = run(plain)
    for (const [index, value] of Array.from(run(folded)).entries()) expect(value).toBeCloseTo(expected[index]!, 12)
  })

  it('costs no pass of its own behind a convolution or a dense layer', async () => {
    const { entries } = buildStep(zooModel('cifar10-cnn-optimized').build(), { batch: 4 })
    const { entries: plans } = await planProgram(
      { predict: entries['predict']! },
      { target: wasm128, slots: 1, start: 256 },
    )
    const passes = plans
      .find(({ name }) => name === 'predict')!
      .phases.flatMap(phase => phase.kernels)
      .filter(({ spec }) => spec.kind === 'map')
    // The z-score of the input, and the copy that the host reads.
    expect(passes.filter(({ split }) => split === 'rows')).toHaveLength(2)
  })

  it('follows the statistics that training moves, within single precision', async () => {
    const step = buildStep(normalised(), { batch: 8, floats: true })
    const program = await compile(step, { threads: 2 })
    try {
      const before = await program.run('predict', 1, feedFrom(step, 500))
      await program.run('train', 5, feedFrom(step, 0))
      const [after] = await program.run('predict', 1, feedFrom(step, 500))
      const states = await program.readStates()
      const inputs: Record<string, Float32Array> = {}
      for (const { attributes, shape } of step.entries['predict']!.inputs)
        inputs[attributes.name] = new Float32Array(shape.reduce((product, extent) => product * extent, 1))
      feedFrom(step, 500)(0, inputs)
      const { outputs } = evaluateGraph(step.entries['predict']!, { inputs, states, n: 8 })
      for (const [name, values] of Object.entries(outputs)) {
        expect(differences(before[0]!, after!)).not.toEqual([])
        for (const [index, value] of Array.from(values).entries()) expect(after![name]![index]).toBeCloseTo(value, 5)
      }
    } finally {
      await program.dispose()
    }
  })
})

describe('what is prepared for prediction', () => {
  const step = buildStep(networks.cnn(), { batch: 6 })

  it('is no work of a run any more: it reads weights as kernels want them', async () => {
    const { entries } = await planProgram(step.entries, { target: wasm128, slots: 1, start: 256 })
    const kindsOf = (name: string) => {
      const phases = entries.find(entry => entry.name === name)!.phases
      return new Set(phases.flatMap(({ kernels }) => kernels.map(({ spec }) => spec.kind)))
    }
    expect([...kindsOf('predict preparation')]).toEqual(['winogradFilter'])
    expect([...kindsOf('predict')]).not.toContain('winogradFilter')
    expect([...kindsOf('evaluate')]).toContain('winogradFilter')
  })

  it.each([0, 1])('follows every change of the weights (%f s of work on the caller’s thread)', async aloneSeconds => {
    const program = await compile(step, { threads: 2, aloneSeconds })
    const fresh = await compile(step, { threads: 1 })
    const ask = async (of: typeof program) => (await of.run('predict', 1, feedFrom(step, 500)))[0]!
    try {
      await ask(program)
      await program.run('train', 3, feedFrom(step, 0))
      await fresh.run('train', 3, feedFrom(step, 0))
      const trained = await ask(program)
      expect(differences(trained, await ask(fresh))).toEqual([])
      await program.run('evaluate', 1, feedFrom(step, 0))
      expect(differences(await ask(program), trained)).toEqual([])
      await program.writeStates(step.states)
      await fresh.writeStates(step.states)
      const first = await ask(program)
      expect(differences(first, await ask(fresh))).toEqual([])
      expect(differences(first, trained)).not.toEqual([])
    } finally {
      await Promise.all([program.dispose(), fresh.dispose()])
    }
  })
})

describe('a picture alone and among others', () => {
  it('gives the same bits, in calls of 1, 7 and 300 and in batches of any size', async () => {
    const models = createModels({
      clock: host,
      device: () => wasmDevice(host),
      output: { write() {}, isTerminal: false, columns: 80 },
      files: memoryFiles(),
    })
    const classifier = models.classifier(normalised())
    const pictures = Float32Array.from({ length: 300 * 432 }, (_, index) => uniform([1, 2], index))
    const of = async (begin: number, count: number, batchSize = 256): Promise<Float32Array> => {
      const data = pictures.subarray(begin * 432, (begin + count) * 432)
      return (await classifier.predict({ shape: [count, 12, 12, 3], data }, { batchSize })).data
    }
    try {
      const one = await of(3, 1)
      const seven = await of(0, 7)
      const all = await of(0, 300)
      const again = await of(0, 300, 23)
      expect(differences({ again }, { again: all })).toEqual([])
      expect(differences({ seven }, { seven: all.slice(0, 70) })).toEqual([])
      expect(differences({ one }, { one: all.slice(30, 40) })).toEqual([])
      expect(differences({ one: await of(3, 1) }, { one })).toEqual([])
    } finally {
      await classifier.dispose()
    }
  })
})

describe('a large picture alone', () => {
  it('is shared by threads, and has the bits it has among others', async () => {
    const model = sequential([
      conv2d({ filters: 24, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [46, 44, 3] }),
      conv2d({ filters: 100, kernelSize: 1, activation: 'relu6' }),
      zeroPadding2d({
        padding: [
          [0, 1],
          [0, 1],
        ],
      }),
      depthwiseConv2d({ kernelSize: 3, strides: 2, useBias: false }),
      batchNormalization(),
      conv2d({ filters: 130, kernelSize: 1 }),
      globalAveragePooling2d(),
      dense({ units: 10, activation: 'softmax' }),
    ])
    const size = 46 * 44 * 3
    const pictures = Float32Array.from({ length: 6 * size }, (_, index) => uniform([1, 2], index))
    const weights = initialWeights(model, 1)
    const of = async (threads: number, first: number, count: number, batchSize: number): Promise<Float32Array> => {
      const predictor = startPredictor({ model, device: wasmDevice(host), clock: host, threads, weights })
      const data = pictures.subarray(first * size, (first + count) * size)
      try {
        const { predictions } = await predictor.predict(plainRows(model, { shape: [count, 46, 44, 3], data })!, {
          batchSize,
        })
        return predictions[model.outputs[0]!.name]!
      } finally {
        await predictor.dispose()
      }
    }
    const { entries } = buildStep(model, { batch: 1 })
    const plan = await planProgram({ predict: entries['predict']! }, { target: wasm128, slots: 1, start: 256 })
    const kernels = plan.entries.at(-1)!.phases.flatMap(phase => phase.kernels)
    expect(kernels.flatMap(({ spec }) => ('cut' in spec ? [spec.cut] : []))).toEqual([
      'lines',
      'tiles',
      'lines',
      'tiles',
    ])
    const all = await of(2, 0, 6, 6)
    for (const threads of [1, 2, 3]) {
      expect(differences({ one: await of(threads, 4, 1, 1) }, { one: all.slice(40, 50) })).toEqual([])
      expect(differences({ three: await of(threads, 1, 3, 4) }, { three: all.slice(10, 40) })).toEqual([])
    }
  })
})

function stepOf(node: Node): StepGraph {
  return { batch: 2, inputs: [], states: [], updates: [], outputs: [{ name: 'y', node }] }
}
