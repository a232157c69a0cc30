/**
 * What a run keeps of its test, so that grids and confusion matrices can be drawn later without the data set: probabilities and
 * labels of every sample, the first few pictures of each cell of the confusion matrix, and those of the mistakes the model was most
 * sure of. A safetensors file; pictures above 64 × 64 are scaled down (see kept-pictures.ts).
 */
import { classProbabilities } from '../base/probabilities.ts'
import type { NumericArray } from '../base/shape.ts'
import type { PictureSource } from '../data/picture-source.ts'
import type { StoredTensor } from '../store/safetensors.ts'
import { encodeSafetensors } from '../store/safetensors-encoder.ts'
import { decodeSafetensors } from '../store/tensor-file.ts'
import { keptPictures, keptTensor, pictureStack, type TensorRule, wholeNumbersRule } from './kept-pictures.ts'

/** Pictures kept of one pair of true and predicted class. */
const picturesPerCell = 8
/** A grid of 5 × 5. */
const mistakesKept = 25

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
  /** Places in the test set of the mistakes with the most probable predictions, the worst first. Empty in files of older versions. */
  readonly mistakeIndices: ArrayLike<number>
  /** Of each of them, side by side. */
  readonly mistakePictures: Uint8Array
  /** Height, width, channels of a picture as it is kept. */
  readonly pictureShape: readonly [number, number, number]
}

/**
 * Tensors `predictions` [N, C], `labels` [N], `pictures` [M, H, W, C] and `pictureIndices` [M] (their places in the test set, ascending),
 * `mistakePictures` [K, H, W, C] and `mistakeIndices` [K] (the most confident first).
 */
export async function encodeTestFile(
  predictions: Float32Array,
  tested: PictureSource,
): Promise<Uint8Array<ArrayBuffer>> {
  const { count, labels } = tested
  const units = predictions.length / count
  const rows = { predictions: units === 1 ? bothClasses(predictions) : predictions, classes: Math.max(2, units) }
  const examples = cellExamples(rows, tested)
  const mistakes = confidentMistakes(rows, tested)
  return encodeSafetensors({
    metadata: {},
    tensors: [
      { name: 'predictions', shape: [count, units], data: predictions },
      { name: 'labels', shape: [count], data: labels },
      { name: 'pictureIndices', shape: [examples.length], data: examples },
      await keptPictures('pictures', tested, examples),
      { name: 'mistakeIndices', shape: [mistakes.length], data: mistakes },
      await keptPictures('mistakePictures', tested, mistakes),
    ],
  })
}

type Labelled = Pick<PictureSource, 'labels' | 'count'>
type PredictedRows = Pick<TestFile, 'predictions' | 'classes'>

/** The first samples of every cell that occurs. */
function cellExamples(rows: PredictedRows, { labels, count }: Labelled): Int32Array {
  const found = new Int32Array(rows.classes ** 2)
  const indices: number[] = []
  for (let index = 0; index < count; index++) {
    const cell = labels[index]! * rows.classes + predictedClass(rows, index)
    if (found[cell]!++ < picturesPerCell) indices.push(index)
  }
  return Int32Array.from(indices)
}

/** The samples predicted wrongly with the largest probabilities, in this order; of equals the first. */
function confidentMistakes(rows: PredictedRows, { labels, count }: Labelled): Int32Array {
  const mistakes: { readonly index: number; readonly confidence: number }[] = []
  for (let index = 0; index < count; index++) {
    const predicted = predictedClass(rows, index)
    if (predicted === labels[index]) continue
    mistakes.push({ index, confidence: rows.predictions[index * rows.classes + predicted]! })
  }
  mistakes.sort((a, b) => b.confidence - a.confidence || a.index - b.index)
  return Int32Array.from(mistakes.slice(0, mistakesKept), ({ index }) => index)
}

/** Reads what `encodeTestFile` wrote. Throws UserError when something is missing or does not fit the rest; `source` names the file. */
export function decodeTestFile(bytes: Uint8Array, source: string): TestFile {
  const { tensors } = decodeSafetensors(bytes, source)
  const tensor = (name: string, rule: TensorRule): StoredTensor =>
    keptTensor(tensors, name, `${source} is no test of a run`, rule)
  const { data, shape } = tensor('predictions', probabilityRows)
  const [count, units] = shape as readonly [number, number]
  const classes = Math.max(2, units)
  const { shape: stack, data: pictures } = tensor('pictures', pictureStack())
  const pictureShape = stack.slice(1) as unknown as TestFile['pictureShape']
  const hasMistakes = tensors.some(({ name }) => name === 'mistakeIndices')
  const mistakes = hasMistakes ? tensor('mistakePictures', pictureStack(pictureShape)) : undefined
  return {
    predictions: units === 1 ? bothClasses(data) : (data as Float32Array),
    labels: tensor('labels', wholeNumbersRule(count, classes)).data,
    count,
    classes,
    pictureIndices: tensor('pictureIndices', wholeNumbersRule(stack[0]!, count)).data,
    pictures: pictures as Uint8Array,
    mistakeIndices: mistakes ? tensor('mistakeIndices', wholeNumbersRule(mistakes.shape[0]!, count)).data : [],
    mistakePictures: (mistakes?.data ?? new Uint8Array()) as Uint8Array,
    pictureShape,
  }
}

/** A model that diverged gives NaN, so the numbers themselves may be any. */
const probabilityRows: TensorRule = {
  expected: 'Float32 [count, classes]',
  suits: ({ data, shape }) => data instanceof Float32Array && shape.length === 2 && shape[1]! > 0,
}

function bothClasses(probabilities: NumericArray): Float32Array {
  return Float32Array.from(Array.from(probabilities, p => classProbabilities([p])).flat())
}

/** The class with the largest probability in a row; of equals the first. */
export function predictedClass({ predictions, classes }: PredictedRows, row: number): number {
  let best = 0
  for (let other = 1; other < classes; other++) {
    if (predictions[row * classes + other]! > predictions[row * classes + best]!) best = other
  }
  return best
}
