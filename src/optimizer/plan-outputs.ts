/**
 * Which loss, weight and metrics each output of a model has: one for all, a list in the outputs' order, or a record by output
 * name. And under which names they are reported, as Keras does: `loss`, `accuracy`; with several outputs `<output>_loss`,
 * `<output>_accuracy` besides the total `loss`.
 */
import { nearest, type Problem, UserError } from '../base/errors.ts'
import { formatShape } from '../base/shape.ts'
import { type Loss, type LossChoice, loss } from '../model/losses.ts'
import { type Metric, type MetricChoice, metric } from '../model/metrics.ts'
import type { Model, ModelOutput } from '../model/model.ts'

export type PerOutput<T> = T | readonly T[] | Readonly<Record<string, T>>

export interface Objectives {
  /** One for all outputs, one per output in order, or by output name. */
  readonly loss: PerOutput<LossChoice | string>
  /** Factors of the outputs' losses in the total; 1 by default. */
  readonly lossWeights?: readonly number[] | Readonly<Record<string, number>>
  /** For every output, or by output name. */
  readonly metrics?:
    | readonly (MetricChoice | string)[]
    | Readonly<Record<string, MetricChoice | string | readonly (MetricChoice | string)[]>>
}

export interface OutputPlan {
  readonly output: ModelOutput
  readonly loss: Loss
  readonly weight: number
  readonly metrics: readonly { readonly metric: Metric; readonly reported: string }[]
  /** Name of this output's own loss; only with several outputs. */
  readonly reportedLoss?: string
}

/** Throws UserError for missing, surplus and misspelt entries. */
export function planOutputs(model: Model, objectives: Objectives): OutputPlan[] {
  const names = model.outputs.map(output => output.name)
  const several = names.length > 1
  const losses = perOutput(names, 'loss', objectives.loss, isChoice)
  const weights = objectives.lossWeights
  const factors = weights === undefined ? names.map(() => 1) : perOutput(names, 'lossWeights', weights, isNumber)
  const unusable = factors.find(factor => factor !== undefined && !Number.isFinite(factor))
  if (unusable !== undefined) {
    throw new UserError({
      what: "'lossWeights' holds a factor that is no number.",
      expected: 'numbers',
      received: String(unusable),
    })
  }
  return model.outputs.map((output, index) => {
    const chosen = losses[index]
    if (chosen === undefined) throw missing('loss', output.name, names)
    const units = output.shape.at(-1) ?? 1
    const found = loss(chosen, units)
    checkLoss(output, found)
    const reported = (name: string) => (several ? `${output.name}_${name}` : name)
    return {
      output,
      loss: found,
      weight: factors[index] ?? 1,
      metrics: distinct(metricsOf(objectives.metrics, output.name, names).map(choice => metric(choice, units))).map(
        made => ({
          metric: made,
          reported: reported(made.name),
        }),
      ),
      ...(several ? { reportedLoss: `${output.name}_loss` } : {}),
    }
  })
}

/** Everything a training step reports, `loss` first. */
export function reportedNames(model: Model, objectives: Objectives): string[] {
  const plans = planOutputs(model, objectives)
  return [
    'loss',
    ...plans.flatMap(plan => (plan.reportedLoss === undefined ? [] : [plan.reportedLoss])),
    ...plans.flatMap(plan => plan.metrics.map(entry => entry.reported)),
  ]
}

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

function metricsOf(metrics: Objectives['metrics'], name: string, names: readonly string[]) {
  if (metrics === undefined) return []
  if (isList(metrics)) return metrics
  if (typeof metrics !== 'object' || metrics === null) {
    throw new UserError({
      what: "'metrics' is no list.",
      expected: "a list, like ['accuracy'], or a record of lists by output name",
      received: JSON.stringify(metrics),
    })
  }
  checkNames('metrics', Object.keys(metrics), names)
  const own = metrics[name] ?? []
  return isList(own) ? own : [own as MetricChoice | string]
}

/** Two metrics of one name could not be told apart in the history. */
function distinct(metrics: readonly Metric[]): readonly Metric[] {
  const double = metrics.find(({ name }, index) => metrics.findIndex(other => other.name === name) < index)
  if (double === undefined) return metrics
  throw new UserError({
    what: `Two metrics are reported as '${double.name}'.`,
    expected: 'a name of its own for each metric',
    fix: 'Leave one out, or give it another name: topKCategoricalAccuracy({k: 3, name: "top3"}).',
  })
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
      what: `'${what}' is nothing that can be used.`,
      expected:
        what === 'loss' ? "a name like 'categoricalCrossentropy', or a loss" : 'a list or a record by output name',
      received: typeof given === 'function' ? 'a function' : String(given),
      ...(typeof given === 'function' && { fix: 'Make a loss of the function with customLoss(name, perSample).' }),
    })
  }
  checkNames(what, Object.keys(given), names)
  return names.map(name => (given as Readonly<Record<string, T>>)[name])
}

function checkNames(what: string, given: readonly string[], names: readonly string[]): void {
  for (const name of given) {
    if (names.includes(name)) continue
    const guess = nearest(name, names)
    throw new UserError({
      what: `'${what}' has an entry '${name}', which is no output of the model.`,
      expected: names.join(', '),
      received: name,
      ...(guess === undefined ? {} : { fix: `Did you mean '${guess}'?` }),
    })
  }
}

function missing(what: string, name: string, names: readonly string[]): UserError {
  return new UserError({ what: `Output '${name}' has no ${what}.`, expected: `one for each of ${names.join(', ')}` })
}

const isList = <T>(value: T | readonly T[] | object): value is readonly T[] => Array.isArray(value)
const isNumber = (value: unknown): value is number => typeof value === 'number'
const isChoice = (value: unknown): value is LossChoice | string =>
  typeof value === 'string' || (typeof value === 'object' && value !== null && 'perSample' in value)
