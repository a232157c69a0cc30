/**
 * Which metrics an output has and what they are logged as. In: what `compile` was given. Out: for each metric its name (that of another
 * one is refused; with several outputs `<output>_<name>`), whether it counts sample weights, and where it is computed: means inside the
 * step, everything else from the predictions.
 */
import { UserError } from '../base/errors.ts'
import type { ModelOutput } from '../network/model.ts'
import { type Metric, type MetricChoice, metric, metricLogs } from './metrics.ts'
import { checkNames } from './output-names.ts'

type OneOrMore<T> = T | readonly T[]

/** For every output, or by output name. */
export type MetricsByOutput =
  | readonly (MetricChoice | string)[]
  | Readonly<Record<string, OneOrMore<MetricChoice | string>>>

export interface OutputMetric {
  readonly metric: Metric
  /** The name it is reported by. */
  readonly reported: string
  /** The logs it gives, in order: its name, and the values of a list. */
  readonly logs: readonly string[]
  /** Sample weights count. */
  readonly weighted: boolean
  /** Computed inside the step; else from predictions. */
  readonly inStep: boolean
}

/** Throws UserError for metrics that do not exist, do not suit the output, or share a name. */
export function metricsOfOutput(
  {
    metrics,
    weightedMetrics,
  }: { readonly metrics?: MetricsByOutput | undefined; readonly weightedMetrics?: MetricsByOutput | undefined },
  output: ModelOutput,
  names: readonly string[],
): OutputMetric[] {
  const units = output.shape.at(-1) ?? 1
  const made = (option: string, given: MetricsByOutput | undefined): Metric[] =>
    chosen(option, given, output.name, names).map(choice => metric(choice, units))
  const before = names.length > 1 ? `${output.name}_` : ''
  const unweighted = made('metrics', metrics)
  const planned = (weighted: boolean) => (each: Metric) => {
    // Keras's rule for a metric that is asked for both ways.
    const twice = weighted && unweighted.some(({ name }) => name === each.name)
    const reported = `${before}${twice ? 'weighted_' : ''}${each.name}`
    return {
      metric: each,
      reported,
      logs: logsOf(each, reported, [1, ...output.shape]),
      weighted,
      inStep: each.perSample !== undefined && !weighted,
    }
  }
  return distinct([...unweighted.map(planned(false)), ...made('weightedMetrics', weightedMetrics).map(planned(true))])
}

function logsOf({ formula }: Metric, name: string, shape: readonly number[]): string[] {
  formula.check?.(shape)
  return Object.keys(metricLogs(name, formula.result(new Float64Array(formula.size(shape)))))
}

function chosen(option: string, metrics: MetricsByOutput | undefined, name: string, names: readonly string[]) {
  if (metrics === undefined) return []
  if (isList(metrics)) return metrics
  if (typeof metrics !== 'object' || metrics === null) {
    throw new UserError({
      what: `'${option}' is not a list.`,
      expected: "a list, like ['accuracy'], or a record of lists by output name",
      received: JSON.stringify(metrics),
    })
  }
  checkNames(option, Object.keys(metrics), names)
  const own = metrics[name] ?? []
  return isList(own) ? own : [own]
}

const isList = <T>(value: T | readonly T[] | object): value is readonly T[] => Array.isArray(value)

/** Two metrics of one name, or one of a name that training gives itself, could not be told apart in the history. */
function distinct(metrics: OutputMetric[]): OutputMetric[] {
  const taken = metrics.find(({ metric: { name } }) => /^(loss|epoch|learning_rate|val_.*)$/.test(name))
  if (taken !== undefined) {
    throw new UserError({
      what: `A metric is called '${taken.metric.name}', which is what training calls a value of its own.`,
      expected: 'another name than loss, epoch, learning_rate and val_…',
      received: taken.metric.name,
    })
  }
  const logs = metrics.flatMap(each => each.logs)
  const double = logs.find((name, index) => logs.indexOf(name) < index)
  if (double === undefined) return metrics
  throw new UserError({
    what: `Two metrics are reported as '${double}'.`,
    expected: 'a name of its own for each metric',
    fix: 'Leave one out, or give it another name: topKCategoricalAccuracy({k: 3, name: "top3"}).',
  })
}
