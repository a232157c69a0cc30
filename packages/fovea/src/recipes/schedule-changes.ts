/**
 * The learning rate of a recipe's optimizer made another: higher or lower as a whole, or stretched over more or fewer steps. In: the
 * optimizer as the recipe writes it, with a number or a schedule `{type, config}`. Out: the same with other numbers.
 */
import { camelConfig } from '../base/choice-by-name.ts'
import { isJsonRecord, type Json, type JsonRecord } from '../base/json.ts'
import type { Choice } from './recipe.ts'

/** What schedules count in steps. */
const stepKeys: ReadonlySet<string> = new Set([
  'totalSteps',
  'decaySteps',
  'firstDecaySteps',
  'warmupSteps',
  'boundaries',
])
/** The rate that a schedule is known by: the one it starts from, the top of a cycle, the first of several. */
const firstRates = ['maxLearningRate', 'warmupTarget', 'initialLearningRate', 'values']
const rateKeys: ReadonlySet<string> = new Set([...firstRates, 'endLearningRate'])

/** The schedule's options under their names, where the optimizer has a schedule. */
export function scheduleOf({ config }: Choice): JsonRecord | undefined {
  const rate = config['learningRate']
  if (!isJsonRecord(rate)) return undefined
  const options = rate['config']
  return isJsonRecord(options) ? camelConfig('The schedule', options) : {}
}

/** Steps of a schedule times `factor`; a number stays what it is. */
export function stretched(optimizer: Choice, factor: number): Choice {
  return factor === 1 ? optimizer : withNumbers(optimizer, stepKeys, steps => Math.max(1, Math.round(steps * factor)))
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

function withNumbers(optimizer: Choice, keys: ReadonlySet<string>, change: (value: number) => number): Choice {
  const schedule = scheduleOf(optimizer)
  if (!schedule) return optimizer
  const changed = (value: Json): Json =>
    Array.isArray(value) ? value.map(changed) : typeof value === 'number' ? change(value) : value
  const options = Object.fromEntries(
    Object.entries(schedule).map(([key, value]) => [key, keys.has(key) ? changed(value) : value]),
  )
  const rate = optimizer.config['learningRate'] as JsonRecord
  return { ...optimizer, config: { ...optimizer.config, learningRate: { ...rate, config: options } } }
}
