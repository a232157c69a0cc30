/** What a learning-rate range test takes and gives (`train/learning-rate-range` does it). */
import { number, optional, whole } from '../base/schema.ts'

/** Which rates are tried, and in how many steps. */
export interface RateRange {
  /** The first rate; 1e-7 by default. */
  readonly from?: number | undefined
  /** The last rate; 10 by default. */
  readonly to?: number | undefined
  /** Training steps from the first rate to the last; 300 by default. */
  readonly steps?: number | undefined
}

/** One step of a range test. */
export interface RatePoint {
  readonly rate: number
  /** Of this step's batch. */
  readonly loss: number
  /** Averaged over the steps so far, older ones counting less and less. */
  readonly smoothed: number
}

/** What a range test found. */
export interface LearningRateSearch {
  /** Step by step, up to the end or to the step at which the loss exploded. */
  readonly points: readonly RatePoint[]
  /** The rate to train with: a fifth of the one at the lowest smoothed loss. */
  readonly suggestion: number
  /** Where the smoothed loss is lowest: from here on the rate is too high. */
  readonly lowest: RatePoint
  /** Where the smoothed loss falls fastest over the logarithm of the rate. */
  readonly steepest: RatePoint
  /** `exploded`: the loss rose to four times its lowest value, or was no number; `end`: it never did, up to the last rate. */
  readonly ended: 'exploded' | 'end'
}

export const rateRangeFields = {
  from: optional(number({ above: 0 }), 1e-7),
  to: optional(number({ above: 0 }), 10),
  steps: optional(whole(10, 100_000), 300),
}
