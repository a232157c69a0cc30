/**
 * What an optimizer is: a record with a pure update rule on graph nodes. Scalars that change from step to step (learning rate,
 * bias corrections) are computed on the host in double precision and fed; what is remembered per weight lives in slots,
 * states named `<weight>@<slot>`. Options that every optimizer takes (clipping, weight decay, moving average of the weights,
 * gradient accumulation) are joined around the rule in update.ts.
 */
import { UserError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import { type Fields, parse, record } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import { commonFields } from './option-fields.ts'
import { isSchedule, type Schedule } from './schedules.ts'

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
  /** Keeps a moving average of the weights in the slot `average`; after training the average takes their place. */
  readonly useEma?: boolean | undefined
  readonly emaMomentum?: number | undefined
  /** The average overwrites the weights every so many steps; null: only at the end of training. */
  readonly emaOverwriteFrequency?: number | null | undefined
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
  /** What is remembered for a weight of this shape (and name, where layers can be excluded). */
  slots(shape: Shape, name?: string): readonly Slot[]
  /** What the host feeds at step `step` (counted from 1) under this base learning rate, by the name that `scalar` is asked for. */
  scalars(step: number, learningRate: number): Scalars
}

/** Makes an optimizer from its rule and what the user chose. Throws UserError with every problem. */
export function makeOptimizer(type: string, rule: OptimizerRule, given: object): Optimizer {
  const owner = `Optimizer ${type}`
  const read = parse(record({ ...commonFields, ...rule.options }), given, owner)
  const rate = read['learningRate'] as number | Schedule
  const written = isSchedule(rate) ? { type: rate.type, config: rate.config } : rate
  const config = { ...read, learningRate: written } as Readonly<Record<string, Json>>
  checkClips(owner, config)
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
    slots: (shape, name = '') => [...rule.slots(options, shape, name), ...commonSlots(config)],
    scalars: (step, base) => scalarsOf(rule, options, step, base),
  }
}

/** The base learning rate of step `step` (from 1): the optimizer's number, or its schedule after step − 1 steps. */
export function learningRateAt(optimizer: Optimizer, step: number): number {
  return typeof optimizer.learningRate === 'number' ? optimizer.learningRate : optimizer.learningRate.at(step - 1)
}

function commonSlots(config: Readonly<Record<string, Json>>): Slot[] {
  const slots: Slot[] = []
  if (config['gradientAccumulationSteps']) slots.push({ name: 'accumulated', initial: 0 })
  if (config['useEma']) slots.push({ name: 'average', initial: 0 })
  return slots
}

/** `t` counts updates: with gradient accumulation, several steps make one. */
function scalarsOf(rule: OptimizerRule, options: Options, step: number, base: number): Scalars {
  const every = (options.config['gradientAccumulationSteps'] as number | null) ?? 1
  const t = Math.ceil(step / every)
  const learningRate = base / (1 + options.number('decay') * (t - 1))
  const decay = options.config['weightDecay'] as number | null
  return {
    learningRate,
    ...(decay === null ? {} : { weightDecay: decay * learningRate }),
    ...(every > 1 ? { applies: step % every === 0 ? 1 : 0 } : {}),
    ...(options.flag('useEma') ? averageScalars(options, t) : {}),
    ...rule.scalars?.(options, t, learningRate),
  }
}

/** The first step copies the weights into the average. */
function averageScalars(options: Options, t: number): Scalars {
  const frequency = options.config['emaOverwriteFrequency'] as number | null
  return {
    emaMomentum: t === 1 ? 0 : options.number('emaMomentum'),
    ...(frequency === null ? {} : { emaOverwrites: t % frequency === 0 ? 1 : 0 }),
  }
}

function checkClips(owner: string, config: Readonly<Record<string, Json>>): void {
  const clips = ['clipnorm', 'globalClipnorm', 'clipvalue'].filter(key => typeof config[key] === 'number')
  if (clips.length < 2) return
  throw new UserError({ what: `${owner} clips in several ways.`, expected: 'one of them', received: clips.join(', ') })
}
