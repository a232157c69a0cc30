/**
 * Learning rates as functions of the number of steps done (0 before the first), computed on the host in double precision with
 * our own exp, log and cos, so equal on every engine. Formulas and names are Keras 3's; one-cycle is Smith's (2018), with
 * cosine or linear annealing.
 */

import { camelCase, camelConfig, lookUp } from '../base/choice-by-name.ts'
import { UserError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import { cos, pow } from '../base/math.ts'
import {
  boolean,
  custom,
  type Fields,
  jsonRecord,
  list,
  number,
  oneOf,
  optional,
  orNull,
  parse,
  record,
} from '../base/schema.ts'
import { kindOf, show } from '../base/show.ts'

/** A learning rate that changes from step to step. */
export interface Schedule {
  readonly kind: 'schedule'
  /** Keras's class name. */
  readonly type: string
  readonly config: Readonly<Record<string, Json>>
  /** The rate after `step` steps. */
  at(step: number): number
}

type Values = Readonly<Record<string, number>>

interface ScheduleRule {
  readonly options: Fields
  at(step: number, values: Values, config: Readonly<Record<string, Json>>): number
}

/** From 1 at fraction 0 down to 0 at fraction 1. */
const halfCosine = (fraction: number): number => 0.5 * (1 + cos(Math.PI * fraction))

const rate = number({ least: 0 })
const share = number({ least: 0, most: 1 })
const steps = number({ above: 0 })
const decay = { initialLearningRate: rate, decaySteps: steps }
const increasing = custom('steps of at least 0, each above the one before', value => {
  const isStep = (step: unknown): step is number => typeof step === 'number' && Number.isFinite(step) && step >= 0
  const fits = Array.isArray(value) && value.every((step, index) => isStep(step) && !(step <= value[index - 1]))
  return fits ? (value as readonly number[]) : undefined
})

const scheduleRules = {
  /** rate · decayRate ^ (step / decaySteps); staircase: whole powers only. */
  ExponentialDecay: {
    options: { ...decay, decayRate: rate, staircase: optional(boolean, false) },
    at: (step, v, config) => {
      const passed = step / v['decaySteps']!
      return (
        v['initialLearningRate']! * pow(v['decayRate']!, config['staircase'] === true ? Math.floor(passed) : passed)
      )
    },
  },
  /** values[i] up to and including boundaries[i], the last one after. */
  PiecewiseConstantDecay: {
    options: { boundaries: increasing, values: list(rate, 'learning rates', { least: 1 }) },
    at: (step, _, config) => {
      const boundaries = config['boundaries'] as readonly number[]
      const values = config['values'] as readonly number[]
      return values[boundaries.filter(boundary => step > boundary).length]!
    },
  },
  /** (rate − end) · (1 − step / decaySteps) ^ power + end; cycle: the range is doubled, tripled … when it is passed. */
  PolynomialDecay: {
    options: {
      ...decay,
      endLearningRate: optional(rate, 0.0001),
      power: optional(number({ above: 0 }), 1),
      cycle: optional(boolean, false),
    },
    at: (step, v, config) => {
      const cycles = config['cycle'] === true ? Math.max(1, Math.ceil(step / v['decaySteps']!)) : 1
      const range = v['decaySteps']! * cycles
      const left = 1 - Math.min(step, range) / range
      const end = v['endLearningRate']!
      return (v['initialLearningRate']! - end) * pow(left, v['power']!) + end
    },
  },
  /** rate + (end − rate) · (step / rampSteps) ^ power, then end. */
  PolynomialRamp: {
    options: {
      initialLearningRate: rate,
      endLearningRate: rate,
      rampSteps: steps,
      power: optional(number({ above: 0 }), 1),
    },
    at: (step, v) => {
      const passed = Math.min(step, v['rampSteps']!) / v['rampSteps']!
      const [first, end] = [v['initialLearningRate']!, v['endLearningRate']!]
      return first + (end - first) * pow(passed, v['power']!)
    },
  },
  /** rate / (1 + decayRate · step / decaySteps). */
  InverseTimeDecay: {
    options: { ...decay, decayRate: rate, staircase: optional(boolean, false) },
    at: (step, v, config) => {
      const passed = step / v['decaySteps']!
      return (
        v['initialLearningRate']! / (1 + v['decayRate']! * (config['staircase'] === true ? Math.floor(passed) : passed))
      )
    },
  },
  /** Half a cosine from the rate to alpha times it, after a linear warm-up to warmupTarget where one is given. */
  CosineDecay: {
    options: {
      ...decay,
      alpha: optional(share, 0),
      warmupTarget: orNull(rate),
      warmupSteps: optional(number({ least: 0 }), 0),
    },
    at: (step, v, config) => {
      const warms = config['warmupTarget'] !== null
      const [top, warm] = warms ? [v['warmupTarget']!, v['warmupSteps']!] : [v['initialLearningRate']!, 0]
      if (step < warm) return ((top - v['initialLearningRate']!) * step) / warm + v['initialLearningRate']!
      const fraction = Math.min(step - warm, v['decaySteps']!) / v['decaySteps']!
      return top * ((1 - v['alpha']!) * halfCosine(fraction) + v['alpha']!)
    },
  },
  /** Half cosines one after the other, each tMul times as long and mMul times as high as the one before. */
  CosineDecayRestarts: {
    options: {
      initialLearningRate: rate,
      firstDecaySteps: steps,
      // Below 1, all restarts together would never come to the end of training.
      tMul: optional(number({ least: 1 }), 2),
      mMul: optional(number({ least: 0 }), 1),
      alpha: optional(share, 0),
    },
    at: (step, v) => {
      let left = step / v['firstDecaySteps']!
      let length = 1
      let restarts = 0
      if (v['tMul'] === 1) {
        restarts = Math.floor(left)
        left -= restarts
      } else {
        for (; left >= length && length > 0; restarts++) {
          left -= length
          length *= v['tMul']!
        }
      }
      const decayed = pow(v['mMul']!, restarts) * halfCosine(left / length)
      return v['initialLearningRate']! * ((1 - v['alpha']!) * decayed + v['alpha']!)
    },
  },
  /** Up from max / divFactor to max over the first warmupFraction of the steps, then down to max / finalDivFactor. */
  OneCycle: {
    options: {
      maxLearningRate: rate,
      totalSteps: steps,
      warmupFraction: optional(share, 0.3),
      divFactor: optional(number({ above: 0 }), 25),
      finalDivFactor: optional(number({ above: 0 }), 250000),
      anneal: optional(oneOf(['cosine', 'linear']), 'cosine'),
    },
    at: (step, v, config) => {
      const top = v['maxLearningRate']!
      const rise = v['warmupFraction']! * v['totalSteps']!
      const left = config['anneal'] === 'linear' ? (fraction: number) => 1 - fraction : halfCosine
      const between = (from: number, to: number, fraction: number) => to + (from - to) * left(fraction)
      if (step < rise) return between(top / v['divFactor']!, top, step / rise)
      const fall = v['totalSteps']! - rise
      const fraction = fall > 0 ? Math.min(1, (step - rise) / fall) : 1
      return between(top, top / v['finalDivFactor']!, fraction)
    },
  },
} as const satisfies Readonly<Record<string, ScheduleRule>>

export type ScheduleType = keyof typeof scheduleRules

export function isSchedule(value: unknown): value is Schedule {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown | undefined }).kind === 'schedule'
}

