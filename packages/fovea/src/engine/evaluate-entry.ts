/**
 * The entry that measures a model: forward, losses, penalties and metrics; predictions besides. And what training shares with it, the
 * objective: `loss` is the mean over the batch, with penalties. With sample weights w: loss = Σ w l / n, as in Keras. Of mixed
 * pictures the loss is that of both labels, and metrics compare with the first.
 */
import { UserError } from '../base/errors.ts'
import { formatShape, sameShape } from '../base/shape.ts'
import { show } from '../base/show.ts'
import type { Distillation } from '../base/training-numbers.ts'
import type { Graph } from '../graph/builder.ts'
import { isNode, type Node } from '../graph/node.ts'
import type { Model } from '../network/model.ts'
import type { ModelNodesMaker } from '../network/model-nodes.ts'
import { divergenceFrom, teacherOf } from '../objectives/distillation.ts'
import { reduceLoss, targetOf } from '../objectives/losses.ts'
import { type Objectives, type OutputObjective, objectivesByOutput } from '../objectives/output-objectives.ts'
import type { EntryMaker, Measured, RowSlots } from './entry.ts'
import {
  type Built,
  type EntryBuilder,
  entryBuilder,
  entryName,
  type LabelInputs,
  type NamedNode,
} from './entry-builder.ts'

export type EvaluateMaker = EntryMaker<RowSlots, Measured>

/** `other`: with nodes made in another way. Throws UserError when losses, metrics and outputs do not go together. */
export function evaluateEntry(model: Model, objectives: Objectives, other?: ModelNodesMaker): EvaluateMaker {
  const byOutput = objectivesByOutput(model, objectives)
  return {
    name: entryName('evaluate', other),
    make(batch, inputTypes) {
      const builder = entryBuilder(model, batch, inputTypes, false, { other })
      const { reports } = objectiveOf(builder, byOutput)
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

/**
 * The total loss, and what is reported of a step: the losses, then the metrics that are means. `teacher`: the loss of the labels shares the
 * total with what a teacher says.
 */
export function objectiveOf(
  builder: EntryBuilder,
  byOutput: readonly OutputObjective[],
  teacher?: Distillation,
): { readonly total: Node; readonly reports: readonly NamedNode[] } {
  const { graph, lowered, target, partner } = builder
  const losses: Node[] = []
  const reported: NamedNode[] = []
  const metrics: NamedNode[] = []
  for (const [index, objective] of byOutput.entries()) {
    const prediction = lowered.outputs[index]!
    const { shape, dtype } = targetOf(objective.loss, objective.output.shape)
    const { name } = objective.output
    const lossOf = (source: LabelInputs): Node => {
      const labels = source.target(name, shape, dtype)
      const weights = source.weight(name)
      const perSample = objective.loss.perSample(graph, labels, prediction)
      checkPerSample(objective, perSample, graph.batch)
      const counted = objective.loss.counted?.(graph, labels, prediction)
      const labelled = reduceLoss(graph, perSample, weights, objective.loss.reduction, counted)
      return teacher ? taughtLoss(graph, source, objective, prediction, labelled, teacher) : labelled
    }
    const first = lossOf(builder)
    const own = partner ? partner.loss(first, lossOf(partner)) : first
    const labels = target(name, shape, dtype)
    losses.push(graph.mul(own, objective.weight))
    if (objective.reportedLoss !== undefined) reported.push({ of: objective.reportedLoss, node: own })
    for (const { metric, reported: of, inStep } of objective.metrics) {
      if (!inStep) continue
      const values = metric.perSample!(graph, labels, prediction)
      metrics.push({ of, node: graph.mean(values, [0]) })
    }
  }
  const sum = losses.reduce((a, b) => graph.add(a, b))
  const total = lowered.penalty === undefined ? sum : graph.add(sum, lowered.penalty)
  return { total, reports: [{ of: 'loss', node: total }, ...reported, ...metrics] }
}

/** (1 − share) · loss(y) + share · T² · KL(teacher ‖ prediction). */
function taughtLoss(
  graph: Graph,
  { target, weight }: LabelInputs,
  { output, loss }: OutputObjective,
  prediction: Node,
  labelled: Node,
  { temperature, share }: Distillation,
): Node {
  const soft = target(teacherOf(output.name), output.shape, 'f32')
  const fromLogits = loss.config['fromLogits'] === true
  const divergence = divergenceFrom(graph, soft, prediction, { temperature, fromLogits })
  const taught = reduceLoss(graph, divergence, weight(output.name), loss.reduction)
  return graph.add(graph.mul(labelled, 1 - share), graph.mul(taught, share * temperature ** 2))
}

/** A custom formula may have another shape; the weights would be spread over it. */
function checkPerSample({ loss }: OutputObjective, given: unknown, batch: number): asserts given is Node {
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
