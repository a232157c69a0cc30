/** What a sweep came to, from its plan and journal alone: its trials, best first, and how much each option mattered. */

import { placeIn, type TrialValues } from './dimension.ts'
import { rungEpochs } from './halving.ts'
import type { SweepState, TrialEpoch } from './journal.ts'
import { type SweepPlan, trialRecipe, trialValues } from './plan.ts'

export interface RankedTrial {
  /** From 0. */
  readonly trial: number
  readonly values: TrialValues
  /** The highest that it reached, from 0. */
  readonly rung: number
  readonly epochs: number
  /** Held-out accuracy there; null where training broke down. */
  readonly value: number | null
  readonly curve: readonly TrialEpoch[]
}

/** Trials with a result. Who came further is before who was left behind; on one rung the higher value, then the earlier trial. */
export function rankedTrials(plan: SweepPlan, state: SweepState): RankedTrial[] {
  const trials = Array.from({ length: plan.trials }, (_, trial) => {
    const results = Array.from({ length: plan.rungs }, (_, rung) => state.resultOf({ trial, rung }))
    const rung = results.findLastIndex(result => result !== undefined)
    if (rung < 0) return []
    const { value, curve } = results[rung]!
    const epochs = rungEpochs(trialRecipe(plan, trial).epochs, rung, plan.rungs)
    return [{ trial, values: trialValues(plan, trial), rung, epochs, value, curve }]
  }).flat()
  const worth = ({ value }: RankedTrial): number => value ?? Number.NEGATIVE_INFINITY
  return trials.sort((a, b) => {
    const isBroken = Number(a.value === null) - Number(b.value === null)
    return isBroken || b.rung - a.rung || worth(b) - worth(a) || a.trial - b.trial
  })
}

export interface Importance {
  readonly name: string
  /** From 0 to 1; null where there are too few trials to tell. */
  readonly share: number | null
}

/** A range is divided into so many groups. */
const groups = 3

/**
 * How much of the variance of the first rung's values goes with an option: the correlation ratio, corrected for chance (Kelley 1935),
 * ε² = 1 − (SSwithin / (n − k)) / (SStotal / (n − 1)) over the k groups of its values, at least 0: its choices, or the thirds of its
 * range. It is the main effect that functional ANOVA (Hutter et al. 2014) estimates by a forest, measured directly. On the first rung all
 * trials are equally far; one that broke down counts as the worst of the others.
 */
export function importanceOf(plan: SweepPlan, state: SweepState): Importance[] {
  const results = Array.from({ length: plan.trials }, (_, trial) => ({
    trial,
    result: state.resultOf({ trial, rung: 0 }),
  }))
  const first = results.flatMap(({ trial, result }) => (result ? [{ trial, value: result.value }] : []))
  const worst = first.reduce((least, { value }) => Math.min(least, value ?? least), Number.POSITIVE_INFINITY)
  const values = first.map(({ value }) => value ?? worst)
  const shares = plan.dimensions.map(dimension => {
    const group = first.map(({ trial }) => {
      const place = placeIn(dimension, trialValues(plan, trial)[dimension.name]!)
      return dimension.kind === 'choices' ? place : Math.min(groups - 1, Math.floor(place * groups))
    })
    return { name: dimension.name, share: varianceShare(values, group) }
  })
  return shares.sort((a, b) => (b.share ?? -1) - (a.share ?? -1))
}

export function varianceShare(values: readonly number[], group: readonly number[]): number | null {
  const names = [...new Set(group)]
  const [n, k] = [values.length, names.length]
  if (k < 2 || n <= k || !values.every(Number.isFinite)) return null
  const total = squares(values)
  if (total === 0) return 0
  const within = names.reduce((sum, name) => sum + squares(values.filter((_, index) => group[index] === name)), 0)
  return Math.max(0, 1 - within / (n - k) / (total / (n - 1)))
}

/** Of the distances from the mean. */
function squares(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
}
