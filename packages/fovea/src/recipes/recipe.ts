/**
 * A recipe: everything that says how a classifier is trained, as plain JSON: data, network, optimizer, schedule, which
 * weights are tested. `fovea recipes NAME --json` prints one, `fovea train my.json` runs one with other numbers.
 */

import type { DatasetChoice } from '../base/dataset-choice.ts'
import type { JsonRecord } from '../base/json.ts'
import type { PreprocessSpec } from '../base/preprocess-spec.ts'
import type { TestViews } from '../base/test-views.ts'

/** Where the validation samples come from. */
export type ValidationRule =
  /** The first, or `count` drawn by seed (and by class), of the training samples; they are not trained on. */
  | { readonly kind: 'first' | 'seeded' | 'stratified'; readonly count: number }
  /** The test set, as some publications do: what is then chosen by validation is chosen on the test set. */
  | { readonly kind: 'test' }
  /** The data set's own validation part. */
  | { readonly kind: 'given' }
  | { readonly kind: 'none' }

/** A class of the vocabulary with its options: `{type: 'RMSprop', config: {learningRate: 0.001}}`. */
export interface Choice {
  readonly type: string
  readonly config: JsonRecord
}

/** From the epoch after `afterEpoch` (counted from 0: the first with a greater number) this learning rate holds. */
export interface LearningRateStep {
  readonly afterEpoch: number
  readonly learningRate: number
}

/** The first epochs up to this one (so many of them) are trained on pictures of height × width. */
export interface SizeStep {
  readonly untilEpoch: number
  readonly size: readonly [height: number, width: number]
}

/** A trained model that a training begins with: its weights go to those of the same names, all others begin anew. */
export interface Beginning {
  /** Path of the model file. */
  readonly model: string
  /** Of its weights: another model under that path is refused, so that a run repeats. */
  readonly weightsSha256: string
  /** Epochs of the head alone, before the recipe's own; everything else is frozen meanwhile. */
  readonly headEpochs: number
  readonly headLearningRate: number
  /**
   * Whether the recipe's own epochs run on what the frozen first layers give, computed once for each picture: without augmentation. Those
   * of the head alone always do.
   */
  readonly cacheFeatures: boolean
  /** Whether classes that the model knows by name keep their part of its head. */
  readonly keepClasses: boolean
}

/** Trained models that a network learns from beside the labels: what they say of the training pictures, on average. */
export interface Teacher {
  /** Paths of model files, and what their weights are: another model under that path is refused, so that a run repeats. */
  readonly models: readonly { readonly model: string; readonly weightsSha256: string }[]
  /** By which their answers and the network's are softened. */
  readonly temperature: number
  /** Of the teachers in the loss; the labels have the rest. */
  readonly share: number
}

/** A published classifier as data: data set, model, optimizer and all settings of its training. */
export interface RecipeConfig {
  readonly name: string
  readonly title: string
  readonly dataset: DatasetChoice
  /** A network of the zoo by name, or a model's configuration. */
  readonly model: string | JsonRecord
  /**
   * Random layers that pictures go through before the network, in training only: `{type: 'RandomFlip', config: {mode: 'horizontal'}}`.
   * Besides those of the network's own.
   */
  readonly augmentation?: readonly Choice[] | undefined
  /** Missing where the network begins anew. */
  readonly from?: Beginning | undefined
  /** Missing where the network learns from the labels alone. */
  readonly teacher?: Teacher | undefined
  /** How a picture from outside becomes what the data set's pictures are. Saved with the model. */
  readonly preprocess: PreprocessSpec
  /** Puts one mean and one deviation over all training pixels into the model's Normalization layer. */
  readonly standardize: boolean
  readonly validation: ValidationRule
  readonly optimizer: Choice
  /** By name, or a class with options: `{type: 'CategoricalCrossentropy', config: {labelSmoothing: 0.1}}`. */
  readonly loss: string | Choice
  /** By name, or a class with options: `{type: 'F1Score', config: {average: 'macro'}}`. */
  readonly metrics: readonly (string | Choice)[]
  readonly batchSize: number
  readonly epochs: number
  readonly shuffle: boolean
  /** Leaves out the last, smaller batch of an epoch. */
  readonly dropRemainder: boolean
  readonly seed: number
  readonly learningRateByEpoch: readonly LearningRateStep[]
  /** `balanced`: a class counts as much as any other, however few pictures it has. Left out, every picture counts alike. */
  readonly classWeights?: 'balanced' | undefined
  /** `{type: 'Mixup', config: {alpha: 0.2}}`, CutMix, or a list of them, of which each step takes one. */
  readonly mixing?: Choice | readonly Choice[] | undefined
  /**
   * Progressive resizing: first epochs on pictures of other sizes, `[{untilEpoch: 6, size: [24, 24]}]`. They are resized inside the network,
   * behind its augmentation. Validation and test are on whole pictures.
   */
  readonly sizes?: readonly SizeStep[] | undefined
  /** EarlyStopping, ReduceLROnPlateau, StochasticWeightAveraging, TerminateOnNaN with their options. Saving the best and the last is not among them. */
  readonly callbacks: readonly Choice[]
  /** Weights the test is measured with: of the epoch with the lowest validation loss, or the last. */
  readonly test: 'best' | 'last'
  /** The test is measured on the mean over these views of every picture; left out, on the pictures alone. Validation always is. */
  readonly testViews?: TestViews | undefined
  /** Whether validation was done on the test set; every report then says so. */
  readonly selectedOnTestSet: boolean
  /** What was published for these settings. */
  readonly published?: { readonly figure: string; readonly params?: number | undefined } | undefined
}
