/**
 * The entries of a model's program, each one graph: `train` joins forward pass, losses, penalties, gradients, optimizer update
 * and metrics; `evaluate` and `predict` run forward; `gradients` gives the loss gradient of every trained weight. They share
 * weights by state name.
 *
 * Fed: every model input by its name; `target:<output>`; `weight:<output>` (a float per sample); `randomKey` (int32 [2]);
 * `scalar:<name>` (what `optimizer.scalars` gives). Only what an entry reads is among its inputs.
 * Come out: `loss` (mean over the batch, with penalties) and every metric that is a mean as scalars, `predictions:<output>` (in training
 * only for metrics that are computed from them), `gradient:<weight>`. With sample weights w: loss = Σ w l / n, as in Keras.
 */

import { gradients } from '../autodiff/gradients.ts'
import { UserError } from '../base/errors.ts'
import { type DType, formatShape, sameShape, sizeOf } from '../base/shape.ts'
import { show } from '../base/show.ts'
import { createGraph, type Graph } from '../graph/builder.ts'
import { isNode, type Node, type NodeOf, type StepGraph, stepGraph } from '../graph/node.ts'
import { type LoweredModel, lowerModel } from '../network/lower.ts'
import type { Model } from '../network/model.ts'
import { reduceLoss, targetOf } from '../objectives/losses.ts'
import { type Objectives, type OutputPlan, planOutputs } from '../objectives/plan-outputs.ts'
import { optimizer as chosenOptimizer, type OptimizerName } from './factories.ts'
import type { Optimizer } from './optimizer.ts'
import { updateWeights } from './update.ts'

export interface PredictOptions {
  /** Most rows of one step. */
  readonly batch: number
  /** Type of each model input as it is fed; float by default, `u8` for pictures. */
  readonly inputTypes?: readonly DType[]
}

export interface EntryOptions extends PredictOptions, Objectives {
  readonly optimizer: Optimizer | OptimizerName | (string & {})
  /** Whether to build the entry `gradients` too. Default false. */
  readonly gradients?: boolean
}

export interface Entries {
  readonly train: StepGraph
  readonly evaluate: StepGraph
  readonly predict: StepGraph
  readonly gradients?: StepGraph
}

/** All entries of a compiled model. Throws UserError when losses, metrics and outputs do not go together. */
export function buildEntries(model: Model, options: EntryOptions): Entries {
  const plans = planOutputs(model, options)
  return {
    train: buildTrain(model, options, plans),
    evaluate: buildEvaluate(model, options, plans),
    predict: buildPredict(model, options).predict,
    ...(options.gradients ? { gradients: buildGradients(model, options, plans) } : {}),
  }
}

/** The entry of a model that is only asked. */
export function buildPredict(model: Model, options: PredictOptions): { readonly predict: StepGraph } {
  const { graph, lowered } = forward(model, options, false)
  return { predict: { ...stepGraph(graph.batch, [], predictions(model, lowered)), prepared: true } }
}

/** The first values of the optimizer's states, by state name. */
export function initialOptimizerState(model: Model, optimizer: Optimizer): Record<string, Float32Array> {
  const trained = model.weights.filter(weight => weight.trainable)
  return Object.fromEntries(
    trained.flatMap(({ name, shape }) =>
      optimizer
        .slots(shape, name)
        .map(slot => [`${name}@${slot.name}`, new Float32Array(sizeOf(shape)).fill(slot.initial)] as const),
    ),
  )
}

function buildTrain(model: Model, options: EntryOptions, plans: readonly OutputPlan[]): StepGraph {
  const { graph, lowered } = forward(model, options, true)
  const { total, outputs } = objective(graph, lowered, plans)
  const trained = trainedStates(model, lowered)
  const derivatives = gradients(graph, total, trained)
  const updates = updateWeights(
    graph,
    chosenOptimizer(options.optimizer),
    trained.map((state, index) => ({ state, gradient: derivatives[index]! })),
    name => graph.input(`scalar:${name}`, []),
  )
  // Only for metrics that are computed from them: other programs stay as they are.
  const measured = plans.filter(plan => plan.metrics.some(({ inStep }) => !inStep)).map(plan => plan.output.name)
  const asked = predictions(model, lowered).filter((_, index) => measured.includes(model.outputs[index]!.name))
  return stepGraph(graph.batch, [...updates, ...lowered.updates], [...outputs, ...asked])
}

