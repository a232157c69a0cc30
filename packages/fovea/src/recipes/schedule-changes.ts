/**
 * The learning rate of a recipe's optimizer made another: higher or lower as a whole, over more or fewer steps. In: the optimizer as the
 * recipe writes it, with a number or a schedule `{type, config}`. Out: the same with other numbers. In a recipe, OneCycle, CosineDecay
 * and PolynomialDecay may leave out how many steps they have: then they go over the whole training, however long it is.
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

/** Steps of a schedule times `factor`; one that comes to an end comes to it at the end of training. A number stays what it is. */
export function stretched(optimizer: Choice, factor: number): Choice {
  const longer = withNumbers(optimizer, stepKeys, steps => Math.max(1, Math.round(steps * factor)))
  const schedule = scheduleOf(longer)
  const length = lengthKey(longer)
  if (!schedule || length === undefined) return longer
  return withSchedule(longer, Object.fromEntries(Object.entries(schedule).filter(([key]) => key !== length)))
}

/** The optimizer of a training of so many steps: a schedule that does not say how long it is goes over all of them. */
export function overSteps(optimizer: Choice, steps: number): Choice {
  const schedule = scheduleOf(optimizer)
  const length = lengthKey(optimizer)
  if (!schedule || length === undefined || schedule[length] !== undefined) return optimizer
  const { warmupSteps } = schedule
  // A cosine counts from the end of its warm-up on.
  const before = typeof warmupSteps === 'number' ? warmupSteps : 0
  return withSchedule(optimizer, { ...schedule, [length]: Math.max(1, steps - before) })
}

/** How the length of a schedule is called that comes to an end. */
const lengthKeys = { OneCycle: 'totalSteps', CosineDecay: 'decaySteps', PolynomialDecay: 'decaySteps' } as const

function lengthKey({ config }: Choice): string | undefined {
  const rate = config['learningRate']
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

function withNumbers(optimizer: Choice, keys: ReadonlySet<string>, change: (value: number) => number): Choice {
  const schedule = scheduleOf(optimizer)
  if (!schedule) return optimizer
  const changed = (value: Json): Json =>
    Array.isArray(value) ? value.map(changed) : typeof value === 'number' ? change(value) : value
  const options = Object.fromEntries(
    Object.entries(schedule).map(([key, value]) => [key, keys.has(key) ? changed(value) : value]),
  )
  return withSchedule(optimizer, options)
}

function withSchedule(optimizer: Choice, options: JsonRecord): Choice {
  const rate = optimizer.config['learningRate'] as JsonRecord
  return { ...optimizer, config: { ...optimizer.config, learningRate: { ...rate, config: options } } }
}
