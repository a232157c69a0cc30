/**
 * How much every sample counts in the loss of an output: `sampleWeight` times the `classWeight` of its class, as in Keras.
 * In: what the user gave, and the output's labels. Out: one float per sample, 1 where nothing was said.
 */
import { nearest, UserError } from '../base/errors.ts'
import { classOf, type FeedColumn } from './feed-column.ts'

/** One weight per sample; a record by output name to weigh outputs differently. */
export type SampleWeight = ArrayLike<number> | Readonly<Record<string, ArrayLike<number>>>
/** Weight by class number; 1 for a class that is not named. Only for models with one output (Keras's rule). */
export type ClassWeight = Readonly<Record<number, number>>

export interface Weighting {
  readonly sampleWeight?: SampleWeight
  readonly classWeight?: ClassWeight
}

/** Throws UserError for weights of outputs that the model does not have, and for class weights where there are several outputs. */
export function checkWeighting(outputs: readonly string[], { sampleWeight, classWeight }: Weighting): void {
  if (sampleWeight !== undefined && !isList(sampleWeight)) {
    const given = typeof sampleWeight === 'object' && sampleWeight !== null ? Object.keys(sampleWeight) : []
    const unknown = given.find(name => !outputs.includes(name))
    if (unknown !== undefined || given.length === 0) {
      const close = unknown === undefined ? undefined : nearest(unknown, outputs)
      throw new UserError({
        what: 'sampleWeight is neither a list nor a record by output name',
        expected: `one number per sample, or such lists for ${outputs.join(', ')}`,
        received: unknown ?? String(sampleWeight),
        ...(close !== undefined && { fix: `did you mean "${close}"?` }),
      })
    }
  }
  if (classWeight !== undefined && outputs.length > 1) {
    throw new UserError({
      what: 'classWeight does not say which output it is for',
      expected: 'a model with one output',
      received: `outputs ${outputs.join(', ')}`,
      fix: 'give sampleWeight by output name, with the weight of each sample’s class',
    })
  }
}

/** The weights of one output. `classes`: how many it knows. Throws UserError for weights that cannot be. */
export function weightsOf(
  output: string,
  count: number,
  target: FeedColumn,
  classes: number,
  { sampleWeight, classWeight }: Weighting,
): Float32Array {
  const weights = new Float32Array(count).fill(1)
  const given = sampleWeight === undefined || isList(sampleWeight) ? sampleWeight : sampleWeight[output]
  if (given !== undefined) {
    if (given.length !== count) {
      throw new UserError({
        what: 'sampleWeight does not have one weight per sample',
        expected: `${count} weights`,
        received: `${given.length}`,
      })
    }
    for (let row = 0; row < count; row++) weights[row] = checkedWeight(given[row]!, `sampleWeight of sample ${row}`)
  }
  if (classWeight !== undefined) {
    checkClassWeight(classWeight, classes)
    for (let row = 0; row < count; row++) weights[row]! *= classWeight[checkedClass(target, row)] ?? 1
  }
  return weights
}

function checkClassWeight(classWeight: ClassWeight, classes: number): void {
  for (const [label, weight] of Object.entries(classWeight)) {
    checkedWeight(weight, `classWeight of class ${label}`)
    if (/^\d+$/.test(label) && Number(label) < classes) continue
    throw new UserError({
      what: 'classWeight names no class of the model',
      expected: `class numbers 0 … ${classes - 1}`,
      received: label,
    })
  }
}

function checkedClass(target: FeedColumn, row: number): number {
  const label = classOf(target, row)
  if (Number.isInteger(label)) return label
  throw new UserError({
    what: 'classWeight needs labels that are classes',
    expected: 'class numbers or one-hot rows',
    received: `${label} at sample ${row}`,
    fix: 'use sampleWeight',
  })
}

function isList(value: SampleWeight): value is ArrayLike<number> {
  return Array.isArray(value) || ArrayBuffer.isView(value)
}

function checkedWeight(weight: number, what: string): number {
  if (Number.isFinite(weight) && weight >= 0) return weight
  throw new UserError({ what: `${what} is unusable`, expected: 'a number ≥ 0', received: String(weight) })
}
