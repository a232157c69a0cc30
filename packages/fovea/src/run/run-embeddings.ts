/**
 * `embeddings.safetensors`: the pictures of a run on own pictures as its network sees them, with small copies of some, so that reports and
 * reviews need neither the folder nor the network. In: features and probabilities of all rows (training, then validation, then test).
 * Out: a safetensors file; and back, joined with the names of `pictures.json`. Features are kept as bytes between the least and the
 * largest of each: 50,000 pictures take 6 to 13 MB for them, 4 bytes a class for probabilities, and 6 MB for small copies.
 */
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import type { Picture } from '../base/picture.ts'
import type { NumericArray } from '../base/shape.ts'
import type { StoredTensor } from '../store/safetensors.ts'
import { encodeSafetensors } from '../store/safetensors-encoder.ts'
import { decodeSafetensors } from '../store/tensor-file.ts'
import { keptTensor, pictureStack, picturesOf, type TensorRule, wholeNumbersRule } from './kept-pictures.ts'
import { runFiles } from './run-files.ts'
import { decodeRunPictures, type PartName, partNames, type RunPictures } from './run-pictures.ts'

/** Rows of numbers for all pictures of a run. */
export interface Embeddings {
  readonly count: number
  /** [count, classes]. */
  readonly probabilities: Float32Array
  /** [count, size], what the last layer sees of each picture. */
  readonly features: Float32Array
  /** How many features the last layer sees: more than `size` where they were added up at random. */
  readonly seen: number
  /** What the other pictures say of each label, and the class they say most (see embedding/labels-of-others.ts). */
  readonly support: Float32Array
  readonly suggested: ArrayLike<number>
}

/** A picture of the user's own, and what the run used it for. */
export interface RunPicture {
  /** Relative to the folder, with `/`. */
  readonly file: string
  readonly label: number
  readonly part: PartName
}

/** What a run keeps of its own pictures, row for row. */
export interface RunEmbeddings extends Embeddings {
  /** The folder that the names of the files start from. */
  readonly folder: string
  readonly classNames: readonly string[]
  readonly classes: number
  /** Features of a picture. */
  readonly size: number
  readonly pictures: readonly RunPicture[]
  /** Of every picture, as in `pictures`. */
  readonly labels: Int32Array
  /** Small copies of some of the pictures, by row. */
  readonly thumbnails: ReadonlyMap<number, Picture>
}

/** The pictures of a run in the order of the rows. */
export function rowsOfRun({ parts }: Pick<RunPictures, 'parts'>): RunPicture[] {
  return partNames.flatMap(part => {
    const { files = [], labels = [] } = parts[part] ?? {}
    return files.map((file, index) => ({ file, label: labels[index]!, part }))
  })
}

/** `thumbnails`: [copies, height, width, channels], of the pictures in `thumbnailRows`, ascending. */
export function encodeEmbeddings(
  { count, probabilities, features, seen, support, suggested }: Embeddings,
  thumbnails: StoredTensor<Uint8Array>,
  thumbnailRows: Int32Array,
): Uint8Array<ArrayBuffer> {
  const size = features.length / count
  const { bytes, ranges } = asBytes(features, size)
  return encodeSafetensors({
    metadata: { seen: String(seen) },
    tensors: [
      { name: 'probabilities', shape: [count, probabilities.length / count], data: probabilities },
      { name: 'support', shape: [count], data: support },
      { name: 'suggested', shape: [count], data: Int32Array.from(suggested) },
      { name: 'featureRanges', shape: [size, 2], data: ranges },
      { name: 'thumbnailRows', shape: [thumbnailRows.length], data: thumbnailRows },
      { name: 'features', shape: [count, size], data: bytes },
      { ...thumbnails, name: 'thumbnails' },
    ],
  })
}

