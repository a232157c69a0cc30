/** What a data set holds, as numbers and as text: shapes, counts per class, mean and deviation, first labels with their one-hot rows. */
import type { Dataset, Split } from './dataset.ts'

export interface SplitDescription {
  readonly count: number
  /** Pictures of each class. */
  readonly classCounts: readonly number[]
  /** Of all pixels and channels, 0 … 255. */
  readonly mean: number
  readonly deviation: number
  /** Of each channel. */
  readonly channelMeans: readonly number[]
  readonly firstLabels: readonly number[]
}

export interface DatasetDescription {
  readonly name: string
  readonly shape: readonly [number, number, number]
  readonly classNames: readonly string[]
  readonly train: SplitDescription
  readonly test: SplitDescription
}

/** All numbers of a report; sums are of whole numbers, so they are exact. */
export function describeDataset(dataset: Dataset): DatasetDescription {
  const { name, shape, classNames } = dataset
  const part = (split: Split) => describeSplit(split, shape[2], classNames.length)
  return { name, shape, classNames, train: part(dataset.train), test: part(dataset.test) }
}

export function describeSplit(split: Split, channels: number, classes: number): SplitDescription {
  const classCounts = new Array<number>(classes).fill(0)
  for (const label of split.labels) classCounts[label]!++
  const histograms = Array.from({ length: channels }, () => new Float64Array(256))
  for (let at = 0; at < split.images.length; ) {
    for (let channel = 0; channel < channels; channel++, at++) {
      const histogram = histograms[channel]!
      histogram[split.images[at]!] = histogram[split.images[at]!]! + 1
    }
  }
  const sums = histograms.map(counts => counts.reduce((sum, count, value) => sum + count * value, 0))
  const squares = histograms.map(counts => counts.reduce((sum, count, value) => sum + count * value * value, 0))
  const total = Math.max(1, split.images.length)
  const mean = add(sums) / total
  return {
    count: split.count,
    classCounts,
    mean,
    deviation: Math.sqrt(Math.max(0, add(squares) / total - mean * mean)),
    channelMeans: sums.map(sum => (sum * channels) / total),
    firstLabels: Array.from(split.labels.subarray(0, 10)),
  }
}

/** The report as text, a table of the classes in the middle. */
export function formatDescription(description: DatasetDescription): string {
  const { name, shape, classNames, train, test } = description
  const width = Math.max(5, ...classNames.map(className => className.length))
  const row = (...cells: (string | number)[]) =>
    `  ${String(cells[0]).padEnd(3)} ${String(cells[1]).padEnd(width)} ${String(cells[2]).padStart(7)} ${String(cells[3]).padStart(7)}`
  const ofOne = (value: number) => (value / 255).toFixed(4)
  const statistics = (part: SplitDescription) =>
    `mean ${ofOne(part.mean)}, deviation ${ofOne(part.deviation)}` +
    (part.channelMeans.length > 1 ? ` (channel means ${part.channelMeans.map(ofOne).join(' ')})` : '')
  return [
    `${name}: ${train.count} training and ${test.count} test pictures`,
    `  training (${[train.count, ...shape].join(', ')})  test (${[test.count, ...shape].join(', ')})  uint8, 0 to 255`,
    '',
    row('', 'class', 'train', 'test'),
    ...classNames.map((className, label) => row(label, className, train.classCounts[label]!, test.classCounts[label]!)),
    '',
    `  training pixels / 255: ${statistics(train)}`,
    `  test pixels / 255:     ${statistics(test)}`,
    `  first training labels: ${train.firstLabels.join(' ')}`,
    ...train.firstLabels
      .slice(0, 3)
      .map(label => `    ${label} as one-hot: ${classNames.map((_, at) => (at === label ? 1 : 0)).join(' ')}`),
  ].join('\n')
}

function add(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
