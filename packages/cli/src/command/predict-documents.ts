/** What `fovea predict` prints with `--json` and `--jsonl`. */
import type { Problem } from 'fovea/internal/base/errors'
import type { TestViews } from 'fovea/internal/base/test-views'

/** `fovea predict MODEL… PICTURE… --json` */
export interface PredictDocument {
  /** Of several, the first one. */
  readonly model: string
  /** Of several: all of them, whose mean is the answer. */
  readonly ensemble?: readonly string[]
  /** Of the mean over these views of every picture. */
  readonly views?: TestViews
  /** With `--min` and `--precision`: below which probability an answer is unsure. */
  readonly threshold?: PredictThreshold
  /** Of the pictures that could be read. */
  readonly predictions: readonly PicturePrediction[]
  /** Pictures that could not, and why; with any of them the exit code is 1. */
  readonly failed: readonly FailedPicture[]
  /** Why the call ended before its last picture, where it did. */
  readonly error?: readonly Problem[]
}

/** What the model sees in one picture. `fovea predict MODEL PICTURE… --jsonl` prints one of these, or a `FailedPicture`, a line. */
export interface PicturePrediction {
  readonly picture: string
  /** Index of the most probable class; null where the answer is unsure. */
  readonly class: number | null
  /** Its name, or `unsure`. */
  readonly className: string
  /** Of the most probable class, whether the answer is sure or not. */
  readonly probability: number
  /** Of every class, in the order of the classes. */
  readonly probabilities: readonly number[]
  /** With `--top`: the most probable classes, the first one first. */
  readonly top?: readonly { readonly class: number; readonly className: string; readonly probability: number }[]
  /** Of several models: what each of them says. */
  readonly each?: readonly ModelAnswer[]
  /** What preprocessing did that one should know: `inverted: the border is lighter than the strokes`. */
  readonly notes: readonly string[]
}

/** What one of several models sees in a picture, classes in the order of the answer. */
export interface ModelAnswer {
  readonly model: string
  readonly class: number
  readonly className: string
  readonly probability: number
  readonly probabilities: readonly number[]
}

/** A picture that could not be read. */
export interface FailedPicture {
  readonly picture: string
  readonly problems: readonly Problem[]
}

/** Below which probability of the most probable class an answer is unsure. */
export interface PredictThreshold {
  readonly min: number
  /** With `--precision`: how often the answers shall be right. */
  readonly precision?: number
  /** With `--precision`: what that threshold makes of pictures that were held out of the training. */
  readonly heldOut?: {
    readonly pictures: number
    /** Of them, those that are answered. */
    readonly answered: number
    /** Of the answers, those that are right. */
    readonly right: number
    /** Pictures of none of the classes, and how many of them are answered all the same. */
    readonly unknown: number
    readonly unknownAnswered: number
  }
}
