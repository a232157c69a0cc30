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
  /** Held-out pictures that are answered. */
  readonly answered: number
  /** Of them, those whose answer is right. */
  readonly right: number
  /** Pictures of no class that are answered all the same. */
  readonly unknownAnswered: number
}

/** Of all answers, those that are right. */
export const rightShare = ({ right, answered, unknownAnswered }: ConfidenceThreshold): number =>
  right / (answered + unknownAnswered)

/** `precision` from 0 to 1. Undefined where no picture was held out. */
export function thresholdFor(
  { held, unknown = [] }: { readonly held: readonly HeldOut[]; readonly unknown?: readonly number[] | undefined },
  precision: number,
): ConfidenceThreshold | undefined {
  if (held.length === 0) return undefined
  const strangers = unknown.map(best => ({ best, right: undefined }))
  const pictures = [...held, ...strangers].sort((a, b) => b.best - a.best)
  const counts = { answered: 0, right: 0, unknownAnswered: 0 }
  let found: ConfidenceThreshold | undefined
  for (const [index, { best, right }] of pictures.entries()) {
    if (right === undefined) counts.unknownAnswered++
    else counts.answered++
    if (right) counts.right++
    // Equal probabilities are answered together.
    const next = pictures[index + 1]
    if (next?.best === best) continue
    const here = { reached: false, threshold: next ? best : 0, ...counts }
    const share = rightShare(here)
    if (share >= precision) found = { ...here, reached: true }
    else if (!found || (!found.reached && share > rightShare(found))) found = here
  }
  return found
}