/** What the run of this folder kept; undefined for a run whose pictures have no names. Throws UserError for damaged files. */
export async function readEmbeddings(files: Files, runFolder: string): Promise<RunEmbeddings | undefined> {
  const [path, listed] = [files.join(runFolder, runFiles.embeddings), files.join(runFolder, runFiles.pictures)]
  if (!(await files.exists(path)) || !(await files.exists(listed))) return undefined
  const run = decodeRunPictures(await files.read(listed, 'data'), listed)
  return decodeEmbeddings(await files.read(path), path, run)
}

/** Throws UserError when something is missing or does not fit the rest; `source` names the file. */
export function decodeEmbeddings(bytes: Uint8Array, source: string, run: RunPictures): RunEmbeddings {
  const { tensors, metadata } = decodeSafetensors(bytes, source)
  const tensor = (name: string, rule: TensorRule): StoredTensor =>
    keptTensor(tensors, name, `${source} holds no embeddings of a run`, rule)
  const pictures = rowsOfRun(run)
  const { classNames, folder } = run
  const { data: probabilities, shape } = tensor('probabilities', numberRows)
  const [count, classes] = shape as readonly [number, number]
  if (count !== pictures.length || classes < classNames.length) {
    throw new UserError({
      what: `${source} is not of the pictures that ${runFiles.pictures} lists.`,
      expected: `${pictures.length} pictures of ${classNames.length} classes`,
      received: `${count} of ${classes}`,
      fix: 'train again',
    })
  }
  const { data: ranges, shape: rangeShape } = tensor('featureRanges', numberRows)
  const size = rangeShape[0]!
  const features = tensor('features', {
    expected: `bytes [${count}, ${size}]`,
    suits: ({ data, shape: own }) => data instanceof Uint8Array && own[0] === count && own[1] === size,
  })
  const support = tensor('support', {
    expected: `${count} numbers`,
    suits: ({ data, shape: own }) => data instanceof Float32Array && own.length === 1 && own[0] === count,
  })
  const stack = tensor('thumbnails', pictureStack())
  const rows = tensor('thumbnailRows', wholeNumbersRule(stack.shape[0]!, count)).data
  const copies = picturesOf(stack)
  return {
    folder,
    classNames,
    classes,
    count,
    size,
    seen: Number(metadata['seen']) || size,
    pictures,
    labels: Int32Array.from(pictures, ({ label }) => label),
    probabilities: probabilities as Float32Array,
    support: support.data as Float32Array,
    suggested: tensor('suggested', wholeNumbersRule(count, classes)).data,
    features: fromBytes(features.data, ranges, size),
    thumbnails: new Map(copies.map((copy, place) => [rows[place]!, copy])),
  }
}

const numberRows: TensorRule = {
  expected: 'Float32 rows',
  suits: ({ data, shape }) => data instanceof Float32Array && shape.length === 2 && shape[1]! > 0,
}

/** Of each feature 256 levels from its least to its largest value; what is no number counts as the least. */
function asBytes(features: Float32Array, size: number): { bytes: Uint8Array; ranges: Float32Array } {
  const ranges = new Float32Array(2 * size)
  const bytes = new Uint8Array(features.length)
  for (let feature = 0; feature < size; feature++) {
    let [least, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (let at = feature; at < features.length; at += size) {
      const value = features[at]!
      if (value < least && Number.isFinite(value)) least = value
      if (value > largest && Number.isFinite(value)) largest = value
    }
    const step = largest > least ? (largest - least) / 255 : 0
    ranges[2 * feature] = step > 0 || Number.isFinite(least) ? least : 0
    ranges[2 * feature + 1] = step
    if (step === 0) continue
    for (let at = feature; at < features.length; at += size) {
      bytes[at] = Math.max(0, Math.min(255, Math.round((features[at]! - least) / step))) || 0
    }
  }
  return { bytes, ranges }
}

function fromBytes(bytes: NumericArray, ranges: NumericArray, size: number): Float32Array {
  const features = new Float32Array(bytes.length)
  for (let at = 0; at < bytes.length; at++) {
    const feature = at % size
    features[at] = ranges[2 * feature]! + bytes[at]! * ranges[2 * feature + 1]!
  }
  return features
}
