/**
 * The learning-rate range test (Smith, "Cyclical Learning Rates for Training Neural Networks", 2015/2017): a copy of the model trains while
 * its rate rises exponentially, until the loss explodes. In: a learner, which is left as it is, and rows. Out: the loss at every rate, and
 * the rate that they suggest.
 */
import { UserError } from '../base/errors.ts'
import { parse, record } from '../base/schema.ts'
import { adaptToData } from '../engine/adapt-to-data.ts'
import { batchesOf, fillBatch, shuffledOrder } from '../engine/batches.ts'
import type { FeedRows } from '../engine/feed-rows.ts'
import { runSteps } from '../engine/steps.ts'
import { optimizerFromConfig } from '../optimizer/factories.ts'
import { exponentialDecay } from '../optimizer/schedules.ts'
import { createLearner, type Learner } from './learner.ts'
import { type LearningRateSearch, type RatePoint, type RateRange, rateRangeFields } from './rate-range.ts'

export interface RangeTestOptions extends RateRange {
  readonly batchSize: number
  /** Of the order, dropout and augmentation. */
  readonly seed: number
  readonly signal?: AbortSignal | undefined
}

/** Throws UserError for a range that is none, and for a model whose loss is no number from the first step on. */
export async function testLearningRates(
  learner: Learner,
  rows: FeedRows,
  { batchSize, seed, signal, ...range }: RangeTestOptions,
): Promise<LearningRateSearch> {
  const { from, to, steps } = checkedRange(range)
  const { model, setup, place, said } = learner
  const { type, config } = setup.optimizer
  // The schedule counts from 0, so the last step has the last rate.
  const learningRate = exponentialDecay({ initialLearningRate: from, decaySteps: steps - 1, decayRate: to / from })
  const { type: kind, config: values } = learningRate
  const copy = createLearner({
    model,
    setup: {
      ...setup,
      optimizer: optimizerFromConfig(type, { ...config, learningRate: { type: kind, config: values } }),
    },
    ...place,
    said,
    weights: Object.fromEntries((await learner.weights()).map(({ name, data }) => [name, data])),
  })
  const points: RatePoint[] = []
  const smooth = smoothing()
  let least = Number.POSITIVE_INFINITY
  let exploded = false
  try {
    // Only whole batches: the loss of a few samples jumps.
    const batches = batchesOf(rows.count, batchSize, true)
    await copy.prepare(batchSize, rows)
    await adaptToData(model, copy.engine, rows)
    const orders = new Map<number, Int32Array>()
    const orderOf = (epoch: number): Int32Array => {
      const order = orders.get(epoch) ?? shuffledOrder(seed, epoch * batches, rows.count)
      if (!orders.has(epoch)) orders.clear()
      orders.set(epoch, order)
      return order
    }
    await runSteps(copy.clock, {
      first: 0,
      steps,
      run: (first, count) =>
        copy.train(rows, { batch: batchSize, match: 'exact' }, seed, count, (index, slots) => {
          const step = first + index
          const order = orderOf(Math.floor(step / batches))
          return fillBatch(rows, order, (step % batches) * batchSize, batchSize, slots)
        }),
      onStep(step, { reports }) {
        // Steps of a group that had begun.
        if (exploded) return
        const loss = reports['loss']!
        const smoothed = smooth(loss)
        points.push({ rate: learningRate.at(step), loss, smoothed })
        least = Math.min(least, smoothed)
        exploded = !(smoothed <= explosion * least)
      },
      shouldStop: () => exploded || signal?.aborted === true,
    })
  } finally {
    await copy.dispose()
  }
  if (points.length < steps && !exploded) signal?.throwIfAborted()
  return { ...readingOf(points), ended: exploded ? 'exploded' : 'end' }
}

function checkedRange(range: RateRange) {
  const { from, to, steps } = parse(record(rateRangeFields), range, 'The range of rates')
  if (to > from) return { from, to, steps }
  throw new UserError({
    what: 'The range of rates has no extent: the last one must be above the first',
    expected: 'from below to',
    received: `from ${from} to ${to}`,
  })
}

/** How much of the average before stays, as fastai's learning-rate finder has it. */
const kept = 0.98

/** s ← 0.98 s + 0.02 loss, divided by 1 − 0.98ⁿ, so that the first steps are not drawn to 0. Gives each next value. */
function smoothing(): (loss: number) => number {
  let sum = 0
  let rest = 1
  return loss => {
    sum = kept * sum + (1 - kept) * loss
    rest *= kept
    return sum / (1 - rest)
  }
}

/** So many times the lowest loss: no rate that is higher makes it better from here on. */
const explosion = 4

/** Steps before and behind, over which a slope is measured. */
const reach = 10

/** What the points say. The first averages are of few batches: one that is easy by chance would be the lowest. Throws UserError where no loss is a number. */
export function readingOf(points: readonly RatePoint[]): Omit<LearningRateSearch, 'ended'> {
  const finite = points.filter(({ smoothed }) => Number.isFinite(smoothed))
  if (finite.length === 0) {
    throw new UserError({
      what: 'No learning rate can be found: the loss is no number from the first step on',
      expected: 'a loss that is a finite number',
      fix: 'look at the inputs: are they finite, and of a size the network can take (0 … 1)?',
    })
  }
  const settled = Math.min(Math.round(1 / (1 - kept)), Math.floor(finite.length / 3))
  const lowest = finite.slice(settled).reduce((a, b) => (b.smoothed < a.smoothed ? b : a))
  const before = finite.slice(0, finite.indexOf(lowest) + 1)
  const slope = (place: number): number => {
    const [a, b] = [Math.max(settled, place - reach), Math.min(before.length - 1, place + reach)]
    return (before[b]!.smoothed - before[a]!.smoothed) / Math.max(1, b - a)
  }
  const places = before.map((_, place) => place).slice(settled)
  const steepest = before[places.reduce((a, b) => (slope(b) < slope(a) ? b : a))]!
  return { points, suggestion: rounded(lowest.rate / below), lowest, steepest }
}

/**
 * How far below the rate at the lowest loss to begin. Ten is the usual rule; after the first epochs of mnist-mlp, fashion-lenet and
 * cifar10-cnn a fifth was better than a tenth on held-out pictures, each time.
 */
const below = 5

/** Two digits: more would say what the test does not know. */
const rounded = (rate: number): number => Number(rate.toPrecision(2))
