/** Rows of probabilities from what a classifier gives, its classes in the order that is asked for. */
import { classProbabilities } from '../base/probabilities.ts'
import type { Model } from '../network/model.ts'
import { outputScale } from '../network/output-scale.ts'

/** `places`: of every class asked for, where the model has it. One output unit tells two classes apart. */
export function probabilityRows(
  model: Model,
  outputs: Float32Array,
  count: number,
  places: readonly number[],
): Float32Array {
  const units = outputs.length / count
  const scale = outputScale(model)
  const rows = new Float32Array(count * places.length)
  for (let row = 0; row < count; row++) {
    const own = classProbabilities(outputs.subarray(row * units, (row + 1) * units), scale)
    for (const [at, place] of places.entries()) rows[row * places.length + at] = own[place]!
  }
  return rows
}
