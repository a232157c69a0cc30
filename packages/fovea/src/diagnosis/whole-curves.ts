/**
 * Curves without holes, for the rules of diagnosis, which compare values of one epoch and of neighbours. In: curves as they were
 * measured. Out: the epochs in which all that is compared was measured; validation need not follow every epoch.
 */
import type { Curves } from './curves.ts'
import { type CurveName, curveNames } from './history-columns.ts'

/** One number in every epoch, of each curve that is there. */
export interface WholeCurves {
  readonly epochs: readonly number[]
  readonly loss: readonly number[]
  readonly accuracy?: readonly number[]
  readonly valLoss?: readonly number[]
  readonly valAccuracy?: readonly number[]
}

/** NaN, infinities, and numbers so large that sums of their squares would be infinite: what a loss is when training breaks down. */
export const isBroken = (value: number | undefined): boolean => value !== undefined && !(Math.abs(value) <= 1e100)

/** Of the curves with these names (and the loss). One that was measured too seldom to be compared is left out. */
export function wholeCurves(curves: Curves, names: readonly CurveName[] = curveNames): WholeCurves {
  const isSound = (name: CurveName, place: number): boolean => {
    const value = curves[name]?.[place]
    return value !== undefined && !isBroken(value)
  }
  let places = [...curves.epochs.keys()].filter(place => isSound('loss', place))
  const kept: CurveName[] = []
  for (const name of (['valLoss', 'accuracy', 'valAccuracy'] as const).filter(each => names.includes(each))) {
    const measured = places.filter(place => isSound(name, place))
    // Validation is worth the epochs it leaves out, if a curve is left; an accuracy is not worth half of them.
    const least = name === 'valLoss' ? Math.min(3, places.length) : places.length / 2
    if (measured.length === 0 || measured.length < least) continue
    places = measured
    kept.push(name)
  }
  const valuesOf = (name: CurveName): number[] => places.map(place => curves[name]![place]!)
  return {
    epochs: places.map(place => curves.epochs[place]!),
    loss: valuesOf('loss'),
    ...(Object.fromEntries(kept.map(name => [name, valuesOf(name)])) as Partial<WholeCurves>),
  }
}

/** Of training alone: it knows more epochs where validation was left out after some. */
export function trainingCurves(curves: Curves): WholeCurves {
  return wholeCurves(curves, ['loss', 'accuracy'])
}