function buildEvaluate(model: Model, options: EntryOptions, plans: readonly OutputPlan[]): StepGraph {
  const { graph, lowered } = forward(model, options, false)
  const { outputs } = objective(graph, lowered, plans)
  return stepGraph(graph.batch, [], [...outputs, ...predictions(model, lowered)])
}

/** Gradients of the training loss (dropout and batch statistics as in training); no state changes. */
function buildGradients(model: Model, options: EntryOptions, plans: readonly OutputPlan[]): StepGraph {
  const { graph, lowered } = forward(model, options, true)
  const { total } = objective(graph, lowered, plans)
  const trained = trainedStates(model, lowered)
  const derivatives = gradients(graph, total, trained)
  const named = trained.map((state, index) => ({
    name: `gradient:${state.attributes.name}`,
    node: derivatives[index]!,
  }))
  return stepGraph(graph.batch, [], [{ name: 'loss', node: total }, ...named])
}

function forward(model: Model, options: PredictOptions, training: boolean): { graph: Graph; lowered: LoweredModel } {
  const graph = createGraph(options.batch)
  const inputs = model.inputs.map(({ name, shape }, index) =>
    graph.input(name, [options.batch, ...shape], { dtype: options.inputTypes?.[index] ?? 'f32', batched: true }),
  )
  const randomKey = graph.input('randomKey', [2], { dtype: 'i32' })
  return { graph, lowered: lowerModel(model, graph, { inputs, training, randomKey }) }
}

type Outputs = StepGraph['outputs'][number][]

function objective(graph: Graph, lowered: LoweredModel, plans: readonly OutputPlan[]) {
  const losses: Node[] = []
  const reported: Outputs = []
  const metrics: Outputs = []
  for (const [index, plan] of plans.entries()) {
    const prediction = lowered.outputs[index]!
    const { target, weight } = feeds(graph, plan)
    const perSample = plan.loss.perSample(graph, target, prediction)
    checkPerSample(plan, perSample, graph.batch)
    const counted = plan.loss.counted?.(graph, target, prediction)
    const own = reduceLoss(graph, perSample, weight, plan.loss.reduction, counted)
    losses.push(graph.mul(own, plan.weight))
    if (plan.reportedLoss !== undefined) reported.push({ name: plan.reportedLoss, node: own })
    for (const { metric, reported: name, inStep } of plan.metrics) {
      if (!inStep) continue
      const values = metric.perSample!(graph, target, prediction)
      metrics.push({ name, node: graph.mean(values, [0]) })
    }
  }
  const sum = losses.reduce((a, b) => graph.add(a, b))
  const total = lowered.penalty === undefined ? sum : graph.add(sum, lowered.penalty)
  return { total, outputs: [{ name: 'loss', node: total }, ...reported, ...metrics] }
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

function feeds(graph: Graph, { output, loss }: OutputPlan): { target: Node; weight: Node } {
  const { shape, dtype } = targetOf(loss, output.shape)
  return {
    target: graph.input(`target:${output.name}`, [graph.batch, ...shape], { dtype, batched: true }),
    weight: graph.input(`weight:${output.name}`, [graph.batch], { batched: true }),
  }
}

function predictions(model: Model, lowered: LoweredModel): Outputs {
  return model.outputs.map((output, index) => ({
    name: `predictions:${output.name}`,
    node: lowered.outputs[index]!,
  }))
}

function trainedStates(model: Model, lowered: LoweredModel): NodeOf<'state'>[] {
  return model.weights.filter(weight => weight.trainable).map(weight => lowered.states.get(weight.name)!)
}
