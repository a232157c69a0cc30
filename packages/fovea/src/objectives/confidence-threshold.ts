/**
 * From which probability on an answer is given. In: for pictures that were held out, the probability of the most probable class and whether
 * it was the right one; the same probability for pictures of none of the classes; and how often the answers shall be right. Out: the
 * smallest threshold at which they are, and what is still answered. An answer about a picture of no class is wrong, so such pictures
 * raise the threshold. Source: Chow, On optimum recognition error and reject tradeoff (1970).
 */

export interface HeldOut {
  /** The probability of the most probable class. */
  readonly best: number
  readonly right: boolean
}

export interface ConfidenceThreshold {
  /** Whether the answers are right as often as was asked; else it is the threshold at which they are right most often. */
  readonly reached: boolean
  /** Pictures whose best probability is at least this are answered; 0: all are. */
  readonly threshold: number
  /** Of the answers, how many are right. */
  readonly precision: number
  /** Of the held-out pictures, how many are answered. */
  readonly answered: number
  /** Of the pictures of no class, how many are answered all the same; 0 where there are none. */
  readonly unknownAnswered: number
}

/** `precision` from 0 to 1. Undefined where no picture was held out. */
export function thresholdFor(
  { held, unknown = [] }: { readonly held: readonly HeldOut[]; readonly unknown?: readonly number[] },
  precision: number,
): ConfidenceThreshold | undefined {
  if (held.length === 0) return undefined
  const strangers = unknown.map(best => ({ best, right: undefined }))
  const pictures = [...held, ...strangers].sort((a, b) => b.best - a.best)
  const counts = { right: 0, held: 0 }
  let found: ConfidenceThreshold | undefined
  for (const [index, { best, right }] of pictures.entries()) {
    if (right) counts.right++
    if (right !== undefined) counts.held++
    // Equal probabilities are answered together.
    if (pictures[index + 1]?.best === best) continue
    const answers = index + 1
    const share = counts.right / answers
    const isBetter = share >= precision || !(found && (found.reached || found.precision > share))
    if (!isBetter) continue
    found = {
      reached: share >= precision,
      threshold: answers === pictures.length ? 0 : best,
      precision: share,
      answered: counts.held / held.length,
      unknownAnswered: (answers - counts.held) / Math.max(1, unknown.length),
    }
  }
  return found
}
