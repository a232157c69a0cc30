/**
 * What a run keeps of its test, so that grids and confusion matrices can be drawn later without the data set: probabilities and
 * labels of every sample, and the first few pictures of each cell of the confusion matrix. A safetensors file.
 */
import { UserError } from '../base/errors.ts'
import type { NumericArray } from '../base/shape.ts'
import type { Split } from '../data/dataset.ts'
import { decodeSafetensors, encodeSafetensors } from '../store/safetensors.ts'

/** Pictures kept of one pair of true and predicted class. */
const picturesPerCell = 8

/** The test of a run as it is read again. */
export interface TestFile {
  /** [count, classes], rows of probabilities. A model with one output unit has two classes: 1 − p and p. */
  readonly predictions: Float32Array
  readonly labels: ArrayLike<number>
  readonly count: number
  readonly classes: number
  /** Places in the test set of the pictures kept, ascending: the first 8 of each pair of true and predicted class. */
  readonly pictureIndices: ArrayLike<number>
  /** Of each of them, side by side. */
  readonly pictures: Uint8Array
  /** Height, width, channels of a picture. */
  readonly pictureShape: readonly [number, number, number]
}

/**
 * Tensors `predictions` [N, C], `labels` [N], `pictures` [M, H, W, C] and `pictureIndices` [M] (their places in the test set, ascending).
 */
export function encodeTestFile(
  predictions: Float32Array,
  split: Split,
  shape: readonly [number, number, number],
): Uint8Array<ArrayBuffer> {
  const units = predictions.length / split.count
  const indices = cellExamples(predictions, split, units)
  const size = shape[0] * shape[1] * shape[2]
  const pictures = new Uint8Array(indices.length * size)
  for (const [place, index] of indices.entries()) {
    pictures.set(split.images.subarray(index * size, (index + 1) * size), place * size)
  }
  return encodeSafetensors({
    metadata: {},
    tensors: [
      { name: 'predictions', shape: [split.count, units], data: predictions },
      { name: 'labels', shape: [split.count], data: split.labels },
      { name: 'pictureIndices', shape: [indices.length], data: indices },
      { name: 'pictures', shape: [indices.length, ...shape], data: pictures },
    ],
  })
}

/** The first samples of every cell that occurs. */
function cellExamples(given: Float32Array, split: Split, units: number): Int32Array {
  const classes = Math.max(2, units)
  const predictions = units === 1 ? bothClasses(given) : given
  const found = new Int32Array(classes * classes)
  const indices: number[] = []
  for (let index = 0; index < split.count; index++) {
    const cell = split.labels[index]! * classes + predictedClass({ predictions, classes }, index)
    if (found[cell]!++ < picturesPerCell) indices.push(index)
  }
  return Int32Array.from(indices)
}

/** Reads what `encodeTestFile` wrote. Throws UserError when something is missing; `source` names the file. */
export function decodeTestFile(bytes: Uint8Array, source: string): TestFile {
  const { tensors } = decodeSafetensors(bytes, source)
  const tensor = (name: string) => {
    const found = tensors.find(each => each.name === name)
    if (found) return found
    throw new UserError({ what: `${source} is no test of a run: it has no ${name}`, fix: 'train again' })
  }
  const { data, shape } = tensor('predictions')
  const [count, units] = shape as readonly [number, number]
  const pictures = tensor('pictures')
  return {
    predictions: units === 1 ? bothClasses(data) : (data as Float32Array),
    labels: tensor('labels').data,
    count,
    classes: Math.max(2, units),
    pictureIndices: tensor('pictureIndices').data,
    pictures: pictures.data as Uint8Array,
    pictureShape: pictures.shape.slice(1) as unknown as TestFile['pictureShape'],
  }
}

function bothClasses(probabilities: NumericArray): Float32Array {
  return Float32Array.from({ length: 2 * probabilities.length }, (_, index) => {
    const p = probabilities[index >> 1]!
    return index % 2 === 0 ? 1 - p : p
  })
}

/** The class with the largest probability in a row; of equals the first. */
export function predictedClass(
  { predictions, classes }: Pick<TestFile, 'predictions' | 'classes'>,
  row: number,
): number {
  let best = 0
  for (let other = 1; other < classes; other++) {
    if (predictions[row * classes + other]! > predictions[row * classes + best]!) best = other
  }
  return best
}
