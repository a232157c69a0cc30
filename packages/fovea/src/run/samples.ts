/**
 * The pictures a run directory keeps from its beginning, so that a report can show the data without the data set: training pictures of
 * all classes, some of the test set drawn by the run's seed, what augmentation makes of the first one, and true pixels to be read
 * as numbers. A safetensors file of at most 2.1 MB (pictures above 64 × 64 are scaled down; the true pixels of one above 32 × 32
 * are those of its middle).
 */
import { UserError } from '../base/errors.ts'
import type { Picture } from '../base/picture.ts'
import { fold, keyOf, permutation } from '../base/random.ts'
import type { Dataset } from '../data/dataset.ts'
import { inMemory } from '../data/memory-source.ts'
import type { PictureShape, PictureSource } from '../data/picture-source.ts'
import { numbersFrom, readOnePicture } from '../data/read-pictures.ts'
import { augmentedPictures } from '../network/augmentation.ts'
import type { Model } from '../network/model.ts'
import { cut } from '../preprocess/picture.ts'
import type { StoredTensor } from '../store/safetensors.ts'
import { encodeSafetensors } from '../store/safetensors-encoder.ts'
import { decodeSafetensors } from '../store/tensor-file.ts'
import { keptPictures, keptTensor, pictureStack, picturesOf, wholeNumbersRule } from './kept-pictures.ts'

/** Of training pictures, where there are no more classes than these; else one of each class, up to `mostClasses` of them. */
const firstCount = 36
const mostClasses = 100
/** Two grids of 5 × 5. */
const drawnCount = 2 * 25
const variantCount = 8
/** A picture up to this side can be read as numbers as a whole; of larger ones, `middleSide`. */
const wholeSide = 32
const middleSide = 28
const drawnStream = 0x9ab

/** The pictures of a run as they are read again. */
export interface RunSamples {
  /** Of the training set: the first of every class, then the second of every class, and so on; in directories of version 0.1 just the first. */
  readonly first: readonly Picture[]
  readonly firstLabels: ArrayLike<number>
  /** Drawn from the test set. */
  readonly drawn: readonly Picture[]
  /** Their places in the test set. */
  readonly drawnIndices: ArrayLike<number>
  /** Pictures in the whole test set. */
  readonly testCount: number
  /** The first training picture as augmentation varies it; empty for models that do not augment. */
  readonly variants: readonly Picture[]
  /** The true pixels of the first training picture, or of its middle. */
  readonly pixels: Picture
}

/** Without a test part nothing is drawn from it. */
export async function encodeSamples(
  { train, test }: Pick<Dataset<PictureSource>, 'train' | 'test'>,
  model: Model,
  seed: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const first = firstOfEachClass(train)
  const testCount = test?.count ?? 0
  const drawn = permutation(fold(keyOf(seed), drawnStream), testCount).subarray(0, drawnCount)
  const picture = await readOnePicture(train, first[0]!)
  const pixels = middleOf(picture)
  return encodeSafetensors({
    metadata: { testCount: String(testCount) },
    tensors: [
      await keptPictures('first', train, first),
      { name: 'firstLabels', shape: [first.length], data: first.map(index => train.labels[index]!) },
      await keptPictures('drawn', test ?? train, drawn),
      { name: 'drawnIndices', shape: [drawn.length], data: drawn },
      { name: 'pixels', shape: [1, pixels.height, pixels.width, pixels.channels], data: pixels.data },
      ...(await variantsOf(model, picture, seed)),
    ],
  })
}

/**
 * Places of training pictures: the first of every class that occurs, in the order of the classes, then the second of every class, until
 * there are enough. A folder lists one class after the other, and its first pictures would all be of one.
 */
function firstOfEachClass({ labels, count }: PictureSource): Int32Array {
  const places = new Map<number, number[]>()
  for (let index = 0; index < count; index++) {
    const own = places.get(labels[index]!)
    if (own === undefined) places.set(labels[index]!, [index])
    else if (own.length < firstCount) own.push(index)
  }
  const classes = [...places].sort(([a], [b]) => a - b).map(([, own]) => own)
  const wanted = Math.max(firstCount, Math.min(mostClasses, classes.length))
  // Of more classes than there is room for, some at even distances.
  const chosen = classes.filter((_, place) => isChosen(place, classes.length, wanted))
  const turns = Array.from({ length: firstCount }, (_, turn) => chosen.flatMap(own => own[turn] ?? []))
  return Int32Array.from(turns.flat().slice(0, wanted))
}

/** Whether a place is one of `wanted` at even distances among `count`. */
function isChosen(place: number, count: number, wanted: number): boolean {
  const share = Math.min(1, wanted / count)
  return Math.floor((place + 1) * share) > Math.floor(place * share)
}

function middleOf(picture: Picture): Picture {
  const { width, height } = picture
  if (Math.max(width, height) <= wholeSide) return picture
  const [across, down] = [Math.min(width, middleSide), Math.min(height, middleSide)]
  return cut(picture, Math.floor((width - across) / 2), Math.floor((height - down) / 2), across, down)
}

async function variantsOf(model: Model, { data }: Picture, seed: number): Promise<StoredTensor[]> {
  const variants = augmentedPictures(model, data, { count: variantCount, seed })
  if (!variants) return []
  const labels = new Uint8Array(variantCount)
  const stack = inMemory({ images: variants.data, labels, shape: variants.shape as PictureShape, classNames: [] })
  return [await keptPictures('variants', stack, numbersFrom(0, variantCount))]
}

/** Reads what `encodeSamples` wrote. Throws UserError when something is missing or does not fit the rest; `source` names the file. */
export function decodeSamples(bytes: Uint8Array, source: string): RunSamples {
  const { tensors, metadata } = decodeSafetensors(bytes, source)
  const what = `${source} holds no samples of a run`
  const pictures = (name: string): Picture[] => picturesOf(keptTensor(tensors, name, what, pictureStack()))
  const numbers = (name: string, count: number, below: number): ArrayLike<number> =>
    keptTensor(tensors, name, what, wholeNumbersRule(count, below)).data
  const testCount = Number(metadata['testCount'])
  const [first, drawn, [pixels]] = [pictures('first'), pictures('drawn'), pictures('pixels')]
  if (!Number.isSafeInteger(testCount) || pixels === undefined) {
    throw new UserError({ what: `${what}: its test count or its pixels are missing`, fix: 'train again' })
  }
  return {
    first,
    firstLabels: numbers('firstLabels', first.length, Number.POSITIVE_INFINITY),
    drawn,
    drawnIndices: numbers('drawnIndices', drawn.length, testCount),
    testCount,
    variants: tensors.some(({ name }) => name === 'variants') ? pictures('variants') : [],
    pixels,
  }
}
