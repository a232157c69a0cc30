/** What one part of a data set holds, as numbers: pictures per class, mean and deviation of the pixels, the first labels. */
import { type PictureSource, pictureBytes } from './picture-source.ts'
import { byteCounts } from './read-pictures.ts'

export interface SplitDescription {
  readonly count: number
  /** Pictures of each class, in the order of the classes. */
  readonly perClass: readonly number[]
  /** Of all bytes, over 255. */
  readonly mean: number
  /** Standard deviation of all bytes, over 255. */
  readonly deviation: number
  /** Mean of each channel, over 255. */
  readonly channelMeans: readonly number[]
  /** At most ten. */
  readonly firstLabels: readonly number[]
}

/** Sums are of whole numbers, so they are exact in any order. */
export async function describeSplit(source: PictureSource): Promise<SplitDescription> {
  const counts = await byteCounts(source)
  const sums = counts.map(own => own.reduce((sum, count, value) => sum + count * value, 0))
  const squares = counts.map(own => own.reduce((sum, count, value) => sum + count * value * value, 0))
  const total = Math.max(1, source.count * pictureBytes(source))
  const mean = add(sums) / total
  return {
    count: source.count,
    perClass: perClass(source),
    mean: mean / 255,
    deviation: Math.sqrt(Math.max(0, add(squares) / total - mean * mean)) / 255,
    channelMeans: sums.map(sum => (sum * counts.length) / total / 255),
    firstLabels: Array.from(source.labels.subarray(0, 10)),
  }
}

/** Pictures of each class, in the order of the classes. */
export function perClass({ labels, classNames }: Pick<PictureSource, 'labels' | 'classNames'>): number[] {
  const counts = new Array<number>(classNames.length).fill(0)
  for (const label of labels) counts[label]!++
  return counts
}

function add(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
