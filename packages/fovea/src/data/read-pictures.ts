/** What is asked of a source's pixels apart from training: some pictures, all in pieces, how often each byte occurs. */
import type { Picture } from '../base/picture.ts'
import { type PictureSource, pictureBytes } from './picture-source.ts'

/** Bytes of a piece. */
const pieceBytes = 1 << 20

/** The pictures of these numbers, one after the other. */
export async function readPictures(source: PictureSource, indices: Int32Array): Promise<Uint8Array> {
  const pictures = new Uint8Array(indices.length * pictureBytes(source))
  await source.read(indices, pictures)
  return pictures
}

export async function readOnePicture(source: PictureSource, index: number): Promise<Picture> {
  return pictureOfBytes(source, await readPictures(source, Int32Array.of(index)), 0)
}

/** Picture `row` of some that were read, as a view. */
export function pictureOfBytes({ shape }: Pick<PictureSource, 'shape'>, pictures: Uint8Array, row: number): Picture {
  const [height, width, channels] = shape
  const size = height * width * channels
  const data = pictures.subarray(row * size, (row + 1) * size)
  return { width, height, channels: channels as Picture['channels'], data }
}

/** The numbers `begin` … `end` − 1. */
export function numbersFrom(begin: number, end: number): Int32Array {
  const numbers = new Int32Array(end - begin)
  for (let index = 0; index < numbers.length; index++) numbers[index] = begin + index
  return numbers
}

/** All pictures in their order, some at a time: each piece is gone when the next one comes. */
export async function* piecesOf(
  source: PictureSource,
): AsyncGenerator<{ readonly begin: number; readonly pictures: Uint8Array }> {
  const size = pictureBytes(source)
  const most = Math.max(1, Math.floor(pieceBytes / size))
  const piece = new Uint8Array(Math.min(most, source.count) * size)
  for (let begin = 0; begin < source.count; begin += most) {
    const end = Math.min(source.count, begin + most)
    const pictures = piece.subarray(0, (end - begin) * size)
    await source.read(numbersFrom(begin, end), pictures)
    yield { begin, pictures }
  }
}

/** Of each channel, how often each of the 256 values occurs. They are whole numbers, so no sum over them depends on an order. */
export async function byteCounts(source: PictureSource): Promise<Float64Array[]> {
  const channels = source.shape[2]
  const counts = Array.from({ length: channels }, () => new Float64Array(256))
  for await (const { pictures } of piecesOf(source)) {
    for (let channel = 0; channel < channels; channel++) {
      const own = counts[channel]!
      for (let at = channel; at < pictures.length; at += channels) own[pictures[at]!]!++
    }
  }
  return counts
}

/** Some pictures from all over the source: at most so many bytes of them, but at least one. */
export function somePictures(source: PictureSource, most: number): Promise<Uint8Array> {
  const count = Math.min(source.count, Math.max(1, Math.floor(most / pictureBytes(source))))
  return readPictures(
    source,
    Int32Array.from({ length: count }, (_, index) => Math.floor((index * source.count) / count)),
  )
}
