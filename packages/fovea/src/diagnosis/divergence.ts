/** A training that broke down: a loss that is not a finite number, or one that ends far above where it began. */
import { againstDivergence } from './advice.ts'
import type { Curves, CurveValues } from './curves.ts'
import { type Finding, figure } from './finding.ts'
import type { RunFacts } from './run-facts.ts'
import { indexOfLowest } from './shapes-of-curves.ts'
import { isBroken, trainingCurves } from './whole-curves.ts'

/** NaN, infinity, or a loss that ends at twice its beginning and three times its lowest. */
export function diverged(curves: Curves, { means }: RunFacts): Finding | undefined {
  const advice = againstDivergence(means)
  const broken = firstBroken(curves)
  if (broken) {
    const [which, values, place] = broken
    return {
      kind: 'diverged',
      epoch: curves.epochs[place]!,
      evidence: `The ${which} is not a finite number ${where(curves.epochs, values, place)}.`,
      advice,
    }
  }
  const { epochs, loss } = trainingCurves(curves)
  if (loss.length < 3) return undefined
  const end = loss.at(-1)!
  const lowest = indexOfLowest(loss)
  if (!(end > 2 * loss[0]! && end > 3 * loss[lowest]!)) return undefined
  return {
    kind: 'diverged',
    epoch: epochs[lowest]!,
    evidence: `The loss grew from ${figure(loss[lowest]!)} in epoch ${epochs[lowest]} to ${figure(end)}.`,
    advice,
  }
}

/** The loss that broke down first, and in which place. */
function firstBroken({ epochs, loss, valLoss = [] }: Curves): [string, CurveValues, number] | undefined {
  for (const place of epochs.keys()) {
    if (isBroken(loss[place])) return ['loss', loss, place]
    if (isBroken(valLoss[place])) return ['validation loss', valLoss, place]
  }
  return undefined
}

/** `from epoch 3 on`, `in epoch 3`, `in epoch 3 and in 2 later ones`. */
function where(epochs: readonly number[], values: CurveValues, place: number): string {
  const later = epochs
    .map((_, index) => values[index])
    .slice(place + 1)
    .filter(value => value !== undefined)
  const broken = later.filter(isBroken).length
  if (later.length > 0 && broken === later.length) return `from epoch ${epochs[place]} on`
  const more = broken === 0 ? '' : ` and in ${broken} later ${broken === 1 ? 'one' : 'ones'}`
  return `in epoch ${epochs[place]}${more}`
}
