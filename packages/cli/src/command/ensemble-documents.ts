/** What `fovea evaluate` prints with `--json` where several models are named. */
import type { TestViews } from 'fovea/internal/base/test-views'

/** How good probabilities are on the test pictures. */
export interface MeasuredProbabilities {
  readonly accuracy: number
  /** Mean of −ln p of the true class. */
  readonly logLoss: number
  /** Expected calibration error, in 15 bins. */
  readonly calibrationError: number
}

/** `fovea evaluate MODEL MODEL… --json` */
export interface EnsembleDocument {
  readonly dataset: string
  readonly samples: number
  readonly models: readonly (MeasuredProbabilities & {
    readonly model: string
    readonly params: number
    /** Of the mean over these views of every picture. */
    readonly views?: TestViews
  })[]
  /** Of the mean of the probabilities of all but those taught by others. */
  readonly mean: MeasuredProbabilities
  /** Models that learned from others of them, and are no members of the mean. */
  readonly taught: readonly {
    readonly model: string
    readonly teachers: readonly string[]
    /** Accuracy of the mean of the teachers, less that of a teacher on average. */
    readonly teachersGain: number
    /** Accuracy of this model, less that of a teacher on average. */
    readonly gain: number
  }[]
  /** Accuracy of the mean, less that of its members on average. */
  readonly gain: number
  /** Share of the pictures of which not all say the same class. */
  readonly disagreement: number
  /** Share of the pictures of which one at least says the true class. */
  readonly anyRight: number
  /** In the order of the matrix's rows and columns. */
  readonly classNames: readonly string[]
  /** Of the mean: pictures by true class (row) and predicted class (column). */
  readonly confusionMatrix: readonly (readonly number[])[]
  readonly seconds: number
}
