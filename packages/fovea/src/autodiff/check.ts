/**
 * Gradients against central differences of the float64 oracle. Each checked element is moved by ±h and ±2h;
 * (f(−2h) − 8 f(−h) + 8 f(h) − f(2h)) / 12h has an error of order h⁴, so h = 10⁻³ leaves about 10⁻¹² of the fifth derivative.
 */
import { UserError } from '../base/errors.ts'
import { keyOf, permutation } from '../base/random.ts'
import { sizeOf } from '../base/shape.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node, NodeOf, StepGraph } from '../graph/node.ts'
import { type EvaluationFeed, evaluateGraph, realShape } from '../graph/oracle/evaluate.ts'
import { verify } from '../graph/verify.ts'
import { gradients } from './gradients.ts'

export interface GradientCheck {
  readonly graph: Graph
  readonly loss: Node
  /** Float leaves to differentiate by. */
  readonly of: readonly (NodeOf<'input'> | NodeOf<'state'>)[]
  /** All leaves the loss needs. */
  readonly inputs: readonly NodeOf<'input'>[]
  readonly states: readonly NodeOf<'state'>[]
  readonly feed: EvaluationFeed
  /** Elements checked per leaf, drawn at random (all when there are fewer); 40 by default. */
  readonly samples?: number
  /** Step h; 1e-3 by default. Smaller next to kinks. */
  readonly step?: number
}

export interface GradientDeviation {
  readonly name: string
  /**
   * Largest |gradient − difference| over the checked elements, divided by the largest |gradient| of the leaf. (Or by 10⁻⁹ of
   * the loss a step, if that is more: the rounding of the loss alone makes differences of 10⁻¹⁵.)
   */
  readonly relativeError: number
}

export function checkGradients(check: GradientCheck): GradientDeviation[] {
  const { graph, loss, of, feed, samples = 40, step: h = 1e-3 } = check
  const n = feed.n ?? graph.batch
  const derived = gradients(graph, loss, of)
  const leaves = { batch: graph.batch, inputs: check.inputs, states: check.states, updates: [] }
  const backward: StepGraph = {
    ...leaves,
    outputs: derived.map((node, index) => ({ name: of[index]!.attributes.name, node })),
  }
  const forward: StepGraph = { ...leaves, outputs: [{ name: 'loss', node: loss }] }
  verify(backward)
  const analytic = evaluateGraph(backward, feed).outputs
  return of.map(leaf => {
    const name = leaf.attributes.name
    const size = sizeOf(realShape(leaf, n))
    const values = Float64Array.from((leaf.kind === 'input' ? feed.inputs : feed.states)[name] ?? [])
    if (values.length < size) throw new UserError(`checkGradients: '${name}' was not given its ${size} values`)
    const lossAt = (element: number, offset: number): number => {
      const moved = values.slice()
      moved[element]! += offset
      const changed =
        leaf.kind === 'input'
          ? { ...feed, inputs: { ...feed.inputs, [name]: moved } }
          : { ...feed, states: { ...feed.states, [name]: moved } }
      return evaluateGraph(forward, changed).outputs['loss']![0]!
    }
    const gradient = analytic[name]!
    let deviation = 0
    const floor = (1e-9 / h) * Math.abs(lossAt(0, 0))
    let largest = gradient.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
    for (const element of permutation(keyOf(size), size).subarray(0, samples)) {
      const difference =
        (lossAt(element, -2 * h) - 8 * lossAt(element, -h) + 8 * lossAt(element, h) - lossAt(element, 2 * h)) / (12 * h)
      deviation = Math.max(deviation, Math.abs(gradient[element]! - difference))
      largest = Math.max(largest, Math.abs(difference))
    }
    return { name, relativeError: deviation === 0 ? 0 : deviation / Math.max(largest, floor) }
  })
}
