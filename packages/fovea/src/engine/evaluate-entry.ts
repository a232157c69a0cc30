/**
 * The entry that measures a model: forward, losses, penalties and metrics; predictions besides. And what training shares with it, the
 * objective: `loss` is the mean over the batch, with penalties. With sample weights w: loss = Σ w l / n, as in Keras.
 */
import { UserError } from '../base/errors.ts'
import { formatShape, sameShape } from '../base/shape.ts'
import { show } from '../base/show.ts'
import { isNode, type Node } from '../graph/node.ts'
import type { Model } from '../network/model.ts'
import { reduceLoss, targetOf } from '../objectives/losses.ts'
import { type Objectives, type OutputPlan, planOutputs } from '../objectives/plan-outputs.ts'
import type { EntryMaker, Measured, RowSlots } from './entry.ts'
import { type Built, type EntryBuilder, entryBuilder, type NamedNode } from './entry-builder.ts'

export type EvaluateMaker = EntryMaker<RowSlots, Measured>

/** Throws UserError when losses, metrics and outputs do not go together. */
export function evaluateEntry(model: Model, objectives: Objectives): EvaluateMaker {
  const plans = planOutputs(model, objectives)
  return {
    name: 'evaluate',
    make(batch, inputTypes) {
      const builder = entryBuilder(model, batch, inputTypes, false)
      const { reports } = objectiveOf(builder, plans)
      const built = builder.finish({ outputs: { reports, predictions: builder.predictions } })
      return { graph: built.graph, slots: built.slots, results: measured(built) }
    },
  }
}

/** Reads the reports and predictions of a step. */
export const measured =
  ({ outputs }: Built) =>
  (raw: Parameters<Built['outputs']>[0]): Measured => ({
    reports: Object.fromEntries(Object.entries(outputs(raw, 'reports')).map(([name, values]) => [name, values[0]!])),
    predictions: outputs(raw, 'predictions'),
  })

/** The total loss, and what is reported of a step: the losses, then the metrics that are means. */
export function objectiveOf(
  { graph, lowered, target, weight }: EntryBuilder,
  plans: readonly OutputPlan[],
): { readonly total: Node; readonly reports: readonly NamedNode[] } {
  const losses: Node[] = []
  const reported: NamedNode[] = []
  const metrics: NamedNode[] = []
  for (const [index, plan] of plans.entries()) {
    const prediction = lowered.outputs[index]!
    const { shape, dtype } = targetOf(plan.loss, plan.output.shape)
    const labels = target(plan.output.name, shape, dtype)
    const weights = weight(plan.output.name)
    const perSample = plan.loss.perSample(graph, labels, prediction)
    checkPerSample(plan, perSample, graph.batch)
    const counted = plan.loss.counted?.(graph, labels, prediction)
    const own = reduceLoss(graph, perSample, weights, plan.loss.reduction, counted)
    losses.push(graph.mul(own, plan.weight))
    if (plan.reportedLoss !== undefined) reported.push({ of: plan.reportedLoss, node: own })
    for (const { metric, reported: of, inStep } of plan.metrics) {
      if (!inStep) continue
      const values = metric.perSample!(graph, labels, prediction)
      metrics.push({ of, node: graph.mean(values, [0]) })
    }
  }
  const sum = losses.reduce((a, b) => graph.add(a, b))
  const total = lowered.penalty === undefined ? sum : graph.add(sum, lowered.penalty)
  return { total, reports: [{ of: 'loss', node: total }, ...reported, ...metrics] }
}

/** A custom formula may have another shape; the weights would be spread over it. */
function checkPerSample({ loss }: OutputPlan, given: unknown, batch: number): asserts given is Node {
  if (!isNode(given)) {
    throw new UserError({
      what: `The formula of loss '${loss.name}' gives no node of the graph.`,
      expected: 'what graph.mean(…) and the like give, one value per sample',
      received: show(given),
    })
  }
  const { shape } = given
  if (sameShape(shape, [batch])) return
  throw new UserError({
    what: `Loss '${loss.name}' does not give one value per sample.`,
    expected: 'shape (None,)',
    received: formatShape(shape.map((extent, axis) => (axis === 0 && extent === batch ? -1 : extent))),
    fix: 'Take the mean over the other axes: graph.mean(values, [1]).',
  })
}
