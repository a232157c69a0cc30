/**
 * Metrics with options, as `compile` takes them: `precision({thresholds: 0.4})`. Options, defaults and names are Keras's; `name` is what a
 * metric is reported as, the factory's own name by default. Every factory throws UserError for options that it does not have.
 */
import { type Metric, namedMetric } from './metrics.ts'

interface Named {
  readonly name?: string | undefined
}

/** What metrics take that decide at a threshold. */
export interface ThresholdMetricOptions extends Named {
  /** Predictions above it are positive; 0.5 by default. A list gives one value for each. */
  readonly thresholds?: number | readonly number[] | null | undefined
  /** Only the k largest predictions of a row can be positive. */
  readonly topK?: number | null | undefined
  /** Looks at this class only. */
  readonly classId?: number | null | undefined
}

/** Of the predictions above the threshold, how many are right. Over all classes together, unless `classId` names one. */
export const precision = (options: ThresholdMetricOptions = {}): Metric => namedMetric('Precision', options)

/** Of the positives, how many are predicted above the threshold. */
export const recall = (options: ThresholdMetricOptions = {}): Metric => namedMetric('Recall', options)

/** How many positives are predicted above the threshold. */
export const truePositives = (options: ThresholdMetricOptions = {}): Metric => namedMetric('TruePositives', options)
/** How many negatives are predicted above the threshold. */
export const falsePositives = (options: ThresholdMetricOptions = {}): Metric => namedMetric('FalsePositives', options)
/** How many negatives are not predicted above the threshold. */
export const trueNegatives = (options: ThresholdMetricOptions = {}): Metric => namedMetric('TrueNegatives', options)
/** How many positives are not predicted above the threshold. */
export const falseNegatives = (options: ThresholdMetricOptions = {}): Metric => namedMetric('FalseNegatives', options)

interface BestThresholdOptions extends Named {
  /** Thresholds tried; 200 by default. */
  readonly numThresholds?: number | undefined
  readonly classId?: number | null | undefined
}

/** The largest sensitivity at a threshold with at least this specificity. */
export const sensitivityAtSpecificity = (
  options: BestThresholdOptions & { readonly specificity?: number | undefined },
): Metric => namedMetric('SensitivityAtSpecificity', options)
/** The largest specificity at a threshold with at least this sensitivity. */
export const specificityAtSensitivity = (
  options: BestThresholdOptions & { readonly sensitivity?: number | undefined },
): Metric => namedMetric('SpecificityAtSensitivity', options)
/** The largest precision at a threshold with at least this recall. */
export const precisionAtRecall = (options: BestThresholdOptions & { readonly recall?: number | undefined }): Metric =>
  namedMetric('PrecisionAtRecall', options)
/** The largest recall at a threshold with at least this precision. */
export const recallAtPrecision = (
  options: BestThresholdOptions & { readonly precision?: number | undefined },
): Metric => namedMetric('RecallAtPrecision', options)

/** What `auc` takes. */
export interface AucOptions extends Named {
  /** Default `ROC`. */
  readonly curve?: 'ROC' | 'PR' | 'PRGAIN' | undefined
  /** Default 200, evenly from 0 to 1. */
  readonly numThresholds?: number | undefined
  readonly thresholds?: readonly number[] | null | undefined
  readonly summationMethod?: 'interpolation' | 'minoring' | 'majoring' | undefined
  /** An area for each class, and their mean; false by default: all decisions together. */
  readonly multiLabel?: boolean | undefined
  readonly numLabels?: number | null | undefined
  readonly labelWeights?: readonly number[] | null | undefined
  /** The predictions are logits; false by default. */
  readonly fromLogits?: boolean | undefined
}

/** The area under a curve: how well positives rank above negatives. */
export const auc = (options: AucOptions = {}): Metric => namedMetric('AUC', options)

/** What `f1Score` and `fBetaScore` take. */
export interface F1Options extends Named {
  /** Null by default: a score for each class. `micro`: over all decisions, `macro`: the mean of the classes, `weighted`: by how often each occurs. */
  readonly average?: 'micro' | 'macro' | 'weighted' | null | undefined
  /** Without one the largest prediction of a row is positive. */
  readonly threshold?: number | null | undefined
}

/** The harmonic mean of precision and recall. */
export const f1Score = (options: F1Options = {}): Metric => namedMetric('F1Score', options)

/** Recall counts β times as much as precision. */
export const fBetaScore = (options: F1Options & { readonly beta?: number | undefined } = {}): Metric =>
  namedMetric('FBetaScore', options)

/** How often the true class is among the k highest predictions. Default k 5; reported as `topKCategoricalAccuracy`. */
export const topKCategoricalAccuracy = (options: Named & { readonly k?: number | undefined } = {}): Metric =>
  namedMetric('TopKCategoricalAccuracy', options)

/** The same for labels that are class numbers. `fromSortedIds`: predictions are class numbers, best first. */
export const sparseTopKCategoricalAccuracy = (
  options: Named & { readonly k?: number | undefined; readonly fromSortedIds?: boolean | undefined } = {},
): Metric => namedMetric('SparseTopKCategoricalAccuracy', options)

/** How often prediction > threshold agrees with the 0-1 target. Default threshold 0.5. */
export const binaryAccuracy = (options: Named & { readonly threshold?: number | undefined } = {}): Metric =>
  namedMetric('BinaryAccuracy', options)
