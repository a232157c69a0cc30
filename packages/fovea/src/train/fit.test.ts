import { describe, expect, it } from 'vitest'
import { rowRange } from '../engine/picture-rows.ts'
import { adam, rmsprop, sgd } from '../optimizer/factories.ts'
import { exponentialDecay } from '../optimizer/schedules.ts'
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../store/checkpoint.ts'
import { weightsSha256 } from '../store/weights-hash.ts'
import { earlyStopping } from './callbacks/early-stopping.ts'
import { learningRateScheduler } from './callbacks/learning-rate.ts'
import type { TrainEvent } from './events.ts'
import { fit as train } from './fit.ts'
import type { LoopOptions } from './fit-options.ts'
import type { Learner } from './learner.ts'
import { classes, steppedClock, type TinyOptions, tinyLearner, tinyRows } from './tiny.testing.ts'

const hash = async (learner: Learner): Promise<string> => weightsSha256(await learner.weights())

async function trained(options: Partial<LoopOptions>, make: Parameters<typeof tinyLearner>[0] = {}) {
  const learner = tinyLearner(make)
  const history = await train(learner, tinyRows(learner), { epochs: 3, batchSize: 4, seed: 5, ...options })
  return { learner, history, hash: await hash(learner) }
}

describe('fit', () => {
  it('lowers the loss and learns the classes', async () => {
    const { learner, history } = await trained({ epochs: 30 })
    expect(history.history['loss']!.at(-1)).toBeLessThan(history.history['loss']![0]! / 4)
    expect(history.history['accuracy']!.at(-1)).toBe(1)
    expect(history.endReason).toBe('completed')
    expect(history.epoch).toEqual(Array.from({ length: 30 }, (_, index) => index))
    expect(history.steps).toBe(30 * 4)
    const { predictions } = await learner.evaluate(tinyRows(learner))
    const output = predictions['dense_1']!
    expect(Array.from(classes, (_, row) => Number(output[2 * row + 1]! > output[2 * row]!))).toEqual([...classes])
  })

  it('gives the same bits for the same seed, others for another', async () => {
    const one = await trained({}, { dropout: true })
    const two = await trained({}, { dropout: true })
    const other = await trained({ seed: 6 }, { dropout: true })
    expect(two.hash).toBe(one.hash)
    expect(two.history.history).toEqual(one.history.history)
    expect(other.hash).not.toBe(one.hash)
  })

  it('gives the same bits however steps are grouped', async () => {
    const fast = { now: () => 0, yieldToEvents: async () => {} }
    const one = await trained({}, { dropout: true })
    const grouped = await trained({}, { dropout: true, clock: fast })
    const stepwise = await trained({ callbacks: [{ onBatchEnd() {} }] }, { dropout: true, clock: fast })
    expect(grouped.hash).toBe(one.hash)
    expect(stepwise.hash).toBe(one.hash)
  })

  it('averages an epoch over rows, the smaller last batch by its real size', async () => {
    const events: TrainEvent[] = []
    const { history } = await trained({ epochs: 1, listeners: [event => void events.push(event)] })
    const batches = events.filter(event => event.type === 'batch-end')
    expect(batches.map(batch => batch.rows)).toEqual([4, 4, 4, 1])
    const mean = batches.reduce((sum, batch) => sum + batch.batchLogs['loss']! * batch.rows, 0) / 13
    expect(history.history['loss']![0]).toBeCloseTo(mean, 14)
  })

  it('leaves out the smaller last batch when told so, but never the only one', async () => {
    const rowsOf = async (batchSize: number): Promise<number[]> => {
      const events: TrainEvent[] = []
      const listener = (event: TrainEvent): void => void events.push(event)
      await trained({ epochs: 1, batchSize, dropRemainder: true, listeners: [listener] })
      const begin = events.find(event => event.type === 'train-begin')!
      const rows = events.flatMap(event => (event.type === 'batch-end' ? [event.rows] : []))
      expect(begin.batches).toBe(rows.length)
      return rows
    }
    expect(await rowsOf(4)).toEqual([4, 4, 4])
    expect(await rowsOf(13)).toEqual([13])
    expect(await rowsOf(20)).toEqual([13])
  })

  it('without learning, an epoch has the loss that evaluation gives', async () => {
    const { learner, history } = await trained({ epochs: 1 }, { optimizer: sgd({ learningRate: 0 }) })
    const { logs } = await learner.evaluate(tinyRows(learner))
    expect(history.history['loss']![0]).toBeCloseTo(logs['loss']!, 6)
    expect(history.history['accuracy']![0]).toBeCloseTo(logs['accuracy']!, 12)
  })

  it('shuffles every epoch anew, and not at all when told so', async () => {
    const losses = async (shuffle: boolean): Promise<number[][]> => {
      const epochs: number[][] = []
      const listener = (event: TrainEvent): void => {
        if (event.type === 'epoch-begin') epochs.push([])
        if (event.type === 'batch-end') epochs.at(-1)!.push(event.batchLogs['loss']!)
      }
      await trained({ shuffle, listeners: [listener] }, { optimizer: sgd({ learningRate: 0 }) })
      return epochs
    }
    const [first, second] = await losses(true)
    expect(second).not.toEqual(first)
    const [still, again] = await losses(false)
    expect(again).toEqual(still)
  })

  it('validates after every epoch', async () => {
    const learner = tinyLearner()
    const rows = tinyRows(learner)
    const history = await train(learner, rows, { epochs: 2, batchSize: 4, validation: rowRange(rows, 0, 5) })
    const { logs } = await learner.evaluate(rowRange(rows, 0, 5))
    expect(history.history['val_loss']![1]).toBeCloseTo(logs['loss']!, 12)
    expect(Object.keys(history.history)).toEqual(['loss', 'accuracy', 'val_loss', 'val_accuracy'])
  })

  it('weighs samples and classes', async () => {
    const run = async (weighting: Parameters<typeof tinyRows>[1]): Promise<string> => {
      const learner = tinyLearner()
      await train(learner, tinyRows(learner, weighting), { epochs: 2, batchSize: 13, shuffle: false })
      return hash(learner)
    }
    const byClass = await run({ classWeight: { 1: 3 } })
    expect(byClass).toBe(await run({ sampleWeight: Array.from(classes, label => (label === 1 ? 3 : 1)) }))
    expect(byClass).not.toBe(await run({}))
    expect(await run({ classWeight: { 0: 1, 1: 1 } })).toBe(await run({}))
  })

  it('takes the learning rate from a schedule or a callback, by step and epoch', async () => {
    const rates = async (optimizer: ReturnType<typeof sgd>, options: Partial<LoopOptions> = {}): Promise<number[]> => {
      const { history } = await trained(options, { optimizer })
      return history.epochs.map(epoch => epoch.learningRate)
    }
    const schedule = exponentialDecay({ initialLearningRate: 1, decaySteps: 4, decayRate: 0.5 })
    expect(await rates(sgd({ learningRate: schedule }))).toEqual([0.5, 0.25, 0.125])
    const halves = learningRateScheduler((epoch, rate) => (epoch === 0 ? rate : rate / 2))
    expect(await rates(sgd({ learningRate: 0.4 }), { callbacks: [halves] })).toEqual([0.4, 0.2, 0.1])
    await expect(rates(sgd({ learningRate: schedule }), { callbacks: [halves] })).rejects.toThrow(/has a schedule/)
  })

  it('puts the moving average in place of the weights', async () => {
    const { learner } = await trained({}, { optimizer: adam({ useEma: true, emaMomentum: 0.5 }) })
    const slots = await learner.slots()
    const [kernel] = await learner.weights()
    expect([...kernel!.data]).toEqual([...slots['dense/kernel@average']!])
  })

  it('leaves weights with the rate factor 0 as they are, and remembers nothing for them', async () => {
    const before = tinyLearner()
    const { learner } = await trained({}, { optimizer: adam({ weightDecay: 0.1, rateFactors: { 'dense/kernel': 0 } }) })
    const first = await before.weights()
    const last = await learner.weights()
    const changed = last.filter(({ data }, index) => data.some((value, at) => value !== first[index]!.data[at]))
    expect(changed.map(({ name }) => name)).toEqual(['dense/bias', 'dense_1/kernel', 'dense_1/bias'])
    expect(Object.keys(await learner.slots()).filter(name => name.startsWith('dense/kernel'))).toEqual([])
  })

  it('ends with the slow weights of Lookahead', async () => {
    const { learner } = await trained({}, { optimizer: adam({ lookaheadSteps: 5 }) })
    const slots = await learner.slots()
    for (const { name, data } of await learner.weights()) expect([...data]).toEqual([...slots[`${name}@slow`]!])
  })

  it('counts steps over several calls, so that each goes on where the last ended', async () => {
    const learner = tinyLearner({ dropout: true })
    const rows = tinyRows(learner)
    for (const epochs of [1, 2, 3]) {
      await train(learner, rows, { epochs, initialEpoch: epochs - 1, batchSize: 4, seed: 5 })
    }
    expect(await hash(learner)).toBe((await trained({}, { dropout: true })).hash)
  })

  it.each([
    [{ epochs: 0 }, /"epochs" of fit cannot be used[\s\S]*from 1[\s\S]*0/],
    [{ batchSize: 2.5 }, /"batchSize" of fit cannot be used/],
    [{ seed: -1 }, /"seed" of fit cannot be used/],
    [{ callbacks: [earlyStopping()] }, /"val_loss"[\s\S]*loss, accuracy[\s\S]*give validation data/],
    [{ callbacks: [earlyStopping({ monitor: 'acuracy' })] }, /did you mean "accuracy"/],
  ])('refuses %j', async (options, message) => {
    await expect(trained(options)).rejects.toThrow(message)
  })
})

