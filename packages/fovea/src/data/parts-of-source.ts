/** Sources made of others: a range, chosen pictures, several joined, pictures changed as they are read. Nothing is copied before it is read. */
import { keepsPromises } from './checked-source.ts'
import { inMemory, isInMemory } from './memory-source.ts'
import {
  afterRead,
  carried,
  carriedNames,
  type PictureShape,
  type PictureSource,
  pictureBytes,
} from './picture-source.ts'

/** Pictures `begin` … `end` − 1. Of pictures in memory it is a view of them. */
export function sourceRange(source: PictureSource, begin: number, end: number): PictureSource {
  const labels = source.labels.subarray(begin, end)
  if (isInMemory(source)) {
    const size = pictureBytes(source)
    const names = carriedNames(source, all => all.slice(begin, end))
    return inMemory({ ...source, ...names, labels, images: source.images.subarray(begin * size, end * size) })
  }
  return renumbered(source, labels, index => begin + index)
}

/** The pictures of these numbers, in this order. */
export function chosenPictures(source: PictureSource, chosen: Int32Array): PictureSource {
  const labels = source.labels instanceof Uint8Array ? new Uint8Array(chosen.length) : new Int32Array(chosen.length)
  for (let row = 0; row < chosen.length; row++) labels[row] = source.labels[chosen[row]!]!
  return renumbered(source, labels, index => chosen[index]!)
}

function renumbered(
  source: PictureSource,
  labels: PictureSource['labels'],
  numberOf: (index: number) => number,
): PictureSource {
  const { shape, classNames } = source
  return keepsPromises({
    shape,
    classNames,
    count: labels.length,
    labels,
    ...carried(source),
    ...carriedNames(source, all => Array.from(labels, (_, index) => all[numberOf(index)]!)),
    read: (indices, into) => source.read(indices.map(numberOf), into),
  })
}

/** The pictures of several sources of one shape and the same classes, one source after the other. At least one. */
export function joinedSources(sources: readonly PictureSource[]): PictureSource {
  const [{ shape, classNames }] = sources as readonly [PictureSource]
  const size = pictureBytes({ shape })
  const begins = sources.map((_, place) => sources.slice(0, place).reduce((sum, { count }) => sum + count, 0))
  const sourceOf = (index: number): number => begins.findLastIndex(begin => begin <= index)
  return keepsPromises({
    shape,
    classNames,
    count: sources.reduce((sum, { count }) => sum + count, 0),
    labels: Int32Array.from(sources.flatMap(({ labels }) => [...labels])),
    ...(sources.every(({ names }) => names) && { names: sources.flatMap(({ names }) => names!) }),
    async read(indices, into) {
      // Neighbours of one source are read together.
      for (let row = 0; row < indices.length; ) {
        const place = sourceOf(indices[row]!)
        let end = row + 1
        while (end < indices.length && sourceOf(indices[end]!) === place) end++
        const own = indices.slice(row, end).map(index => index - begins[place]!)
        await sources[place]!.read(own, into.subarray(row * size, end * size))
        row = end
      }
    },
  })
}

/**
 * Pictures that become others of this shape when they are read. `change` takes some pictures, one after the other, and gives as
 * many.
 */
export function changedPictures(
  source: PictureSource,
  shape: PictureShape,
  change: (pictures: Uint8Array) => Uint8Array,
): PictureSource {
  const { classNames, count, labels } = source
  return keepsPromises({
    shape,
    classNames,
    count,
    labels,
    ...carriedNames(source),
    read(indices, into) {
      const given = new Uint8Array(indices.length * pictureBytes(source))
      return afterRead(source.read(indices, given), () => into.set(change(given)))
    },
  })
}
