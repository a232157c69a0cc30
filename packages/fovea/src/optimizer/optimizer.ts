/**
 * What an optimizer is: a record with a pure update rule on graph nodes. Scalars that change from step to step (learning rate,
 * bias corrections) are computed on the host in double precision and fed; what is remembered per weight lives in slots,
 * states named `<weight>@<slot>`. Options that every optimizer takes (clipping, weight decay, factors of the rate,
 * averages of the weights, gradient accumulation) are joined around the rule in update.ts.
 */
import { UserError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import { type Fields, parse, record } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import { commonFields } from './option-fields.ts'
import { scaledFactors, scaledName } from './rate-factors.ts'
import { isSchedule, type Schedule } from './schedules.ts'
import { type AverageOptions, type WeightAverage, weightAverage } from './weight-average.ts'

/** Options of every optimizer. Defaults: none of them on. */
export interface CommonOptions {
  /** A number, or a schedule of the step. */
  readonly learningRate?: number | Schedule | undefined
  /** Keras's old time decay: the rate is divided by 1 + decay · (steps done). */
  readonly decay?: number | undefined
  /** Each step takes weight · weightDecay · learning rate off every weight first (decoupled decay). */
  readonly weightDecay?: number | null | undefined
  /** Each gradient tensor is scaled down to at most this length. */
  readonly clipnorm?: number | null | undefined
  /** All gradients together are scaled down to at most this length. */
  readonly globalClipnorm?: number | null | undefined
  /** Each gradient element is kept within ± this. */
  readonly clipvalue?: number | null | undefined
  /**
   * Factors of the learning rate by weight, for example `{ bias: 64, beta: 64, 'whitening/kernel': 0 }`. A key is a whole weight name or
   * its last part; the whole name counts first. The weight decay stays as it is without the factor. 0: the weight is not trained at all.
   * A key that no weight has is an error. From Page 2019 ("Bag of Tricks") and Jordan 2024 (airbench).
   */
  readonly rateFactors?: Readonly<Record<string, number>> | null | undefined
  /** Keeps a moving average of the weights in the slot `average`; after training the average takes their place. */
  readonly useEma?: boolean | undefined
  readonly emaMomentum?: number | undefined
  /** The average overwrites the weights every so many steps; null: only at the end of training. */
  readonly emaOverwriteFrequency?: number | null | undefined
  /**
   * Lookahead (Zhang et al. 2019): every so many updates the slow weights (slot `slow`) move towards the weights by `lookaheadRate`, and
   * training goes on from there; after training the slow ones are the weights. Batch normalization's moving statistics are no weights
   * and stay as they are. Not together with `useEma`.
   */
  readonly lookaheadSteps?: number | null | undefined
  /** 0.5 by default; a number of at most 1, or a schedule of the steps done. */
  readonly lookaheadRate?: number | Schedule | undefined
  /** Gradients of so many steps are averaged before each update. */
  readonly gradientAccumulationSteps?: number | null | undefined
  /** Gradients come in multiplied by this and are divided by it. */
  readonly lossScaleFactor?: number | null | undefined
}

export interface Slot {
  readonly name: string
  /** The value before the first step. */
  readonly initial: number
  /** A sum or mean of squares or magnitudes. */
  readonly nonNegative?: boolean | undefined
}

export type Scalars = Readonly<Record<string, number>>

export interface UpdateArguments {
  /** Of the weight: `conv2d/kernel`. */
  readonly name: string
  readonly weight: Node
  readonly gradient: Node
  readonly slots: Readonly<Record<string, Node>>
  /** The fed scalars by name. */
  readonly scalar: (name: string) => Node
}

export interface UpdateResult {
  readonly weight: Node
  readonly slots: Readonly<Record<string, Node>>
}

/** The part that differs between optimizers. Numbers are the complete configuration. */
export interface OptimizerRule {
  /** Its own options; `learningRate` and `weightDecay` may be among them to change the common default. */
  readonly options: Fields
  slots(options: Options, shape: Shape, name: string): readonly Slot[]
  /** Step t counts from 1. `learningRate` is always fed; this adds to it. */
  scalars?(options: Options, t: number, learningRate: number): Scalars
  update(graph: Graph, options: Options, args: UpdateArguments): UpdateResult
  /** Scalar name of this weight's decay; `weightDecay` by default. */
  decayOf?(options: Options, shape: Shape, name: string): string
}

/** Every option's value, numbers read by `number`. */
export interface Options {
  readonly config: Readonly<Record<string, Json>>
  number(key: string): number
  flag(key: string): boolean
}

/** An optimizer with its options. */
export interface Optimizer {
  /** Keras's class name. */
  readonly type: string
  /** Complete configuration; a schedule as `{type, config}`. */
  readonly config: Readonly<Record<string, Json>>
  readonly learningRate: number | Schedule
  readonly rule: OptimizerRule
  readonly options: Options
  /** The average of the weights that takes their place when training ends. */
  readonly average?: WeightAverage | undefined
  /** What is remembered for a weight of this shape (and name, where layers can be excluded). */
  slots(shape: Shape, name?: string): readonly Slot[]
  /**
   * What the host feeds at step `step` (counted from 1) under this base learning rate, by the name that `scalar` is asked for.
   * `stepsDone`: where schedules stand after the step; as many as `step` unless training was hastened.
   */
  scalars(step: number, learningRate: number, stepsDone?: number): Scalars
}

/** Makes an optimizer from its rule and what the user chose. Throws UserError with every problem. */
export function makeOptimizer(type: string, rule: OptimizerRule, given: object): Optimizer {
  const owner = `Optimizer ${type}`
  const read = parse(record({ ...commonFields, ...rule.options }), given, owner)
  const rate = read['learningRate'] as number | Schedule
  const written = Object.entries(read).map(([key, value]) => [
    key,
    isSchedule(value) ? { type: value.type, config: value.config } : value,
  ])
  const config = Object.fromEntries(written) as Readonly<Record<string, Json>>
  checkClips(owner, config)
  const average = weightAverage(owner, read as unknown as AverageOptions)
  const options: Options = {
    config,
    number: key => config[key] as number,
    flag: key => config[key] === true,
  }
  return {
    type,
    config,
    learningRate: rate,
    rule,
    options,
    ...(average && { average }),
    slots: (shape, name = '') => [
      ...rule.slots(options, shape, name),
      ...(config['gradientAccumulationSteps'] ? [{ name: 'accumulated', initial: 0 }] : []),
      ...(average ? [{ name: average.slot, initial: 0 }] : []),
    ],
    scalars(step, base, stepsDone = step) {
      const t = updateOf(config, step)
      return { ...scalarsOf(rule, options, step, base), ...average?.scalars(t, stepsDone) }
    },
  }
}

/** The base learning rate of step `step` (from 1): the optimizer's number, or its schedule after step − 1 steps. */
export function learningRateAt(optimizer: Optimizer, step: number): number {
  return typeof optimizer.learningRate === 'number' ? optimizer.learningRate : optimizer.learningRate.at(step - 1)
}

/** With gradient accumulation, several steps make one update; both count from 1. */
const updateOf = (config: Readonly<Record<string, Json>>, step: number): number =>
  Math.ceil(step / ((config['gradientAccumulationSteps'] as number | null) ?? 1))

function scalarsOf(rule: OptimizerRule, options: Options, step: number, base: number): Scalars {
  const every = (options.config['gradientAccumulationSteps'] as number | null) ?? 1
  const t = updateOf(options.config, step)
  const learningRate = base / (1 + options.number('decay') * (t - 1))
  const decay = options.config['weightDecay'] as number | null
  const ofRule = (rate: number): Scalars => ({ learningRate: rate, ...rule.scalars?.(options, t, rate) })
  return {
    ...ofRule(learningRate),
    ...Object.fromEntries(
      scaledFactors(options.config).flatMap(factor =>
        Object.entries(ofRule(learningRate * factor)).map(([name, value]) => [scaledName(name, factor), value]),
      ),
    ),
    ...(decay === null ? {} : { weightDecay: decay * learningRate }),
    ...(every > 1 ? { applies: step % every === 0 ? 1 : 0 } : {}),
  }
}

function checkClips(owner: string, config: Readonly<Record<string, Json>>): void {
  const clips = ['clipnorm', 'globalClipnorm', 'clipvalue'].filter(key => typeof config[key] === 'number')
  if (clips.length < 2) return
  throw new UserError({ what: `${owner} clips in several ways.`, expected: 'one of them', received: clips.join(', ') })
}
