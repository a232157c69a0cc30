/**
 * Pictures as a run directory keeps them: raw bytes, at most 64 pixels long on the longer side (larger ones are scaled down, so that
 * a hundred of them stay below 1.3 MB). For looking at, not for computing with.
 */
import { UserError } from '../base/errors.ts'
import type { Picture } from '../base/picture.ts'
import { formatShape, type Shape, sameShape } from '../base/shape.ts'
import type { PictureShape, PictureSource } from '../data/picture-source.ts'
import { pictureOfBytes, readOnePicture } from '../data/read-pictures.ts'
import { stretch } from '../preprocess/resize.ts'
import type { StoredTensor } from '../store/safetensors.ts'

const longestKeptSide = 64

/** The size a picture of this size is kept in. */
function keptShape([height, width, channels]: PictureShape, longest: number): PictureShape {
  const scale = Math.min(1, longest / Math.max(height, width))
  const scaled = (extent: number): number => Math.max(1, Math.round(extent * scale))
  return [scaled(height), scaled(width), channels]
}

/** The pictures of these places as a tensor [count, height, width, channels], their longer side at most `longest` pixels. */
export async function keptPictures(
  name: string,
  source: PictureSource,
  indices: Int32Array,
  longest = longestKeptSide,
): Promise<StoredTensor<Uint8Array>> {
  const [height, width, channels] = keptShape(source.shape, longest)
  const size = height * width * channels
  const data = new Uint8Array(indices.length * size)
  // One at a time: what is kept of large pictures is small.
  for (const [row, index] of indices.entries()) {
    data.set(stretch(await readOnePicture(source, index), width, height).data, row * size)
  }
  return { name, shape: [indices.length, height, width, channels], data }
}

/** The pictures of a tensor [count, height, width, channels], as views. */
export function picturesOf({ shape, data }: Pick<StoredTensor, 'shape' | 'data'>): Picture[] {
  const [count, ...picture] = shape as readonly [number, number, number, number]
  return Array.from({ length: count }, (_, row) => pictureOfBytes({ shape: picture }, data as Uint8Array, row))
}

/** A tensor of a file of a run directory: what it must be like, and that in words. */
export interface TensorRule {
  readonly expected: string
  suits(tensor: StoredTensor): boolean
}

/** Bytes [count, height, width, channels]; of these extents where `shape` is given. */
export function pictureStack(shape?: Shape): TensorRule {
  return {
    expected: `bytes [count, ${(shape ?? ['height', 'width', 'channels']).join(', ')}]`,
    suits: ({ data, shape: [, ...extents] }) =>
      data instanceof Uint8Array &&
      extents.length === 3 &&
      extents.every(extent => extent > 0) &&
      extents[2]! <= 4 &&
      (shape === undefined || sameShape(extents, shape)),
  }
}

/** `count` whole numbers from 0 to `below` − 1. */
export function wholeNumbersRule(count: number, below: number): TensorRule {
  return {
    expected: Number.isFinite(below) ? `${count} whole numbers below ${below}` : `${count} whole numbers`,
    suits: ({ data, shape }) =>
      sameShape(shape, [count]) &&
      (data instanceof Uint8Array || data instanceof Int32Array) &&
      data.every((value: number) => value >= 0 && value < below),
  }
}

/** A tensor that a file of a run directory must have. `what` says which file it is. Throws UserError when it is missing or another. */
export function keptTensor(
  tensors: readonly StoredTensor[],
  name: string,
  what: string,
  rule: TensorRule,
): StoredTensor {
  const found = tensors.find(each => each.name === name)
  if (found === undefined) throw new UserError({ what: `${what}: it has no ${name}`, fix: 'train again' })
  if (rule.suits(found)) return found
  throw new UserError({
    what: `${what}: its ${name} cannot be used`,
    expected: rule.expected,
    received: `${found.data.constructor.name.replace('Array', '')} ${formatShape(found.shape)}`,
    fix: 'train again',
  })
}
