/** An optimizer's updates on the oracle, for tests. */
import { type Shape, sizeOf } from '../base/shape.ts'
import { createGraph } from '../graph/builder.ts'
import type { NodeOf } from '../graph/node.ts'
import { evaluateGraph } from '../graph/oracle/evaluate.ts'
import { learningRateAt, type Optimizer } from './optimizer.ts'
import { updateWeights } from './update.ts'

/** Runs gradients through an optimizer: weights by name, one list of gradients per step. Gives all states after each step. */
export function runOptimizer(
  chosen: Optimizer,
  start: Record<string, number[]>,
  steps: Record<string, number[]>[],
  shape?: Shape,
) {
  const graph = createGraph(1)
  const trained = Object.entries(start).map(([name, values]) => ({
    state: graph.state(name, shape ?? [values.length]) as NodeOf<'state'>,
    gradient: graph.input(`gradient:${name}`, shape ?? [values.length]),
  }))
  const updates = updateWeights(graph, chosen, trained, name => graph.input(`scalar:${name}`, []))
  let states: Record<string, ArrayLike<number>> = { ...start }
  for (const { state } of trained) {
    for (const slot of chosen.slots(state.shape)) {
      states[`${state.attributes.name}@${slot.name}`] = new Float64Array(sizeOf(state.shape)).fill(slot.initial)
    }
  }
  return steps.map((gradients, index) => {
    const t = index + 1
    const scalars = Object.entries(chosen.scalars(t, learningRateAt(chosen, t)))
    const inputs = Object.fromEntries([
      ...Object.entries(gradients).map(([name, values]) => [`gradient:${name}`, values]),
      ...scalars.map(([name, value]) => [`scalar:${name}`, [value]]),
    ])
    const step = { batch: 1, inputs: [], states: [], updates, outputs: [] }
    states = { ...states, ...evaluateGraph(step, { inputs, states }).updates }
    return Object.fromEntries(Object.entries(states).map(([name, values]) => [name, Array.from(values)]))
  })
}
