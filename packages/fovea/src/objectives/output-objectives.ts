/**
 * Which loss, weight and metrics each output of a model has: one for all, a list in the outputs' order, or a record by output
 * name. And under which names they are reported, as Keras does: `loss`, `accuracy`; with several outputs `<output>_loss`,
 * `<output>_accuracy` besides the total `loss`.
 */
import { type Problem, UserError } from '../base/errors.ts'
import { formatShape } from '../base/shape.ts'
import type { Model, ModelOutput } from '../network/model.ts'
import { type Loss, type LossChoice, loss } from './losses.ts'
import type { Metric } from './metrics.ts'
import { type MetricsByOutput, metricsOfOutput, type OutputMetric } from './output-metrics.ts'
import { checkNames } from './output-names.ts'

export type PerOutput<T> = T | readonly T[] | Readonly<Record<string, T>>

export interface Objectives {
  /** One for all outputs, one per output in order, or by output name. */
  readonly loss: PerOutput<LossChoice | string>
  /** Factors of the outputs' losses in the total; 1 by default. */
  readonly lossWeights?: readonly number[] | Readonly<Record<string, number>> | undefined
  /** For every output, or by output name. Sample weights do not count. */
  readonly metrics?: MetricsByOutput | undefined
  /** The same, but sample weights count: Σ w v / Σ w. */
  readonly weightedMetrics?: MetricsByOutput | undefined
}

export interface OutputObjective {
  readonly output: ModelOutput
  readonly loss: Loss
  readonly weight: number
  readonly metrics: readonly OutputMetric[]
  /** Name of this output's own loss; only with several outputs. */
  readonly reportedLoss?: string | undefined
}

/** Throws UserError for missing, surplus and misspelt entries. */
export function objectivesByOutput(model: Model, objectives: Objectives): OutputObjective[] {
  const names = model.outputs.map(output => output.name)
  const several = names.length > 1
  const losses = perOutput(names, 'loss', objectives.loss, isChoice)
  const weights = objectives.lossWeights
  const factors = weights === undefined ? names.map(() => 1) : perOutput(names, 'lossWeights', weights, isNumber)
  const unusable = factors.find(factor => factor !== undefined && !Number.isFinite(factor))
  if (unusable !== undefined) {
    throw new UserError({
      what: "'lossWeights' holds a factor that is not a number.",
      expected: 'numbers',
      received: String(unusable),
    })
  }
  return model.outputs.map((output, index) => {
    const chosen = losses[index]
    if (chosen === undefined) throw missing('loss', output.name, names)
    const found = loss(chosen, output.shape.at(-1) ?? 1)
    checkLoss(output, found)
    return {
      output,
      loss: found,
      weight: factors[index] ?? 1,
      metrics: metricsOfOutput(objectives, output, names),
      ...(several ? { reportedLoss: `${output.name}_loss` } : {}),
    }
  })
}

/** One value that training and evaluation give, and the logs it is told in (a list of values has several). */
export interface ReportedValue {
  readonly name: string
  readonly logs: readonly string[]
  /** Missing for losses. */
  readonly metric?: Metric | undefined
  /** What is not computed inside the step, but from the predictions of this output. */
  readonly overPredictions?:
    | { readonly output: ModelOutput; readonly weighted: boolean; readonly metric: Metric }
    | undefined
}

/** Everything that is reported, `loss` first. */
export function reportedValues(byOutput: readonly OutputObjective[]): ReportedValue[] {
  const loss = (name: string): ReportedValue => ({ name, logs: [name] })
  return [
    loss('loss'),
    ...byOutput.flatMap(objective => (objective.reportedLoss === undefined ? [] : [loss(objective.reportedLoss)])),
    ...byOutput.flatMap(({ output, metrics }) =>
      metrics.map(({ metric, reported: name, logs, weighted, inStep }) => ({
        name,
        logs,
        metric,
        ...(!inStep && { overPredictions: { output, metric, weighted } }),
      })),
    ),
  ]
}

/** The names of all logs of an epoch. */
export const reportedNames = (model: Model, objectives: Objectives): string[] =>
  reportedValues(objectivesByOutput(model, objectives)).flatMap(({ logs }) => logs)

/** Losses of one class out of several. */
const oneOfSeveral: ReadonlySet<string> = new Set([
  'CategoricalCrossentropy',
  'SparseCategoricalCrossentropy',
  'CategoricalFocalCrossentropy',
  'CategoricalGeneralizedCrossEntropy',
])

/** Throws UserError when a loss cannot train this output. */
function checkLoss({ name, shape }: ModelOutput, { name: lossName, type, reduction }: Loss): void {
  const problems: Problem[] = []
  const what = `Output '${name}' cannot be trained with ${lossName}.`
  const received = `output shape ${formatShape([-1, ...shape])}`
  if (reduction === 'none')
    problems.push({ what, expected: 'a loss that is reduced to one number', received: reduction })
  if (shape.length === 0) problems.push({ what, expected: 'an axis beside the batch', received })
  // The only class has probability 1 whatever the weights are.
  if (oneOfSeveral.has(type) && shape.at(-1) === 1) {
    const fix = "Give the last layer as many units as there are classes, or use 'binaryCrossentropy' with a sigmoid."
    problems.push({ what, expected: 'at least two outputs', received, fix })
  }
  if (problems.length > 0) throw new UserError(problems)
}

function perOutput<T>(
  names: readonly string[],
  what: string,
  given: PerOutput<T>,
  isOne: (value: unknown) => value is T,
): (T | undefined)[] {
  if (isOne(given)) return names.map(() => given)
  if (isList(given)) {
    if (given.length === names.length) return [...given]
    throw new UserError({
      what: `The list for '${what}' does not fit the model's outputs.`,
      expected: `${names.length}, in the order ${names.join(', ')}`,
      received: String(given.length),
    })
  }
  if (typeof given !== 'object' || given === null) {
    throw new UserError({
      what: `'${what}' cannot be used.`,
      expected:
        what === 'loss' ? "a name like 'categoricalCrossentropy', or a loss" : 'a list or a record by output name',
      received: typeof given === 'function' ? 'a function' : String(given),
      ...(typeof given === 'function' && { fix: 'Make a loss of the function with customLoss(name, perSample).' }),
    })
  }
  checkNames(what, Object.keys(given), names)
  return names.map(name => (given as Readonly<Record<string, T>>)[name])
}

function missing(what: string, name: string, names: readonly string[]): UserError {
  return new UserError({ what: `Output '${name}' has no ${what}.`, expected: `one for each of ${names.join(', ')}` })
}

const isList = <T>(value: T | readonly T[] | object): value is readonly T[] => Array.isArray(value)
const isNumber = (value: unknown): value is number => typeof value === 'number'
const isChoice = (value: unknown): value is LossChoice | string =>
  typeof value === 'string' || (typeof value === 'object' && value !== null && 'perSample' in value)
