/**
 * What a run keeps of its test, so that grids and confusion matrices can be drawn later without the data set: probabilities and
 * labels of every sample, and the first few pictures of each cell of the confusion matrix. A safetensors file.
 */
import type { Split } from '../data/dataset.ts'
import { encodeSafetensors } from '../store/safetensors.ts'

/** Pictures kept of one pair of true and predicted class. */
const picturesPerCell = 8

/**
 * Tensors `predictions` [N, C], `labels` [N], `pictures` [M, H, W, C] and `pictureIndices` [M] (their places in the test set, ascending).
 */
export function encodeTestFile(
  predictions: Float32Array,
  split: Split,
  shape: readonly [number, number, number],
): Uint8Array<ArrayBuffer> {
  const classes = predictions.length / split.count
  const indices = cellExamples(predictions, split, classes)
  const size = shape[0] * shape[1] * shape[2]
  const pictures = new Uint8Array(indices.length * size)
  for (const [place, index] of indices.entries()) {
    pictures.set(split.images.subarray(index * size, (index + 1) * size), place * size)
  }
  return encodeSafetensors({
    metadata: {},
    tensors: [
      { name: 'predictions', shape: [split.count, classes], data: predictions },
      { name: 'labels', shape: [split.count], data: split.labels },
      { name: 'pictureIndices', shape: [indices.length], data: indices },
      { name: 'pictures', shape: [indices.length, ...shape], data: pictures },
    ],
  })
}

/** The first samples of every cell that occurs. */
function cellExamples(predictions: Float32Array, split: Split, classes: number): Int32Array {
  const found = new Int32Array(classes * classes)
  const indices: number[] = []
  for (let index = 0; index < split.count; index++) {
    let predicted = 0
    for (let other = 1; other < classes; other++) {
      if (predictions[index * classes + other]! > predictions[index * classes + predicted]!) predicted = other
    }
    const cell = split.labels[index]! * classes + predicted
    if (found[cell]!++ < picturesPerCell) indices.push(index)
  }
  return Int32Array.from(indices)
}