function makeSchedule(type: ScheduleType, given: object): Schedule {
  const rule: ScheduleRule = scheduleRules[type]
  const owner = `Schedule ${camelCase(type)}`
  const config = parse(record(rule.options), given, owner) as Readonly<Record<string, Json>>
  checkPieces(owner, config)
  return { kind: 'schedule', type, config, at: step => rule.at(step, config as Values, config) }
}

function checkPieces(owner: string, config: Readonly<Record<string, Json>>): void {
  const { boundaries, values } = config
  if (!Array.isArray(boundaries) || !Array.isArray(values)) return
  if (values.length === boundaries.length + 1) return
  throw new UserError({
    what: `${owner}: boundaries and values do not go together.`,
    expected: 'one value more than boundaries',
    received: `${boundaries.length} boundaries, ${values.length} values`,
  })
}

/** From a class name in any spelling and a snake-case or camel-case configuration. Throws UserError for what is not known. */
export function scheduleFromConfig(className: string, config: Readonly<Record<string, Json>>): Schedule {
  const type = lookUp('schedule', className, Object.keys(scheduleRules)) as ScheduleType
  const owner = `Schedule ${className}`
  const { name: _, ...options } = camelConfig(owner, parse(jsonRecord, config, owner))
  return makeSchedule(type, options)
}

