/**
 * Right and wrong decisions, counted: true and false positives, true and false negatives. One set of four counts for each threshold,
 * class or whatever else is told apart. And the rates that follow from them, each written once: precision, recall, specificity, F-β.
 * A rate without a case is 0.
 */
import { ratio } from './metric-values.ts'

/** Sets of four numbers one after the other, in this order. */
export type DecisionCounts = ArrayLike<number>
export const countsPerSet = 4
const [truePositive, falsePositive, trueNegative, falseNegative] = [0, 1, 2, 3]

/** Of one set of counts. */
export type Rate = (counts: DecisionCounts, set: number) => number

const countOf =
  (cell: number): Rate =>
  (counts, set) =>
    counts[set * countsPerSet + cell]!

export const truePositivesOf = countOf(truePositive)
export const falsePositivesOf = countOf(falsePositive)
export const trueNegativesOf = countOf(trueNegative)
export const falseNegativesOf = countOf(falseNegative)

/** Of what was taken for positive, how much is. */
export const precisionOf: Rate = (counts, set) =>
  ratio(truePositivesOf(counts, set), truePositivesOf(counts, set) + falsePositivesOf(counts, set))

/** Of what is positive, how much was found. */
export const recallOf: Rate = (counts, set) =>
  ratio(truePositivesOf(counts, set), truePositivesOf(counts, set) + falseNegativesOf(counts, set))

/** Of what is negative, how much was left alone. */
export const specificityOf: Rate = (counts, set) =>
  ratio(trueNegativesOf(counts, set), trueNegativesOf(counts, set) + falsePositivesOf(counts, set))

/** (1 + β²) · precision · recall / (β² · precision + recall): recall counts β times as much. */
export function fBetaOf(counts: DecisionCounts, set: number, beta = 1): number {
  const [precision, recall] = [precisionOf(counts, set), recallOf(counts, set)]
  return ratio((1 + beta * beta) * precision * recall, beta * beta * precision + recall)
}

/** Adds to one set: `decided` and `actual` are shares of a positive, 0 or 1 as a rule. */
export function addDecision(counts: Float64Array, set: number, decided: number, actual: number, weight = 1): void {
  const first = set * countsPerSet
  counts[first + truePositive] = counts[first + truePositive]! + decided * actual * weight
  counts[first + falsePositive] = counts[first + falsePositive]! + decided * (1 - actual) * weight
  counts[first + trueNegative] = counts[first + trueNegative]! + (1 - decided) * (1 - actual) * weight
  counts[first + falseNegative] = counts[first + falseNegative]! + (1 - decided) * actual * weight
}

/** How many sets of counts there are. */
export const setsOf = (counts: DecisionCounts): number => counts.length / countsPerSet
