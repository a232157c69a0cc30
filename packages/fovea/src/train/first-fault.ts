/**
 * Where a training broke down: which layer is the first to give numbers that are not finite, in the first step whose loss is none. The steps
 * of the epoch up to there are done once more, from the states that it began with, and give the same bits; then every layer is looked at.
 * In: a learner, its rows, the states of the beginning, the batch that failed. Out: a phrase; the learner is as it was.
 */
import { fillBatch, stepKey } from '../engine/batches.ts'
import type { States } from '../engine/engine.ts'
import type { EntryMaker, RowSlots, TrainSlots } from '../engine/entry.ts'
import { entryBuilder } from '../engine/entry-builder.ts'
import { type FeedRows, inputTypesOf } from '../engine/feed-rows.ts'
import { runSteps } from '../engine/steps.ts'
import type { Model } from '../network/model.ts'
import type { Learner } from './learner.ts'

/** Where an epoch, or what is left of it, began. */
export interface EpochBegin {
  readonly states: States
  readonly step: number
  readonly batch: number
}

export async function epochStart({ engine }: Learner, batch: number): Promise<EpochBegin> {
  return { states: await engine.readStates(() => true), step: engine.step, batch }
}

export interface Failed {
  /** From 0. */
  readonly batch: number
  readonly batchSize: number
  readonly seed: number
  readonly order: Int32Array | undefined
  readonly signal: AbortSignal | undefined
}

/** Longer than this nobody waits for it. */
const mostSeconds = 60

/** Undefined where it takes too long, or was aborted. */
export async function firstFault(
  learner: Learner,
  rows: FeedRows,
  begin: EpochBegin,
  failed: Failed,
): Promise<string | undefined> {
  const { engine, clock, model } = learner
  const { batch, batchSize, seed, order, signal } = failed
  const [after, step] = [await engine.readStates(() => true), engine.step]
  const until = clock.now() + 1000 * mostSeconds
  const feed =
    (first: number) =>
    (index: number, slots: RowSlots): number | Promise<number> =>
      fillBatch(rows, order, (first + index) * batchSize, batchSize, slots)
  try {
    await engine.writeStates(begin.states, begin.step)
    const { done } = await runSteps(clock, {
      first: begin.batch,
      steps: batch,
      run: (first, count) => learner.train(rows, { batch: batchSize, match: 'exact' }, seed, count, feed(first)),
      onStep: () => {},
      shouldStop: () => signal?.aborted === true || clock.now() > until,
    })
    if (begin.batch + done < batch) return undefined
    const weights = await learner.weights()
    const broken = weights.find(({ data }) => !data.every(Number.isFinite))
    if (broken) return `the step before gave ${broken.name} numbers that are not finite`
    const need = { batch: batchSize, match: 'exact', inputTypes: inputTypesOf(model, rows) } as const
    const [sound] = await engine.run(soundEntry(model), need, 1, (index, slots) => {
      slots.randomKey?.set(stepKey(seed, engine.step))
      return feed(batch)(index, slots)
    })
    const layer = model.layers.find((_, call) => !sound![call])?.layer.name
    if (layer === undefined) {
      const largest = weights.reduce(
        (most, { data }) => data.reduce((more, each) => Math.max(more, Math.abs(each)), most),
        0,
      )
      return `all layers give finite numbers, so it is the loss itself; the largest weight is ${largest.toPrecision(2)}`
    }
    return `layer '${layer}' is the first to give numbers that are not finite`
  } finally {
    await engine.writeStates(after, step)
  }
}

/** Whether everything that a call of a layer gives is finite, by the call: a number that is not, times 0, is not 0. */
const soundEntry = (model: Model): EntryMaker<TrainSlots, readonly boolean[]> => ({
  name: 'sound',
  make(batch, inputTypes) {
    const { graph, lowered, finish } = entryBuilder(model, batch, inputTypes, true)
    const values = model.layers.map((_, call) => {
      const value = lowered.values[call]!
      const axes = value.shape.map((_, axis) => axis)
      return { of: String(call), node: graph.sum(graph.mul(value, graph.constant(0)), axes) }
    })
    const built = finish({ outputs: { values } })
    return {
      graph: built.graph,
      slots: built.slots,
      results: raw => {
        const sums = built.outputs(raw, 'values')
        return model.layers.map((_, call) => sums[call]![0] === 0)
      },
    }
  },
})
