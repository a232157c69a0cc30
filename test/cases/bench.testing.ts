/**
 * A small bench for one case: feeds tensors to a graph and runs it on a device. And the ledger: every case of a file is tried;
 * those that do not agree must be exactly the ones listed (unsupported.json), so the list can only shrink.
 */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Shape } from '../../packages/fovea/src/base/shape.ts'
import { createGraph, type Graph } from '../../packages/fovea/src/graph/builder.ts'
import type { Node, NodeOf, StateUpdate } from '../../packages/fovea/src/graph/node.ts'
import type { Layer } from '../../packages/fovea/src/layers/layer.ts'
import { unknownSamples } from '../../packages/fovea/src/layers/sample-nodes.ts'
import { numbers, type Tensor } from './case-files.testing.ts'
import { currentDevice } from './devices.testing.ts'

export interface Result {
  readonly shape: Shape
  readonly data: Float64Array | Float32Array
  /** New values of updated states. */
  readonly states: Record<string, Float64Array | Float32Array>
}

export interface Bench {
  readonly graph: Graph
  readonly randomKey: Node
  readonly updates: StateUpdate[]
  /** A fed tensor; batched: its first axis is the batch. */
  input(tensor: Tensor, batched: boolean): Node
  state(name: string, tensor: Tensor): Node
  run(output: Node): Promise<Result>
}

/** On the current device. */
export function bench(batch: number): Bench {
  const graph = createGraph(batch)
  const feeds = new Map<NodeOf<'input'>, readonly number[]>()
  const states = new Map<NodeOf<'state'>, readonly number[]>()
  const key = graph.input('randomKey', [2], { dtype: 'i32' })
  feeds.set(key, [7, 11])
  const updates: StateUpdate[] = []
  return {
    graph,
    randomKey: key,
    updates,
    input(tensor, batched) {
      const node = graph.input(`x${feeds.size}`, tensor.shape, { batched })
      feeds.set(node, numbers(tensor))
      return node
    },
    state(name, tensor) {
      const node = graph.state(name, tensor.shape)
      states.set(node, numbers(tensor))
      return node
    },
    async run(output) {
      const inputs = [...feeds.keys()]
      const entry = { batch, inputs, states: [...states.keys()], updates, outputs: [{ name: 'y', node: output }] }
      const program = await currentDevice().compile({ step: entry })
      try {
        await program.writeStates(
          Object.fromEntries([...states].map(([node, values]) => [node.attributes.name, values])),
        )
        const [outputs] = await program.run('step', 1, (_, slots) => {
          for (const [node, values] of feeds) slots[node.attributes.name]!.set(values)
          return batch
        })
        return { shape: output.shape, data: outputs!['y']!, states: await program.readStates() }
      } finally {
        await program.dispose()
      }
    },
  }
}

/** Runs one layer on tensors that carry the batch as axis 0; weights in Keras's order. The result's shape is checked. */
export async function runLayer(
  layer: Layer,
  tensors: readonly Tensor[],
  weights: readonly Tensor[],
  training: boolean,
): Promise<Result> {
  const batch = tensors[0]!.shape[0]!
  const shapes = tensors.map(tensor => tensor.shape.slice(1))
  const { graph, randomKey, input, state, run, updates } = bench(batch)
  const specs = layer.weights(shapes)
  expect(specs.map(spec => spec.shape)).toEqual(weights.map(weight => weight.shape))
  const states = Object.fromEntries(specs.map((spec, index) => [spec.name, state(spec.name, weights[index]!)]))
  const update = (weight: Node, value: Node) => updates.push({ state: weight as NodeOf<'state'>, value })
  const nodes = tensors.map(tensor => input(tensor, true))
  const context = { graph, training, randomKey, samples: unknownSamples(graph, randomKey), update }
  const result = await run(layer.lower(context, nodes, states))
  expect(result.shape).toEqual([batch, ...layer.outputShape(shapes)])
  return result
}

/** Groups of cases that Fovea does not do, each with its reason. */
interface Unsupported {
  readonly source: string
  readonly reason: string
  readonly cases: readonly string[]
}

export interface Attempt {
  readonly id: string
  /** Undefined when the case agrees; else what happened. */
  readonly failure: string | undefined
}

/** Tries all cases; a thrown error is a failure as well. */
export async function attempt<T>(
  cases: readonly T[],
  id: (one: T, index: number) => string,
  run: (one: T) => Promise<string | undefined>,
): Promise<Attempt[]> {
  const attempts: Attempt[] = []
  for (const [index, one] of cases.entries()) {
    let failure: string | undefined
    try {
      failure = await run(one)
    } catch (error) {
      failure = (error instanceof Error ? error.message : String(error)).split('\n')[0]
    }
    attempts.push({ id: id(one, index), failure })
  }
  return attempts
}

/** The failing cases must be exactly the listed ones of `source`. */
export function expectOnlyListed(source: string, attempts: readonly Attempt[], list = 'unsupported.json'): void {
  const groups = JSON.parse(readFileSync(new URL(list, import.meta.url), 'utf8')) as Unsupported[]
  const listed = groups.filter(group => group.source === source).flatMap(group => group.cases)
  const failures = attempts.filter(({ id, failure }) => failure !== undefined && !listed.includes(id))
  expect(
    failures.map(({ id, failure }) => `${id}: ${failure}`),
    `cases that do not agree and are not listed in ${list}`,
  ).toEqual([])
  const agreeing = attempts.filter(({ id, failure }) => failure === undefined && listed.includes(id))
  expect(
    agreeing.map(({ id }) => id),
    `cases that agree: take them off ${list}`,
  ).toEqual([])
  const known = attempts.map(({ id }) => id)
  expect(
    listed.filter(id => !known.includes(id)),
    'listed cases that do not exist',
  ).toEqual([])
}
