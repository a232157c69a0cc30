/**
 * Reverse-mode differentiation of a graph into the same graph: the nodes of a scalar loss are walked from last to first, each
 * hands its adjoint on by its rule (rules.ts), contributions are added. Only nodes that depend on something asked for are walked.
 */
import { InternalError, UserError } from '../base/errors.ts'
import { sizeOf } from '../base/shape.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import type { OpKind } from '../graph/ops.ts'
import { isZero, widen, zeros } from './adjoint.ts'
import { type GradientRules, gradientRules, type InputGradients } from './rules.ts'

/**
 * The derivative of a scalar `loss` by each node of `of` (any nodes: weights, inputs, activations), of its shape; zeros where
 * the loss does not depend on it. Other `rules` than the derivatives' give other gradients (guided-rules.ts). Throws UserError when
 * the way to one of them leads through an operation without a gradient.
 */
export function gradients(graph: Graph, loss: Node, of: readonly Node[], rules: GradientRules = gradientRules): Node[] {
  if (sizeOf(loss.shape) !== 1 || loss.batched) throw new InternalError('autodiff', 'the loss is not a scalar')
  const adjoints = new Map<Node, Node>([[loss, graph.constant(1, loss.shape)]])
  const asked = new Set(of)
  const walked = dependents(loss, asked)
  for (const node of [...walked].sort((a, b) => b.id - a.id)) {
    const adjoint = adjoints.get(node)
    if (!adjoint || !node.inputs.some(input => walked.has(input))) continue
    const inputGradients = ruleOf(node, rules)(graph, node, adjoint)
    // An operand may come twice (x · x): each place contributes.
    node.inputs.forEach((input, index) => {
      const build = walked.has(input) ? inputGradients[index] : undefined
      if (!build) return
      const contribution = build()
      if (isZero(contribution)) return
      const sum = adjoints.get(input)
      adjoints.set(input, sum ? graph.add(sum, contribution) : contribution)
    })
    if (!asked.has(node)) adjoints.delete(node)
  }
  return of.map(node => {
    const adjoint = walked.has(node) ? adjoints.get(node) : undefined
    return adjoint ? widen(graph, adjoint, node) : zeros(graph, node)
  })
}

/** The nodes under `loss` whose value depends on one of `asked` (those included). */
function dependents(loss: Node, asked: ReadonlySet<Node>): Set<Node> {
  const reached = new Set<Node>()
  const pending = [loss]
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (reached.has(node)) continue
    reached.add(node)
    pending.push(...node.inputs)
  }
  const result = new Set<Node>()
  for (const node of [...reached].sort((a, b) => a.id - b.id)) {
    if (asked.has(node) || node.inputs.some(input => result.has(input))) result.add(node)
  }
  return result
}

function ruleOf(node: Node, rules: GradientRules): (graph: Graph, node: Node, dy: Node) => InputGradients {
  const rule = rules[node.kind as OpKind]
  if (typeof rule === 'function') return rule as (graph: Graph, node: Node, dy: Node) => InputGradients
  throw new UserError({
    what: `The loss depends on a weight through '${node.kind}', which has no gradient: ${rule.notDifferentiable}.`,
    fix: 'use a loss or layer that is differentiable',
  })
}
