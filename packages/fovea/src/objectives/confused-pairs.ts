/** What a confusion matrix says of mistakes: which classes were taken for which, the most frequent first. */
import { grouped } from '../base/text.ts'

export interface ConfusedPair {
  readonly truth: number
  readonly predicted: number
  readonly count: number
  /** Of the samples of the true class. */
  readonly share: number
}

/** `counts[true class][predicted class]`. Of equally frequent mistakes the one with the larger share comes first. */
export function confusedPairs(counts: readonly (readonly number[])[]): ConfusedPair[] {
  const pairs = counts.flatMap((row, truth) => {
    const support = row.reduce((sum, n) => sum + n, 0)
    return row.flatMap((count, predicted) =>
      count > 0 && predicted !== truth ? [{ truth, predicted, count, share: count / support }] : [],
    )
  })
  return pairs.sort((a, b) => b.count - a.count || b.share - a.share)
}

/** `Most frequent mistakes: cat taken for dog (120 times), …`, three at most; empty where there are none. */
export function mistakesSentence(counts: readonly (readonly number[])[], nameOf: (index: number) => string): string {
  const told = confusedPairs(counts)
    .slice(0, 3)
    .map(({ truth, predicted, count }) => {
      const times = count === 1 ? 'once' : `${grouped(count)} times`
      // In brackets, for classes may be numbers.
      return `${nameOf(truth)} taken for ${nameOf(predicted)} (${times})`
    })
  return told.length === 0 ? '' : `Most frequent mistakes: ${told.join(', ')}.`
}
