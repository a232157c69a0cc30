/**
 * What every layer must keep: its configuration survives JSON, weight specs and the formula agree, the static shape equals the
 * real one (for a full and a smaller batch, in training and inference), gradients equal central differences, and one training
 * step lowers a loss.
 */
import { expect } from 'vitest'
import { checkGradients } from '../autodiff/check.ts'
import { gradients } from '../autodiff/gradients.ts'
import { fold, keyOf, type RandomKey, uniform } from '../base/random.ts'
import { type Shape, sizeOf } from '../base/shape.ts'
import { createGraph, type Graph } from '../graph/builder.ts'
import type { Node, NodeOf, StateUpdate, StepGraph } from '../graph/node.ts'
import { evaluateGraph } from '../graph/oracle/evaluate.ts'
import { verify } from '../graph/verify.ts'
import { initialValue } from './initializers.ts'
import type { Layer } from './layer.ts'
import { layerFromConfig } from './registry.ts'
import { unknownSamples } from './sample-nodes.ts'

export interface LoweredLayer {
  readonly graph: Graph
  readonly inputs: readonly NodeOf<'input'>[]
  readonly states: readonly NodeOf<'state'>[]
  readonly output: Node
  readonly updates: readonly StateUpdate[]
  readonly step: (outputs: StepGraph['outputs']) => StepGraph
  readonly feed: {
    readonly inputs: Record<string, Float64Array | number[]>
    readonly states: Record<string, ArrayLike<number>>
  }
}

/** Uniform in [low, high). */
export function randomValues(key: RandomKey, size: number, low = -1, high = 1): Float64Array {
  return Float64Array.from({ length: size }, (_, index) => low + (high - low) * uniform(key, index))
}

/** The layer alone in a graph, with random inputs and its own first weights (moved a little, so that none is special). */
export function lowerAlone(
  layer: Layer,
  shapes: readonly Shape[],
  training: boolean,
  batch = 3,
  seed = 1,
  /** Set before the names of weights, where several layers share a program. */
  prefix = '',
): LoweredLayer {
  const graph = createGraph(batch)
  const key = keyOf(seed)
  const randomKey = graph.input('randomKey', [2], { dtype: 'i32' })
  const inputs = shapes.map((shape, index) => graph.input(`x${index}`, [batch, ...shape], { batched: true }))
  const specs = layer.weights(shapes)
  const states = specs.map(spec => graph.state(prefix + spec.name, spec.shape))
  const updates: StateUpdate[] = []
  const context = {
    graph,
    training,
    randomKey,
    samples: unknownSamples(graph, randomKey),
    update: (state: Node, value: Node) => updates.push({ state: state as NodeOf<'state'>, value }),
  }
  const weights = Object.fromEntries(specs.map((spec, index) => [spec.name, states[index]!]))
  const output = layer.lower(context, inputs, weights)
  const moved = (values: Float32Array, index: number): Float64Array => {
    const noise = randomValues(fold(key, 100 + index), values.length, 0.05, 0.2)
    return Float64Array.from(values, (value, element) => value + noise[element]!)
  }
  return {
    graph,
    inputs: [...inputs, randomKey],
    states,
    output,
    updates,
    step: outputs => ({ batch, inputs: [...inputs, randomKey], states, updates, outputs }),
    feed: {
      inputs: {
        randomKey: [3, 5],
        ...Object.fromEntries(
          shapes.map((shape, index) => [`x${index}`, randomValues(fold(key, index), batch * sizeOf(shape))]),
        ),
      },
      states: Object.fromEntries(
        specs.map((spec, index) => [
          prefix + spec.name,
          moved(initialValue(spec.initializer, spec.shape, fold(key, 50 + index)), index),
        ]),
      ),
    },
  }
}

/** Σ output · c with c = ½ + Σ index · (axis + 1) / 4, exact in float32: its gradient tells every output element apart. */
export function weighedSum({ graph, output }: LoweredLayer): Node {
  const rows = output.shape.map((extent, axis) => (axis === 0 ? 1 : extent))
  const factors = rows.reduce<Node>(
    (sum, _, axis) => graph.add(sum, graph.mul(graph.iota(rows, axis), (axis + 1) / 4)),
    graph.constant(0.5, rows),
  )
  return graph.sum(
    graph.mul(output, factors),
    output.shape.map((_, axis) => axis),
  )
}

