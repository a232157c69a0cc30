/**
 * One optimizer step over all trained weights: scale and clip the gradients, decay the weights, the optimizer's rule, average of
 * the weights, gradient accumulation; in Keras 3's order. In: weight and gradient nodes. Out: the new value of every weight and
 * slot. State magnitudes below 1e-30 become 0: they would end as denormal numbers, which processors compute slowly.
 */
import type { Graph } from '../graph/builder.ts'
import type { Node, NodeOf, StateUpdate } from '../graph/node.ts'
import type { Optimizer } from './optimizer.ts'
import { rateFactorOf, scaledName } from './rate-factors.ts'

export interface TrainedWeight {
  readonly state: NodeOf<'state'>
  readonly gradient: Node
}

const vanishing = 1e-30

/** The scalar inputs and the state updates of one step. `scalar` gives the node of a fed scalar by name. */
export function updateWeights(
  graph: Graph,
  optimizer: Optimizer,
  weights: readonly TrainedWeight[],
  scalar: (name: string) => Node,
): StateUpdate[] {
  const config = optimizer.config as Readonly<Record<string, number | null>>
  const scaled = weights.map(({ state, gradient }) => ({
    state,
    gradient: config['lossScaleFactor'] ? graph.div(gradient, config['lossScaleFactor']) : gradient,
  }))
  const averaged = accumulate(graph, scaled, config['gradientAccumulationSteps'] ?? null, scalar)
  const clipped = clip(graph, averaged.gradients, config)
  const updates = weights.flatMap(({ state }, index) => updateOne(graph, optimizer, state, clipped[index]!, scalar))
  if (averaged.updates.length === 0) return updates
  // Between two updates everything stays as it is, but for the sum of gradients.
  const held = updates.map(({ state, value }) => ({ state, value: graph.select(scalar('applies'), value, state) }))
  return [...held, ...averaged.updates]
}

/** Sums gradients in the slot `accumulated`; on the last step of each round gives their mean and starts anew. */
function accumulate(
  graph: Graph,
  weights: readonly TrainedWeight[],
  steps: number | null,
  scalar: (name: string) => Node,
): { gradients: Node[]; updates: StateUpdate[] } {
  if (steps === null || steps === 1) return { gradients: weights.map(weight => weight.gradient), updates: [] }
  const sums = weights.map(({ state, gradient }) => {
    const slot = slotState(graph, state, 'accumulated')
    return { slot, sum: graph.add(slot, gradient) }
  })
  return {
    gradients: sums.map(({ sum }) => graph.div(sum, steps)),
    updates: sums.map(({ slot, sum }) => ({ state: slot, value: graph.select(scalar('applies'), 0, sum) })),
  }
}

function clip(graph: Graph, gradients: readonly Node[], config: Readonly<Record<string, number | null>>): Node[] {
  const squares = (x: Node) =>
    graph.sum(
      graph.unary('square', x),
      x.shape.map((_, axis) => axis),
    )
  /** Factor that brings a length down to at most `limit`. */
  const shrink = (square: Node, limit: number) => graph.div(limit, graph.max(graph.unary('sqrt', square), limit))
  const { clipnorm, globalClipnorm, clipvalue } = config
  if (clipnorm) return gradients.map(g => graph.mul(g, shrink(squares(g), clipnorm)))
  if (globalClipnorm && gradients.length > 0) {
    const factor = shrink(
      gradients.map(squares).reduce((a, b) => graph.add(a, b)),
      globalClipnorm,
    )
    return gradients.map(g => graph.mul(g, factor))
  }
  if (clipvalue) return gradients.map(g => graph.min(graph.max(g, -clipvalue), clipvalue))
  return [...gradients]
}

function updateOne(
  graph: Graph,
  optimizer: Optimizer,
  state: NodeOf<'state'>,
  gradient: Node,
  scalar: (name: string) => Node,
): StateUpdate[] {
  const { rule, options, average } = optimizer
  const { name } = state.attributes
  const slots = rule
    .slots(options, state.shape, name)
    .map(slot => ({ ...slot, state: slotState(graph, state, slot.name) }))
  const named = Object.fromEntries(slots.map(slot => [slot.name, slot.state]))
  const decays = options.config['weightDecay'] !== null
  const decay = decays ? scalar(rule.decayOf?.(options, state.shape, name) ?? 'weightDecay') : undefined
  const weight = decay === undefined ? state : graph.sub(state, graph.mul(state, decay))
  const factor = rateFactorOf(options.config, name)
  const own = factor === 1 ? scalar : (of: string) => scalar(scaledName(of, factor))
  const result = rule.update(graph, options, { name, weight, gradient, slots: named, scalar: own })
  const updates = slots.map(slot => ({
    state: slot.state,
    value: flushed(graph, result.slots[slot.name]!, slot.nonNegative === true),
  }))
  if (!average) return [{ state, value: result.weight }, ...updates]

  const slot = slotState(graph, state, average.slot)
  const averaged = average.update(graph, { before: state, after: result.weight, slot, scalar })
  return [{ state, value: averaged.weight }, ...updates, { state: slot, value: averaged.average }]
}

function flushed(graph: Graph, x: Node, nonNegative: boolean): Node {
  const magnitude = nonNegative ? x : graph.unary('abs', x)
  return graph.select(graph.binary('less', magnitude, vanishing), 0, x)
}

function slotState(graph: Graph, weight: NodeOf<'state'>, slot: string): NodeOf<'state'> {
  return graph.state(`${weight.attributes.name}@${slot}`, weight.shape) as NodeOf<'state'>
}
