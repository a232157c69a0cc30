/**
 * The learning rate of a recipe's optimizer made another: higher or lower as a whole, over more or fewer steps. In: the optimizer as the
 * recipe writes it, with a number or a schedule `{type, config}`. Out: the same with other numbers. In a recipe, OneCycle, CosineDecay,
 * PolynomialDecay and PolynomialRamp may leave out how many steps they have: then they go over the whole training, however long it is.
 * The rate of Lookahead may be a schedule too, and goes over the same steps.
 */
import { camelConfig, namedType } from '../base/choice-by-name.ts'
import { isJsonRecord, type Json, type JsonRecord } from '../base/json.ts'
import type { Choice } from './recipe.ts'

/** What schedules count in steps. */
const stepKeys: ReadonlySet<string> = new Set([
  'totalSteps',
  'decaySteps',
  'firstDecaySteps',
  'warmupSteps',
  'rampSteps',
  'boundaries',
])
/** The rate that a schedule is known by: the one it starts from, the top of a cycle, the first of several. */
const firstRates = ['maxLearningRate', 'warmupTarget', 'initialLearningRate', 'values']
const rateKeys: ReadonlySet<string> = new Set([...firstRates, 'endLearningRate'])

/** Options of an optimizer that may be a schedule. */
export const scheduledOptions = ['learningRate', 'lookaheadRate'] as const
type Scheduled = (typeof scheduledOptions)[number]

/** The schedule's options under their names, where the optimizer has a schedule. */
export function scheduleOf({ config }: Choice, key: Scheduled = 'learningRate'): JsonRecord | undefined {
  const rate = config[key]
  if (!isJsonRecord(rate)) return undefined
  const options = rate['config']
  return isJsonRecord(options) ? camelConfig('The schedule', options) : {}
}

/** Steps of a schedule times `factor`; one that comes to an end comes to it at the end of training. A number stays what it is. */
export function stretched(optimizer: Choice, factor: number): Choice {
  return scheduledOptions.reduce((before, key) => {
    const longer = withNumbers(before, stepKeys, steps => Math.max(1, Math.round(steps * factor)), key)
    const schedule = scheduleOf(longer, key)
    const length = lengthKey(longer, key)
    if (!schedule || length === undefined) return longer
    return withSchedule(longer, Object.fromEntries(Object.entries(schedule).filter(([name]) => name !== length)), key)
  }, optimizer)
}

/** The optimizer of a training of so many steps: a schedule that does not say how long it is goes over all of them. */
export function overSteps(optimizer: Choice, steps: number): Choice {
  return scheduledOptions.reduce((before, key) => {
    const schedule = scheduleOf(before, key)
    const length = lengthKey(before, key)
    if (!schedule || length === undefined || schedule[length] !== undefined) return before
    const { warmupSteps } = schedule
    // A cosine counts from the end of its warm-up on.
    const warm = typeof warmupSteps === 'number' ? warmupSteps : 0
    return withSchedule(before, { ...schedule, [length]: Math.max(1, steps - warm) }, key)
  }, optimizer)
}

/** How the length of a schedule is called that comes to an end. */
const lengthKeys = {
  OneCycle: 'totalSteps',
  CosineDecay: 'decaySteps',
  PolynomialDecay: 'decaySteps',
  PolynomialRamp: 'rampSteps',
} as const

function lengthKey({ config }: Choice, key: Scheduled): string | undefined {
  const rate = config[key]
  const name = isJsonRecord(rate) ? (rate['type'] ?? rate['class_name']) : undefined
  const type = typeof name === 'string' ? namedType(name, Object.keys(lengthKeys)) : undefined
  return type && lengthKeys[type as keyof typeof lengthKeys]
}

/** The optimizer from another first rate on; later rates of a schedule change in proportion. */
export function withFirstRate(optimizer: Choice, learningRate: number): Choice {
  const old = firstRate(optimizer)
  if (!scheduleOf(optimizer)) return { ...optimizer, config: { ...optimizer.config, learningRate } }
  if (old === undefined || old <= 0) return optimizer
  // The first rate itself is the number that was asked for, to the last bit.
  return withNumbers(optimizer, rateKeys, rate => (rate === old ? learningRate : (rate * learningRate) / old))
}

/** Undefined where the recipe leaves it to the optimizer. */
export function firstRate(optimizer: Choice): number | undefined {
  const schedule = scheduleOf(optimizer)
  const rate = schedule
    ? firstRates.map(key => schedule[key]).find(value => value !== undefined && value !== null)
    : optimizer.config['learningRate']
  const first = Array.isArray(rate) ? rate[0] : rate
  return typeof first === 'number' ? first : undefined
}

function withNumbers(
  optimizer: Choice,
  keys: ReadonlySet<string>,
  change: (value: number) => number,
  key: Scheduled = 'learningRate',
): Choice {
  const schedule = scheduleOf(optimizer, key)
  if (!schedule) return optimizer
  const changed = (value: Json): Json =>
    Array.isArray(value) ? value.map(changed) : typeof value === 'number' ? change(value) : value
  const options = Object.fromEntries(
    Object.entries(schedule).map(([name, value]) => [name, keys.has(name) ? changed(value) : value]),
  )
  return withSchedule(optimizer, options, key)
}

function withSchedule(optimizer: Choice, options: JsonRecord, key: Scheduled): Choice {
  const rate = optimizer.config[key] as JsonRecord
  return { ...optimizer, config: { ...optimizer.config, [key]: { ...rate, config: options } } }
}