interface Decay {
  readonly initialLearningRate: number
  readonly decaySteps: number
}

/** rate · decayRate ^ (step / decaySteps). Default staircase false. */
export const exponentialDecay = (options: Decay & { decayRate: number; staircase?: boolean | undefined }): Schedule =>
  makeSchedule('ExponentialDecay', options)
/** values[i] while step ≤ boundaries[i], then the last value. */
export const piecewiseConstantDecay = (options: {
  readonly boundaries: readonly number[]
  readonly values: readonly number[]
}): Schedule => makeSchedule('PiecewiseConstantDecay', options)
/** Defaults: endLearningRate 0.0001, power 1, cycle false. */
export const polynomialDecay = (
  options: Decay & { endLearningRate?: number | undefined; power?: number | undefined; cycle?: boolean | undefined },
): Schedule => makeSchedule('PolynomialDecay', options)
/**
 * rate + (end − rate) · (step / rampSteps) ^ power, then end. Default power 1. As the `lookaheadRate` of airbench (Jordan 2024):
 * `polynomialRamp({ initialLearningRate: 1, endLearningRate: 1 - 0.95 ** 5, rampSteps: steps, power: 3 })`.
 */
export const polynomialRamp = (options: {
  readonly initialLearningRate: number
  readonly endLearningRate: number
  readonly rampSteps: number
  readonly power?: number | undefined
}): Schedule => makeSchedule('PolynomialRamp', options)
/** rate / (1 + decayRate · step / decaySteps). Default staircase false. */
export const inverseTimeDecay = (options: Decay & { decayRate: number; staircase?: boolean | undefined }): Schedule =>
  makeSchedule('InverseTimeDecay', options)
/** Defaults: alpha 0, no warm-up. */
export const cosineDecay = (
  options: Decay & {
    alpha?: number | undefined
    warmupTarget?: number | null | undefined
    warmupSteps?: number | undefined
  },
): Schedule => makeSchedule('CosineDecay', options)
/** Defaults: tMul 2, mMul 1, alpha 0. */
export const cosineDecayRestarts = (options: {
  readonly initialLearningRate: number
  readonly firstDecaySteps: number
  readonly tMul?: number | undefined
  readonly mMul?: number | undefined
  readonly alpha?: number | undefined
}): Schedule => makeSchedule('CosineDecayRestarts', options)
/**
 * Up to the highest rate and down to almost nothing (Smith 2018). Defaults: warmupFraction 0.3, divFactor 25, finalDivFactor 250,000,
 * anneal 'cosine'; 'linear' goes along straight lines (PyTorch's anneal_strategy).
 */
export const oneCycle = (options: {
  readonly maxLearningRate: number
  readonly totalSteps: number
  readonly warmupFraction?: number | undefined
  readonly divFactor?: number | undefined
  readonly finalDivFactor?: number | undefined
  readonly anneal?: 'cosine' | 'linear' | undefined
}): Schedule => makeSchedule('OneCycle', options)

/** A schedule of your own: the rate in each epoch, counted from 0. It cannot be saved. Throws UserError for other arguments. */
export function byEpoch(rate: (epoch: number) => number, stepsPerEpoch: number): Schedule {
  if (typeof rate !== 'function' || !(Number.isInteger(stepsPerEpoch) && stepsPerEpoch > 0)) {
    throw new UserError({
      what: 'byEpoch needs a function and the steps of an epoch.',
      expected: 'byEpoch(epoch => 0.01 / (epoch + 1), Math.ceil(samples / batchSize))',
      received: `${kindOf(rate)}, ${show(stepsPerEpoch)}`,
    })
  }
  return { kind: 'schedule', type: 'ByEpoch', config: {}, at: step => rate(Math.floor(step / stepsPerEpoch)) }
}
