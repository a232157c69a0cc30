/** Weights for tests of models that were not trained. */
import type { Model } from '../network/model.ts'
import { initialWeights } from '../network/weights.ts'

/** No weight at its first value, as after training: batch norm's statistics too. */
export function someWeights(model: Model): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(initialWeights(model, 5)).map(([name, values]) => [
      name,
      Float32Array.from(values, (value, index) => value * (1 + 0.2 * Math.sin(7 * index)) + 0.01 * Math.sin(3 * index)),
    ]),
  )
}
