/** The optimizers by factory, by name (`'adam'`) and from a Keras class name with its configuration. */

import { camelConfig, lookUp } from '../base/choice-by-name.ts'
import { UserError } from '../base/errors.ts'
import type { Json, JsonRecord } from '../base/json.ts'
import { isJsonRecord } from '../base/json.ts'
import { jsonRecord, parse } from '../base/schema.ts'
import { show } from '../base/show.ts'
import { muonRule } from './muon.ts'
import { type CommonOptions, makeOptimizer, type Optimizer, type OptimizerRule } from './optimizer.ts'
import {
  adadeltaRule,
  adagradRule,
  adamaxRule,
  adamRule,
  adamwRule,
  lionRule,
  nadamRule,
  rmspropRule,
  sgdRule,
} from './rules.ts'
import { scheduleFromConfig } from './schedules.ts'

const optimizerRules = {
  SGD: sgdRule,
  RMSprop: rmspropRule,
  Adam: adamRule,
  AdamW: adamwRule,
  Adamax: adamaxRule,
  Nadam: nadamRule,
  Adagrad: adagradRule,
  Adadelta: adadeltaRule,
  Lion: lionRule,
  Muon: muonRule,
} as const satisfies Readonly<Record<string, OptimizerRule>>

export type OptimizerType = keyof typeof optimizerRules
/** An optimizer by its name, such as `'adam'`. */
export type OptimizerName =
  | 'sgd'
  | 'rmsprop'
  | 'adam'
  | 'adamw'
  | 'adamax'
  | 'nadam'
  | 'adagrad'
  | 'adadelta'
  | 'lion'
  | 'muon'

/** The optimizer of this name with its defaults, or the given one. Throws UserError with the nearest name. */
export function optimizer(choice: OptimizerName | Optimizer | (string & {})): Optimizer {
  if (typeof choice === 'string') return make(typeNamed(choice), {})
  if (typeof choice === 'object' && choice !== null && 'rule' in choice) return choice
  throw new UserError({
    what: 'There is no optimizer in what was given.',
    expected: "a name like 'adam', an optimizer like adam({learningRate: 0.001}), or {type, config}",
    received: show(choice),
  })
}

/**
 * From a class name in any spelling and a configuration in snake or camel case; `learning_rate` and `lookahead_rate` are a number or a
 * schedule `{class_name | type, config}`. Throws UserError for what is not known.
 */
export function optimizerFromConfig(className: string, config: JsonRecord = {}): Optimizer {
  const type = typeNamed(className)
  const owner = `Optimizer ${type}`
  const { name: _, ...options } = camelConfig(owner, parse(jsonRecord, config, owner))
  const rates = ['learningRate', 'lookaheadRate'].filter(key => options[key] !== undefined)
  return make(type, { ...options, ...Object.fromEntries(rates.map(key => [key, rateOf(options[key]!)])) })
}

function typeNamed(name: string): OptimizerType {
  const spelling = (className: string) => className.toLowerCase()
  return lookUp('optimizer', name, Object.keys(optimizerRules), {}, spelling) as OptimizerType
}

function rateOf(rate: Json) {
  if (!isJsonRecord(rate)) return rate
  const type = rate['type'] ?? rate['class_name']
  // What is no name is told as such where names are looked up.
  return scheduleFromConfig(type as string, isJsonRecord(rate['config']) ? rate['config'] : {})
}

const make = (type: OptimizerType, options: object): Optimizer => makeOptimizer(type, optimizerRules[type], options)

/** Stochastic gradient descent. Defaults: learningRate 0.01, momentum 0, nesterov false. */
export const sgd = (
  options: CommonOptions & { momentum?: number | undefined; nesterov?: boolean | undefined } = {},
): Optimizer => make('SGD', options)
/** Defaults: learningRate 0.001, rho 0.9, momentum 0, epsilon 1e-7, centered false. */
export const rmsprop = (
  options: CommonOptions & {
    rho?: number | undefined
    momentum?: number | undefined
    epsilon?: number | undefined
    centered?: boolean | undefined
  } = {},
): Optimizer => make('RMSprop', options)

interface Moments extends CommonOptions {
  readonly beta1?: number | undefined
  readonly beta2?: number | undefined
  readonly epsilon?: number | undefined
}

/** Defaults: learningRate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-7, amsgrad false. */
export const adam = (options: Moments & { amsgrad?: boolean | undefined } = {}): Optimizer => make('Adam', options)
/** Adam with decoupled weight decay. Defaults: as adam, weightDecay 0.004. */
export const adamw = (options: Moments & { amsgrad?: boolean | undefined } = {}): Optimizer => make('AdamW', options)
/** Defaults: learningRate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-7. */
export const adamax = (options: Moments = {}): Optimizer => make('Adamax', options)
/** Adam with Nesterov momentum. Defaults: learningRate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-7. */
export const nadam = (options: Moments = {}): Optimizer => make('Nadam', options)
/** Defaults: learningRate 0.001, initialAccumulatorValue 0.1, epsilon 1e-7. */
export const adagrad = (
  options: CommonOptions & { initialAccumulatorValue?: number | undefined; epsilon?: number | undefined } = {},
): Optimizer => make('Adagrad', options)
/** Defaults: learningRate 0.001, rho 0.95, epsilon 1e-7. */
export const adadelta = (
  options: CommonOptions & { rho?: number | undefined; epsilon?: number | undefined } = {},
): Optimizer => make('Adadelta', options)
/** Defaults: learningRate 0.001, beta1 0.9, beta2 0.99. */
export const lion = (
  options: CommonOptions & { beta1?: number | undefined; beta2?: number | undefined } = {},
): Optimizer => make('Lion', options)
/** Defaults: learningRate 0.001, momentum 0.95, nesterov true, nsSteps 5, rmsRate 0.2, weightDecay 0.004 (see muon.ts). */
export const muon = (
  options: CommonOptions & {
    momentum?: number | undefined
    nesterov?: boolean | undefined
    nsSteps?: number | undefined
    rmsRate?: number | null | undefined
    adamBeta1?: number | undefined
    adamBeta2?: number | undefined
    adamLrRatio?: number | undefined
    adamWeightDecay?: number | undefined
    epsilon?: number | undefined
    convolutions?: boolean | undefined
    excludeLayers?: readonly string[] | undefined
  } = {},
): Optimizer => make('Muon', options)