describe('stopping and going on', () => {
  // By this clock a step takes long, so that every group is one step.
  const clock = steppedClock(100)
  const options = { dropout: true, optimizer: rmsprop({ learningRate: 0.02, decay: 0.01 }), clock }

  /** Trains until `step`, aborts there, and gives the checkpoint after a trip through bytes. */
  async function abortedAt(step: number, make: () => Partial<LoopOptions> = () => ({}), tiny: TinyOptions = options) {
    const controller = new AbortController()
    let saved: Checkpoint | undefined
    const { history } = await trained(
      {
        ...make(),
        signal: controller.signal,
        listeners: [event => void (event.type === 'batch-end' && event.step === step && controller.abort())],
        saveCheckpoint: async checkpoint => {
          saved = decodeCheckpoint(encodeCheckpoint(checkpoint))
        },
      },
      tiny,
    )
    return { history, saved: saved! }
  }

  it.each([1, 4, 6, 11])('after step %i ends there and later gives the bits of an unbroken run', async step => {
    const whole = await trained({}, options)
    const { history, saved } = await abortedAt(step)
    expect(history.endReason).toBe('aborted')
    expect(history.steps).toBe(step)
    expect(saved.progress.step).toBe(step)
    const resumed = await trained({ resume: saved }, options)
    expect(resumed.hash).toBe(whole.hash)
    expect(resumed.history.history).toEqual(whole.history.history)
  })

  it('goes on with averages of the weights and factors of the rate', async () => {
    const rateFactors = { bias: 8, 'dense/kernel': 0 }
    for (const average of [{ useEma: true }, { lookaheadSteps: 3 }]) {
      const tiny = { dropout: true, optimizer: adam({ ...average, rateFactors }), clock }
      const whole = await trained({}, tiny)
      const { saved } = await abortedAt(5, () => ({}), tiny)
      expect((await trained({ resume: saved }, tiny)).hash).toBe(whole.hash)
    }
  })

  it('keeps what callbacks know', async () => {
    const make = (): Partial<LoopOptions> => ({
      epochs: 6,
      // Every epoch is worse than the first in this direction, so it stops after three.
      callbacks: [earlyStopping({ monitor: 'loss', mode: 'max', patience: 2, restoreBestWeights: true })],
    })
    const whole = await trained(make(), options)
    const { saved } = await abortedAt(6, make)
    const resumed = await trained({ ...make(), resume: saved }, options)
    expect(whole.history.endReason).toBe('stopped')
    expect(resumed.history.history).toEqual(whole.history.history)
    expect(resumed.hash).toBe(whole.hash)
  })

  it('does nothing when the signal is aborted already', async () => {
    const { history } = await trained({ signal: AbortSignal.abort() })
    expect(history.endReason).toBe('aborted')
    expect(history.steps).toBe(0)
  })

  it('refuses a checkpoint of other settings', async () => {
    const { saved } = await abortedAt(6)
    await expect(trained({ resume: saved, batchSize: 8 }, options)).rejects.toThrow(/another batchSize/)
    await expect(trained({ resume: saved }, { dropout: true })).rejects.toThrow(/optimizer of the checkpoint/)
  })
})
