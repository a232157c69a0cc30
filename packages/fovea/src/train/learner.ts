/**
 * A model with what it learns by, an optimizer, losses and metrics, on an engine: what `fit` works on. It knows the learning rate, and
 * fills what a training step takes besides its rows. The engine counts the steps.
 */
import { UserError } from '../base/errors.ts'
import type { NumericArray } from '../base/shape.ts'
import { stepKey } from '../engine/batches.ts'
import { createEngine, type Engine, type EngineOptions, type EntryNeed } from '../engine/engine.ts'
import type { Differentiated, Measured, TrainSlots } from '../engine/entry.ts'
import { createEvaluator, type Evaluator } from '../engine/evaluator.ts'
import { type FeedRows, inputTypesOf } from '../engine/feed-rows.ts'
import { fillPartners, mixScalars } from '../engine/mixed-batch.ts'
import { readWeights, writeWeights } from '../engine/model-weights.ts'
import type { Clock } from '../engine/steps.ts'
import {
  gradientsEntry,
  initialOptimizerState,
  type TrainingSetup,
  type TrainMaker,
  trainEntry,
} from '../engine/train-entry.ts'
import type { Model } from '../network/model.ts'
import { mixingsOf } from '../objectives/mixing.ts'
import { learningRateAt } from '../optimizer/optimizer.ts'
import type { Pace } from '../store/checkpoint.ts'
import type { NamedWeight } from '../store/model-file.ts'

/** Another network over the same weights, which the first steps of a training go through. */
export interface EarlierModel {
  /** Steps from 0 up to this one. */
  readonly untilStep: number
  readonly model: Model
  /** Name of its training step in the program. */
  readonly entry: string
}

export interface LearnerOptions extends Omit<EngineOptions, 'states'> {
  readonly model: Model
  readonly setup: TrainingSetup
  readonly clock: Clock
  /** By weight name. */
  readonly weights: Readonly<Record<string, ArrayLike<number>>>
  /** Warnings given before; each is given once. */
  readonly said?: Set<string> | undefined
  /** In the order of their steps. */
  readonly earlier?: readonly EarlierModel[] | undefined
}

/** What a learner computes on. */
export type LearnerPlace = Omit<LearnerOptions, 'model' | 'setup' | 'weights' | 'said' | 'earlier'>

/** Rows of a step. */
type StepSize = Pick<EntryNeed, 'batch' | 'match'>
type RowFeed = (step: number, slots: TrainSlots) => number | Promise<number>

export interface Learner extends Evaluator {
  readonly model: Model
  readonly setup: TrainingSetup
  readonly clock: Clock
  readonly engine: Engine
  /** What it computes on: another learner beside it takes the same. */
  readonly place: LearnerPlace
  /** Warnings given so far; each is given once. */
  readonly said: Set<string>
  /** The base learning rate of a step (from 1). Setting a number replaces the optimizer's; not possible with a schedule. */
  learningRate(step: number): number
  setLearningRate(value: number): void
  /** From here on the schedule of the rate goes by so many times as fast: 1 is as it was made. */
  hasten(factor: number): void
  pace(): Pace
  setPace(pace: Pace): void
  /** Makes sure that there is an entry for batches of exactly this size; evaluation takes as many from here on. */
  prepare(batch: number, rows: FeedRows): Promise<void>
  /** Training steps. `seed`: of dropout and augmentation. */
  train(rows: FeedRows, size: StepSize, seed: number, steps: number, feed: RowFeed): Promise<Measured[]>
  /** The gradients that the next training step would use. */
  differentiate(rows: FeedRows, seed: number, feed: RowFeed): Promise<Differentiated>
  weights(): Promise<NamedWeight[]>
  setWeights(weights: readonly NamedWeight[], source?: string): Promise<void>
  /** Everything but the weights: optimizer slots. */
  slots(): Promise<Record<string, NumericArray>>
  dispose(): Promise<void>
}

