/**
 * Every layer of the layer suite, and every convolution × padding × stride × activation, in training: result and all gradients
 * on the WebAssembly device against the float64 oracle, for a full and a smaller batch.
 */
import { expect, test } from 'vitest'
import { gradients } from '../packages/fovea/src/autodiff/gradients.ts'
import { formatShape, type Shape } from '../packages/fovea/src/base/shape.ts'
import { evaluateGraph } from '../packages/fovea/src/graph/oracle/evaluate.ts'
import { verify } from '../packages/fovea/src/graph/verify.ts'
import { nodeHost } from '../packages/fovea/src/host/node/host.ts'
import { activationTable } from '../packages/fovea/src/layers/activations.ts'
import { lowerAlone, weighedSum } from '../packages/fovea/src/layers/check-layer.testing.ts'
import { conv2d } from '../packages/fovea/src/layers/conv.ts'
import { conv2dTranspose } from '../packages/fovea/src/layers/conv-transpose.ts'
import { dense } from '../packages/fovea/src/layers/dense.ts'
import { depthwiseConv2d, separableConv2d } from '../packages/fovea/src/layers/depthwise.ts'
import type { Layer } from '../packages/fovea/src/layers/layer.ts'
import { layerSuite } from '../packages/fovea/src/layers/layer-suite.testing.ts'
import { averagePooling2d, maxPooling2d } from '../packages/fovea/src/layers/pooling.ts'
import { wasmDevice } from '../packages/fovea/src/runtime/wasm-device.ts'

interface Trial {
  readonly name: string
  readonly layer: Layer
  readonly shapes: readonly Shape[]
  readonly differentiable: boolean
}

/** Largest difference in a tensor, as a share of its largest element. */
const tolerance = 2e-5

function stepOf({ layer, shapes, differentiable }: Trial, prefix: string) {
  const lowered = lowerAlone(layer, shapes, true, 5, 1, prefix)
  const specs = layer.weights(shapes)
  const leaves = differentiable
    ? [...lowered.inputs.slice(0, -1), ...lowered.states.filter((_, index) => specs[index]!.trainable)]
    : []
  const slopes = leaves.length === 0 ? [] : gradients(lowered.graph, weighedSum(lowered), leaves)
  const step = lowered.step([
    { name: 'y', node: lowered.output },
    ...slopes.map((node, index) => ({ name: `gradient of ${leaves[index]!.attributes.name}`, node })),
  ])
  verify(step)
  return { step, feed: lowered.feed }
}

/** What is off, in words; empty when the device agrees. */
async function deviations(trials: readonly Trial[]): Promise<string[]> {
  const steps = trials.map((trial, index) => stepOf(trial, `${index}/`))
  const entries = Object.fromEntries(steps.map(({ step }, index) => [String(index), step]))
  const program = await wasmDevice(nodeHost()).compile(entries, { threads: 1 })
  const found: string[] = []
  try {
    for (const [index, { step, feed }] of steps.entries()) {
      for (const n of [5, 2]) {
        await program.writeStates(feed.states)
        const [outputs] = await program.run(String(index), 1, (_, slots) => {
          for (const [name, slot] of Object.entries(slots)) slot.set(feed.inputs[name]!.slice(0, slot.length))
          return n
        })
        const wanted = evaluateGraph(step, { ...feed, n })
        const states = await program.readStates(Object.keys(wanted.updates))
        for (const [name, expected] of Object.entries({ ...wanted.outputs, ...wanted.updates })) {
          const share = worst(outputs![name] ?? states[name]!, expected)
          if (!(share <= tolerance)) found.push(`${trials[index]!.name}, ${n} rows, ${name}: ${share}`)
        }
      }
    }
  } finally {
    await program.dispose()
  }
  return found
}

function worst(actual: ArrayLike<number>, expected: Float64Array): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 1e-3)
  return expected.reduce((max, value, index) => {
    const off = Math.abs(actual[index]! - value) / largest
    return Number.isNaN(off) ? Number.POSITIVE_INFINITY : Math.max(max, off)
  }, 0)
}

test('every layer of the suite', async () => {
  const trials = layerSuite.map(([layer, shapes, { differentiable = true }], index) => ({
    name: `${index} ${layer.type} ${shapes.map(formatShape).join(' ')}`,
    layer,
    shapes,
    differentiable,
  }))
  expect(await deviations(trials)).toEqual([])
})

const families: Readonly<Record<string, (options: object) => Layer>> = {
  conv2d: options => conv2d({ filters: 5, kernelSize: [3, 2], ...options }),
  groupedConv2d: options => conv2d({ filters: 6, kernelSize: 2, groups: 3, ...options }),
  conv2dTranspose: options => conv2dTranspose({ filters: 5, kernelSize: [3, 2], ...options }),
  depthwiseConv2d: options => depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, ...options }),
  separableConv2d: options => separableConv2d({ filters: 9, kernelSize: [2, 3], ...options }),
}
const paddings = ['valid', 'same'] as const
const strides = [1, 2, [3, 1], [1, 2]] as const
const picture: Shape = [6, 5, 3]

test.each(Object.entries(families))('%s × padding × stride × activation', async (_, make) => {
  const activations = Object.keys(activationTable)
  const trials = activations.flatMap((activation, index) =>
    paddings.flatMap(padding =>
      strides
        // Each activation with two strides a padding; together all of them.
        .filter((_, at) => at % 2 === index % 2)
        .map(stride => ({
          name: `${activation} ${padding} ${stride}`,
          layer: make({ activation, padding, strides: stride }),
          shapes: [picture],
          differentiable: true,
        })),
    ),
  )
  expect(await deviations(trials)).toEqual([])
})

test('poolings and dense layers', async () => {
  const pools = [maxPooling2d, averagePooling2d].flatMap(make =>
    paddings
      .flatMap(padding =>
        strides.flatMap(stride => [2, 3, [1, 2] as const].map(poolSize => ({ padding, strides: stride, poolSize }))),
      )
      .map(options => ({
        name: JSON.stringify(options),
        layer: make(options),
        shapes: [picture],
        differentiable: true,
      })),
  )
  const denses = Object.keys(activationTable).map(activation => ({
    name: `dense ${activation}`,
    layer: dense({ units: 10, activation: activation as keyof typeof activationTable }),
    shapes: [[7]],
    differentiable: true,
  }))
  expect(await deviations([...pools, ...denses])).toEqual([])
})
