/**
 * Probabilities of every class. One output unit tells two classes apart: it gives p, how probable the second is, so the classes have
 * 1 − p and p. Several units give one probability each, or scores that softmax makes probabilities of.
 */

import { largestOf } from './extremes.ts'
import { exp } from './math.ts'

/** What a classifier's numbers are: `scores` (logits), `logProbabilities` (their logarithms), or probabilities themselves. */
export type OutputScale = 'probabilities' | 'logProbabilities' | 'scores'

/** Of one picture, from what the last layer gives for it. A single unit is taken as it is. */
export function classProbabilities(outputs: ArrayLike<number>, scale: OutputScale = 'probabilities'): number[] {
  if (outputs.length === 1) return [1 - outputs[0]!, outputs[0]!]
  const values = Array.from(outputs)
  if (scale === 'probabilities') return values
  const shift = scale === 'scores' ? largestOf(values) : 0
  // Ours, the same bits everywhere: a network may learn from them.
  const powers = values.map(value => exp(value - shift))
  if (scale === 'logProbabilities') return powers
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map(power => power / sum)
}
