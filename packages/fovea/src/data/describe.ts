/** What one part of a data set holds, as numbers: pictures per class, mean and deviation of the pixels, the first labels. */
import type { Split } from './dataset.ts'

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
export function describeSplit(split: Split, channels: number, classes: number): SplitDescription {
  const perClass = new Array<number>(classes).fill(0)
  for (const label of split.labels) perClass[label]!++
  const histograms = Array.from({ length: channels }, () => new Uint32Array(256))
  for (let at = 0; at < split.images.length; ) {
    for (let channel = 0; channel < channels; channel++, at++) {
      const histogram = histograms[channel]!
      const value = split.images[at]!
      histogram[value] = histogram[value]! + 1
    }
  }
  const sums = histograms.map(counts => counts.reduce((sum, count, value) => sum + count * value, 0))
  const squares = histograms.map(counts => counts.reduce((sum, count, value) => sum + count * value * value, 0))
  const total = Math.max(1, split.images.length)
  const mean = add(sums) / total
  return {
    count: split.count,
    perClass,
    mean: mean / 255,
    deviation: Math.sqrt(Math.max(0, add(squares) / total - mean * mean)) / 255,
    channelMeans: sums.map(sum => (sum * channels) / total / 255),
    firstLabels: Array.from(split.labels.subarray(0, 10)),
  }
}

function add(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