/** Largest relative deviation of any gradient (inputs and trained weights) from central differences. */
export function gradientDeviation(layer: Layer, shapes: readonly Shape[], training = true, samples = 6): number {
  const lowered = lowerAlone(layer, shapes, training)
  const trained = layer.weights(shapes).map(spec => spec.trainable)
  const deviations = checkGradients({
    graph: lowered.graph,
    loss: weighedSum(lowered),
    of: [...lowered.inputs.slice(0, -1), ...lowered.states.filter((_, index) => trained[index])],
    inputs: lowered.inputs,
    states: lowered.states,
    feed: lowered.feed,
    samples,
    // Small, so that no kink lies within reach; rounding still leaves 1e-9.
    step: 2e-5,
  })
  return Math.max(0, ...deviations.map(deviation => deviation.relativeError))
}

export interface LayerCheck {
  /** Parameters, trained or not, to the digit. */
  readonly parameters: number
  /** False for layers whose output does not depend smoothly on the input (resampling). Default true. */
  readonly differentiable?: boolean
}

export function checkLayer(layer: Layer, shapes: readonly Shape[], expected: LayerCheck): void {
  const record = { type: layer.type, name: 'again', trainable: layer.trainable, config: layer.config }
  const again = layerFromConfig(JSON.parse(JSON.stringify(record)) as typeof record)
  expect(again.config, 'configuration after JSON').toEqual(layer.config)
  expect(again.name).toBe('again')
  expect(again.outputShape(shapes)).toEqual(layer.outputShape(shapes))

  const specs = layer.weights(shapes)
  expect(again.weights(shapes)).toEqual(specs)
  expect(new Set(specs.map(spec => spec.name)).size, 'distinct weight names').toBe(specs.length)
  expect(
    specs.reduce((sum, spec) => sum + sizeOf(spec.shape), 0),
    'parameters',
  ).toBe(expected.parameters)
  if (layer.parameterFormula) expect(formulaValue(layer.parameterFormula(shapes)), 'formula').toBe(expected.parameters)

  for (const training of [false, true]) {
    const lowered = lowerAlone(layer, shapes, training)
    expect(lowered.output.shape, 'static shape').toEqual([3, ...layer.outputShape(shapes)])
    const step = lowered.step([{ name: 'y', node: lowered.output }])
    verify(step)
    for (const n of [1, 3]) {
      const { outputs } = evaluateGraph(step, { ...lowered.feed, n })
      expect(outputs['y']!.length, 'real size').toBe(n * sizeOf(layer.outputShape(shapes)))
      expect(outputs['y']!.every(Number.isFinite), 'finite').toBe(true)
    }
  }
  if (expected.differentiable === false) return
  expect(gradientDeviation(layer, shapes), 'gradient against central differences').toBeLessThanOrEqual(1e-6)
  stepLowersLoss(layer, shapes)
}

/** Mean squared distance to a target, before and after one small step of gradient descent. */
function stepLowersLoss(layer: Layer, shapes: readonly Shape[]): void {
  const lowered = lowerAlone(layer, shapes, true)
  const { graph, output } = lowered
  const axes = output.shape.map((_, axis) => axis)
  const loss = graph.mean(graph.unary('square', graph.sub(output, 1.7)), axes)
  const trained = lowered.states.filter((_, index) => layer.weights(shapes)[index]!.trainable)
  // A layer without weights is tried by a step of its inputs.
  const leaves = trained.length > 0 ? trained : lowered.inputs.slice(0, -1)
  const slopes = gradients(graph, loss, leaves)
  const nameOf = (index: number): string => leaves[index]!.attributes.name
  const step = lowered.step([
    { name: 'loss', node: loss },
    ...slopes.map((node, index) => ({ name: `d:${nameOf(index)}`, node })),
  ])
  const before = evaluateGraph(step, lowered.feed).outputs
  const kind = trained.length > 0 ? 'states' : 'inputs'
  const moved: Record<string, ArrayLike<number>> = { ...lowered.feed[kind] }
  for (const index of leaves.keys()) {
    const slope = before[`d:${nameOf(index)}`]!
    moved[nameOf(index)] = Float64Array.from(moved[nameOf(index)]!, (value, i) => value - 1e-3 * slope[i]!)
  }
  const after = evaluateGraph(step, { ...lowered.feed, [kind]: moved }).outputs
  expect(after['loss']![0]!, 'loss after one step').toBeLessThan(before['loss']![0]!)
}

/** `32 × (3 × 3 × 1) + 32` as a number. */
function formulaValue(formula: string): number {
  const terms = formula.replace(/[()]/g, '').split(' + ')
  return terms.reduce(
    (sum, term) => sum + term.split(' × ').reduce((product, factor) => product * Number(factor), 1),
    0,
  )
}
