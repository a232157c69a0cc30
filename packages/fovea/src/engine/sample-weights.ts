/**
 * How much every sample counts in the loss of an output: `sampleWeight` times the `classWeight` of its class, as in Keras.
 * In: what the user gave, and the output's labels. Out: one float per sample, 1 where nothing was said.
 */

import { nearest, UserError } from '../base/errors.ts'
import { isPlainRecord } from '../base/schema.ts'
import { formatShape, type NumericArray, type Shape, sizeOf } from '../base/shape.ts'
import { show } from '../base/show.ts'
import { type ArrayLikeInput, isOneArray, labelColumn } from './arrays.ts'
import type { FeedColumn } from './feed-column.ts'
import { isForeign } from './foreign-arrays.ts'
import { classOf } from './label-forms.ts'

/** One weight per sample, in any form that labels have; a record by output name to weigh outputs differently. */
export type SampleWeight = ArrayLikeInput | Readonly<Record<string, ArrayLikeInput>>
/** Weight by class number; 1 for a class that is not named. Only for models with one output (Keras's rule). */
export type ClassWeight = Readonly<Record<number, number>> | ReadonlyMap<number, number>

export interface Weighting {
  readonly sampleWeight?: SampleWeight | undefined
  readonly classWeight?: ClassWeight | undefined
}

/** Throws UserError for weights of outputs that the model does not have, and for class weights where there are several outputs. */
export function checkWeighting(outputs: readonly string[], { sampleWeight, classWeight }: Weighting): void {
  if (sampleWeight !== undefined && !isOne(sampleWeight)) {
    const given = typeof sampleWeight === 'object' && sampleWeight !== null ? Object.keys(sampleWeight) : []
    const unknown = given.find(name => !outputs.includes(name))
    if (unknown !== undefined || given.length === 0) {
      const close = unknown === undefined ? undefined : nearest(unknown, outputs)
      throw new UserError({
        what: 'sampleWeight is neither a list nor a record by output name',
        expected: `one number per sample, or such lists for ${outputs.join(', ')}`,
        received: unknown ?? show(sampleWeight),
        ...(close !== undefined && { fix: `did you mean "${close}"?` }),
      })
    }
  }
  if (classWeight !== undefined && outputs.length > 1) {
    throw new UserError({
      what: 'classWeight does not say which output it is for',
      expected: 'a model with one output',
      received: `outputs ${outputs.join(', ')}`,
      fix: "give sampleWeight by output name, with the weight of each sample's class",
    })
  }
}

/** The weights of one output. Throws UserError for weights that cannot be. */
export function weightsOf(output: string, count: number, sampleWeight: SampleWeight | undefined): Float32Array {
  const given = weightOf(output, sampleWeight)
  if (given === undefined) return new Float32Array(count).fill(1)
  const column = labelColumn(given, 'sampleWeight')
  if (column.rowSize !== 1) {
    throw new UserError({
      what: 'sampleWeight has several weights per sample',
      expected: `${count} weights, one per sample`,
      received: formatShape([column.count, ...(column.rowShape ?? [column.rowSize])]),
    })
  }
  if (column.count !== count) {
    throw new UserError({
      what: 'sampleWeight does not have one weight per sample',
      expected: `${count} weights`,
      received: `${column.count}`,
    })
  }
  return Float32Array.from(column.data, (weight, row) => checkedWeight(weight, `sampleWeight of sample ${row}`))
}

/** The weights given for an output: those for all, or its own. */
function weightOf(output: string, sampleWeight: SampleWeight | undefined): ArrayLikeInput | undefined {
  return sampleWeight === undefined || isOne(sampleWeight) ? sampleWeight : sampleWeight[output]
}

const isOne = (weights: SampleWeight): weights is ArrayLikeInput => Array.isArray(weights) || isOneArray(weights)

/** The weights of these samples alone, for every output; undefined stays undefined. */
export function weightsAt(
  sampleWeight: SampleWeight | undefined,
  outputs: readonly { readonly name: string }[],
  count: number,
  indices: ArrayLike<number>,
): SampleWeight | undefined {
  if (sampleWeight === undefined) return undefined
  const names = outputs.map(output => output.name)
  checkWeighting(names, { sampleWeight })
  const chosen = names.map(name => {
    const weights = weightsOf(name, count, sampleWeight)
    return [name, Float32Array.from(indices, index => weights[index]!)] as const
  })
  return Object.fromEntries(chosen)
}

/** Weights times those of the samples' classes. Throws UserError where a sample has no class, or more than one. */
export function classWeighted(
  weights: NumericArray,
  target: FeedColumn,
  outputShape: Shape,
  given: ClassWeight,
): Float32Array {
  const units = outputShape.at(-1) ?? 1
  const byClass = checkedClassWeight(given, units === 1 ? 2 : units)
  if (sizeOf(outputShape.slice(0, -1)) > 1) {
    throw new UserError({
      what: 'classWeight needs one class per sample',
      expected: 'an output like (None, 10)',
      received: `an output ${formatShape([-1, ...outputShape])}`,
      fix: 'use sampleWeight',
    })
  }
  return Float32Array.from(weights, (weight, row) => weight * (byClass.get(checkedClass(target, row)) ?? 1))
}

function checkedClassWeight(given: ClassWeight, classes: number): ReadonlyMap<number, number> {
  // A tensor or a view with strides has one weight a class.
  const isArray = !Array.isArray(given) && !(given instanceof Map) && isForeign(given)
  const weights: unknown = isArray ? [...labelColumn(given as ArrayLikeInput, 'classWeight').data] : given
  if (!(isPlainRecord(weights) || weights instanceof Map || Array.isArray(weights))) {
    throw new UserError({
      what: 'classWeight names no classes',
      expected: 'weights by class number, like {0: 1, 1: 5}',
      received: show(given),
    })
  }
  const entries = (weights instanceof Map ? [...weights] : Object.entries(weights)) as [unknown, number][]
  for (const [label, weight] of entries) {
    checkedWeight(weight, `classWeight of class ${label}`)
    if (/^\d+$/.test(String(label)) && Number(label) < classes) continue
    throw new UserError({
      what: 'classWeight names no class of the model',
      expected: `class numbers 0 … ${classes - 1}`,
      received: String(label),
    })
  }
  return new Map(entries.map(([label, weight]) => [Number(label), weight]))
}

function checkedClass({ data, rowSize }: FeedColumn, row: number): number {
  const label = rowSize === 1 ? data[row]! : classOf(data, row * rowSize, rowSize)
  if (Number.isInteger(label)) return label
  throw new UserError({
    what: 'classWeight needs labels that are classes',
    expected: 'class numbers or one-hot rows',
    received: `${label} at sample ${row}`,
    fix: 'use sampleWeight',
  })
}

function checkedWeight(weight: number, what: string): number {
  // As float32, which the step computes in, 1e308 is infinite.
  if (Number.isFinite(weight) && Number.isFinite(Math.fround(weight)) && weight >= 0) return weight
  throw new UserError({ what: `${what} is unusable`, expected: 'a number ≥ 0', received: String(weight) })
}
