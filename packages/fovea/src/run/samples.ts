/**
 * The pictures a run directory keeps from its beginning, so that a report can show the data without the data set: the first of the
 * training set, some of the test set drawn by the run's seed, what augmentation makes of the first one, and true pixels to be read
 * as numbers. A safetensors file of at most 1.4 MB (pictures above 64 × 64 are scaled down; the true pixels of one above 32 × 32
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
import { encodeSafetensors, type StoredTensor } from '../store/safetensors.ts'
import { decodeSafetensors } from '../store/tensor-file.ts'
import { keptPictures, keptTensor, pictureStack, picturesOf, wholeNumbersRule } from './kept-pictures.ts'

/** A grid of 3 × 12. */
const firstCount = 36
/** Grids of 4 × 8 and 5 × 5. */
const drawnCount = 32 + 25
const variantCount = 8
/** A picture up to this side can be read as numbers as a whole; of larger ones, `middleSide`. */
const wholeSide = 32
const middleSide = 28
const drawnStream = 0x9ab

/** The pictures of a run as they are read again. */
export interface RunSamples {
  /** The first of the training set, in its order. */
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
  const first = numbersFrom(0, Math.min(firstCount, train.count))
  const testCount = test?.count ?? 0
  const drawn = permutation(fold(keyOf(seed), drawnStream), testCount).subarray(0, drawnCount)
  const picture = await readOnePicture(train, 0)
  const pixels = middleOf(picture)
  return encodeSafetensors({
    metadata: { testCount: String(testCount) },
    tensors: [
      await keptPictures('first', train, first),
      { name: 'firstLabels', shape: [first.length], data: train.labels.subarray(0, first.length) },
      await keptPictures('drawn', test ?? train, drawn),
      { name: 'drawnIndices', shape: [drawn.length], data: drawn },
      { name: 'pixels', shape: [1, pixels.height, pixels.width, pixels.channels], data: pixels.data },
      ...(await variantsOf(model, picture, seed)),
    ],
  })
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
