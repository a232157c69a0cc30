/**
 * Samples with what is to be answered for each: labels in the form that the loss wants, and how much every sample counts. In: the user's
 * arrays. Out: `Rows`, checked: counts, class numbers, weights.
 */
import { InternalError } from '../base/errors.ts'
import { formatShape, sizeOf } from '../base/shape.ts'
import { type ArrayLikeInput, isTypedArray, labelColumn } from './arrays.ts'
import type { FeedColumn } from './feed-column.ts'
import type { Ends, FeedRows } from './feed-rows.ts'
import { assign, type Inputs, inputRows, sameCount, type Targets } from './rows.ts'
import { type ClassWeight, checkWeighting, classWeighted, type Weighting, weightsOf } from './sample-weights.ts'
import { type OutputTarget, targetColumn } from './target-column.ts'

/** Inputs, labels and sample weights. `forms`: what form the labels of each output must have. */
export function trainingRows(
  ends: Ends,
  forms: readonly OutputTarget[],
  x: Inputs,
  y: Targets,
  weighting: Weighting = {},
): FeedRows {
  return labelledRows(ends, forms, inputRows(ends, x), y, weighting)
}

/** The rows of inputs with labels and sample weights. */
export function labelledRows(
  ends: Ends,
  forms: readonly OutputTarget[],
  rows: FeedRows,
  y: Targets,
  weighting: Weighting,
): FeedRows {
  const { count } = rows
  const targets: Record<string, FeedColumn> = {}
  const weights: Record<string, FeedColumn> = {}
  const given = assign<ArrayLikeInput>(y, ends.outputs, 'labels')
  checkWeighting(
    ends.outputs.map(output => output.name),
    weighting,
  )
  for (const { name, shape } of ends.outputs) {
    const what = ends.outputs.length === 1 ? 'the labels' : `the labels of "${name}"`
    const form = forms.find(({ output }) => output === name)
    if (!form) throw new InternalError('engine', `nobody says what form the labels of ${name} have`)
    const labels = labelColumn(ofOneSample(given[name]!, y, count), what)
    sameCount(count, labels.count, what)
    const target = targetColumn(labels, form, shape, what)
    if (target.slotRowSize !== sizeOf(form.shape.slice(1))) {
      const row = `a row of the labels of ${name} ${formatShape(form.shape)}`
      throw new InternalError('engine', `${target.slotRowSize} values for ${row}`)
    }
    targets[name] = target
    weights[name] = {
      data: weightsOf(name, count, weighting.sampleWeight),
      rowSize: 1,
      form: 'copy',
      slotRowSize: 1,
    }
  }
  const labelled = { ...rows, targets, weights }
  return weighting.classWeight === undefined ? labelled : withClassWeight(ends, labelled, weighting.classWeight)
}

/** `[row]` is the list of the only output's labels, or of the only sample's: the number of samples tells. */
function ofOneSample(labels: ArrayLikeInput, given: Targets, count: number): ArrayLikeInput {
  const isListed = Array.isArray(given) && given.length === 1 && given[0] === labels
  return isListed && count === 1 && isTypedArray(labels) && labels.length > 1 ? (given as ArrayLikeInput) : labels
}

/** The rows with each sample weighted by its class too. Apart, because held-out samples are not weighted by class. */
export function withClassWeight(ends: Ends, rows: FeedRows, classWeight: ClassWeight): FeedRows {
  checkWeighting(
    ends.outputs.map(output => output.name),
    { classWeight },
  )
  const { name, shape } = ends.outputs[0]!
  const weights = rows.weights[name]!
  const data = classWeighted(weights.data, rows.targets[name]!, shape, classWeight)
  return { ...rows, weights: { [name]: { ...weights, data } } }
}