/** Throws UserError when losses, metrics, mixing and outputs do not go together. */
export function createLearner(options: LearnerOptions): Learner {
  const { model, setup, weights, said = new Set(), earlier = [], ...place } = options
  const { clock } = place
  const engine = createEngine({
    ...place,
    states: { ...initialOptimizerState(model, setup.optimizer), ...weights },
  })
  const makers = { train: trainEntry(model, setup), gradients: gradientsEntry(model, setup) }
  const earlierMakers = earlier.map(({ untilStep, model, entry }) => ({
    untilStep,
    maker: trainEntry(model, setup, entry),
  }))
  /** Of the next step. */
  const trainMaker = (): TrainMaker =>
    earlierMakers.find(({ untilStep }) => engine.step < untilStep)?.maker ?? makers.train
  const weightNames = new Set(model.weights.map(weight => weight.name))
  /** Rows of a step of `fit`. */
  let fitted: number | undefined
  let rate: number | undefined

  let pace: Pace = { step: 0, at: 0, factor: 1 }

  const placeOf = (step: number): number => Math.floor(pace.at + (step - pace.step) * pace.factor)
  const learningRate = (step: number): number => rate ?? learningRateAt(setup.optimizer, placeOf(step))
  const evaluator = createEvaluator({ model, objectives: setup, engine, clock, trainedBatch: () => fitted })
  const need = (rows: FeedRows, size: StepSize): EntryNeed => ({ ...size, inputTypes: inputTypesOf(model, rows) })

  const mixings = mixingsOf(setup.mixing)

  /** Fills the random key and the scalars of the step after those that are done. */
  function fillStep({ scalars, randomKey }: TrainSlots, seed: number, index: number): void {
    const step = engine.step + index
    const values = {
      ...setup.optimizer.scalars(step + 1, learningRate(step + 1), placeOf(step + 1)),
      ...(mixings.length > 0 && mixScalars(mixings, model, seed, step)),
    }
    for (const [name, slot] of Object.entries(scalars)) slot.fill(values[name]!)
    randomKey?.set(stepKey(seed, step))
  }

  /** Fills all that a step takes, the rows by `feed`. */
  const feeding =
    (rows: FeedRows, seed: number, feed: RowFeed) =>
    (index: number, slots: TrainSlots): number | Promise<number> => {
      fillStep(slots, seed, index)
      const fed = feed(index, slots)
      if (mixings.length === 0) return fed
      const withPartners = (n: number): number => {
        fillPartners(rows, slots, n)
        return n
      }
      return typeof fed === 'number' ? withPartners(fed) : fed.then(withPartners)
    }

  return {
    ...evaluator,
    model,
    setup,
    clock,
    engine,
    place,
    said,
    learningRate,
    setLearningRate(value) {
      if (typeof setup.optimizer.learningRate !== 'number') throw rateIsScheduled()
      rate = value
    },
    hasten(factor) {
      const { step } = engine
      pace = { step, at: pace.at + (step - pace.step) * pace.factor, factor }
    },
    pace: () => pace,
    setPace(given) {
      pace = given
    },
    async prepare(batch, rows) {
      await engine.prepare(trainMaker(), need(rows, { batch, match: 'exact' }))
      fitted = batch
    },
    train: (rows, size, seed, steps, feed) =>
      engine.run(trainMaker(), need(rows, size), steps, feeding(rows, seed, feed)),
    async differentiate(rows, seed, feed) {
      const size = { batch: rows.count, match: 'atLeast' } as const
      const [result] = await engine.run(makers.gradients, need(rows, size), 1, feeding(rows, seed, feed))
      return result!
    },
    weights: () => readWeights(model, engine),
    setWeights: (given, source) => writeWeights(model, engine, given, source),
    async slots() {
      const values = await engine.readStates(name => !weightNames.has(name))
      return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, asArray(value)]))
    },
    dispose: engine.dispose,
  }
}

function asArray(values: ArrayLike<number>): NumericArray {
  return values instanceof Float32Array || values instanceof Float64Array ? values : Float32Array.from(values)
}

export function notCompiled(verb: string): UserError {
  return new UserError({
    what: `The model cannot ${verb}: it has no loss and no optimizer`,
    expected: 'a compiled model',
    fix: "call compile({optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy']}) first",
  })
}

export function rateIsScheduled(): UserError {
  return new UserError({
    what: 'The learning rate cannot be set: the optimizer has a schedule for it',
    fix: 'give the optimizer a number, or leave out the callback that sets the rate',
  })
}
