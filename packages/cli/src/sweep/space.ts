/**
 * What a sweep varies, and the values of each trial. In: words like `learningRate=1e-4..1e-2` and `dropout=0,0.2,0.4`. Out: dimensions;
 * and for every trial its values, a pure function of dimensions, seed and the trial's number, so that whoever runs it has the same.
 */
import { UserError } from 'fovea/internal/base/errors'
import { exp, log } from 'fovea/internal/base/math'
import { fold, keyOf, permutation, uniform } from 'fovea/internal/base/random'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import { isCount, type VariedValue, variedName } from 'fovea/internal/runner/varied-recipe'
import type { Dimension, TrialValues } from './dimension.ts'

/** From so many times the first value on, a range is walked through by its logarithm. */
const wide = 10

/** Throws UserError for a word that says nothing, and for a name that the recipe does not have. */
export function dimensionOf(word: string, recipe: RecipeConfig): Dimension {
  const [written, text, ...more] = word.split('=')
  if (!written || !text || more.length > 0) throw unreadable(word)
  const name = variedName(recipe, written)
  const [, given, range] = /^(?:(log|lin):)?(.+)$/.exec(text)!
  const ends = range!.split('..')
  if (ends.length === 1 && given === undefined) return choices(name, text, word)
  const [from, to] = ends.map(numberIn) as [number, number]
  const whole = isCount(name)
  const fits = ends.length === 2 && from < to && (!whole || [from, to].every(Number.isSafeInteger))
  if (!fits || (given === 'log' && !(from > 0))) throw unreadable(word)
  const scale = given === 'log' || (given === undefined && from > 0 && to / from >= wide) ? 'log' : 'linear'
  return { name, kind: 'range', from, to, scale, whole }
}

function choices(name: string, text: string, word: string): Dimension {
  const values = text.split(',').map((each): VariedValue => {
    const plain = each.trim()
    if (plain === '') throw unreadable(word)
    if (plain === 'true' || plain === 'false') return plain === 'true'
    const number = Number(plain)
    return Number.isFinite(number) ? number : plain
  })
  if (new Set(values).size < values.length) throw unreadable(word)
  return { name, kind: 'choices', values }
}

const numberIn = (text: string): number => {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : Number.NaN
}

function unreadable(word: string): UserError {
  return new UserError({
    what: 'This cannot be varied.',
    expected: 'NAME=A..B (log:A..B, lin:A..B), or different values NAME=A,B,C',
    received: word,
    fix: 'for example --vary learningRate=1e-4..1e-2 --vary dropout=0,0.2,0.4',
  })
}

/** How many different trials there are; infinite with a range. */
export function pointsIn(dimensions: readonly Dimension[]): number {
  return dimensions.reduce(
    (product, each) => product * (each.kind === 'choices' ? each.values.length : Number.POSITIVE_INFINITY),
    1,
  )
}

/** Every end and every choice, for a look at whether the recipe takes them. */
export function extremesOf(dimensions: readonly Dimension[]): TrialValues[] {
  return dimensions.flatMap(each =>
    (each.kind === 'choices' ? each.values : [each.from, each.to]).map(value => ({ [each.name]: value })),
  )
}

/** Tells the keys from others made of the same seed. */
const purpose = 0x53e9
/** Spaces of no more points are walked through without a repetition. */
const walked = 100_000

/**
 * The values of a trial (from 0) of so many. Of choices alone: every combination once, in a random order. With ranges: a Latin hypercube
 * (McKay, Beckman & Conover 1979): every option is divided into as many layers as there are trials, each layer is drawn from once, in an
 * order of its own, so that few trials see all of an option.
 */
export function valuesOf(dimensions: readonly Dimension[], seed: number, trial: number, trials: number): TrialValues {
  const key = fold(keyOf(seed), purpose)
  const points = pointsIn(dimensions)
  if (points <= walked) return combination(dimensions, permutation(key, points)[trial % points]!)
  return Object.fromEntries(
    dimensions.map((each, index) => {
      const own = fold(key, index)
      const layer = permutation(own, trials)[trial]!
      return [each.name, drawn(each, (layer + uniform(fold(own, trial), 0)) / trials)]
    }),
  )
}

function combination(dimensions: readonly Dimension[], point: number): TrialValues {
  let rest = point
  return Object.fromEntries(
    dimensions.map(each => {
      const { values } = each as Extract<Dimension, { kind: 'choices' }>
      const value = values[rest % values.length]!
      rest = Math.floor(rest / values.length)
      return [each.name, value]
    }),
  )
}

/** `share` from 0 to 1, without 1. Numbers have three digits: a command can repeat them. */
function drawn(dimension: Dimension, share: number): VariedValue {
  if (dimension.kind === 'choices') return dimension.values[Math.floor(share * dimension.values.length)]!
  const { from, to, scale, whole } = dimension
  // A whole number has the room of half a one on either side.
  const [low, high] = whole ? [from - 0.5, to + 0.5] : [from, to]
  const value = scale === 'log' ? low * exp(share * log(high / low)) : low + share * (high - low)
  return Math.min(to, Math.max(from, whole ? Math.round(value) : Number(value.toPrecision(3))))
}
