/**
 * A model bound to its optimizer, losses, metrics and device: what fit, evaluate and predict work on. It knows the training steps
 * done, the learning rate, and the weights in Keras's order; its program is in live-program.ts.
 */
import { UserError } from '../base/errors.ts'
import type { Host } from '../base/host.ts'
import type { NumericArray } from '../base/shape.ts'
import type { Model } from '../network/model.ts'
import { targetOf } from '../objectives/losses.ts'
import { planOutputs, type Report, reportsOf } from '../objectives/plan-outputs.ts'
import { learningRateAt } from '../optimizer/optimizer.ts'
import { initialOptimizerState } from '../optimizer/step.ts'
import type { Device, Feed, FeedSlots, Numerics, ProgramInfo, StepOutputs } from '../runtime/device.ts'
import { matchWeights, type NamedWeight } from '../store/model-file.ts'
import { stepKey } from './batches.ts'
import { liveProgram, type ProgramNeed, type TrainingSetup } from './live-program.ts'
import type { Slot } from './target-column.ts'

/** What training needs to know of time and of pending events. */
export type Clock = Pick<Host, 'now' | 'yieldToEvents'>

export interface TrainerOptions {
  readonly model: Model
  /** Missing for a model that only predicts. */
  readonly setup?: TrainingSetup
  readonly device: Device
  readonly clock: Clock
  readonly threads?: number
  readonly numerics?: Numerics
  /** By weight name. */
  readonly weights: Readonly<Record<string, ArrayLike<number>>>
  /** Warnings given before; each is given once. */
  readonly said?: Set<string>
}

export interface Trainer {
  readonly model: Model
  readonly setup?: TrainingSetup
  readonly clock: Clock
  /** The form of every target, batch axis first as -1. */
  readonly targets: readonly Slot[]
  /** `loss`, `accuracy` …: what training and evaluation give, in order. */
  readonly reports: readonly Report[]
  /** Warnings given so far; each is given once. */
  readonly said: Set<string>
  /** Training steps done so far; Keras's `optimizer.iterations`. */
  step: number
  /** The base learning rate of a step (from 1). Setting a number replaces the optimizer's; not possible with a schedule. */
  learningRate(step: number): number
  setLearningRate(value: number): void
  /** Makes sure that there is a program for this; gives the rows one of its steps can take. */
  prepare(need: ProgramNeed): Promise<number>
  run(need: ProgramNeed, steps: number, feed: Feed): Promise<StepOutputs[]>
  /** Fills what a training step takes besides its rows: the random key and the optimizer's scalars of step `step` (from 0). */
  feedStep(slots: FeedSlots, seed: number, step: number): void
  /** Of the program in use; undefined before the first. */
  readonly info: ProgramInfo | undefined
  /** Wall time of all compilations so far. */
  readonly compileSeconds: number
  weights(): Promise<NamedWeight[]>
  setWeights(weights: readonly NamedWeight[], source?: string): Promise<void>
  /** Everything but the weights: optimizer slots. */
  slots(): Promise<Record<string, NumericArray>>
  writeStates(values: Readonly<Record<string, ArrayLike<number>>>): Promise<void>
  dispose(): Promise<void>
}

export function createTrainer(options: TrainerOptions): Trainer {
  const { model, setup, clock } = options
  const live = liveProgram({
    ...options,
    states: { ...(setup && initialOptimizerState(model, setup.optimizer)), ...options.weights },
  })
  const plans = setup ? planOutputs(model, setup) : []
  const weightNames = new Set(model.weights.map(weight => weight.name))
  let rate: number | undefined

  const learningRate = (step: number): number => rate ?? (setup ? learningRateAt(setup.optimizer, step) : 0)
  const checked = (need: ProgramNeed): ProgramNeed => {
    if (need.entry === 'predict' || setup) return need
    throw notCompiled(need.entry === 'gradients' ? 'compute gradients' : need.entry)
  }

  return {
    model,
    ...(setup && { setup }),
    clock,
    targets: plans.map(({ output, loss }) => {
      const form = targetOf(loss, output.shape)
      return { ...form, name: `target:${output.name}`, shape: [-1, ...form.shape] }
    }),
    reports: setup ? reportsOf(plans) : [],
    said: options.said ?? new Set(),
    step: 0,
    learningRate,
    setLearningRate(value) {
      if (setup && typeof setup.optimizer.learningRate !== 'number') throw rateIsScheduled()
      rate = value
    },
    prepare: async need => live.prepare(checked(need)),
    run: async (need, steps, feed) => live.run(checked(need), steps, feed),
    feedStep(slots, seed, step) {
      const scalars = setup!.optimizer.scalars(step + 1, learningRate(step + 1))
      for (const [name, value] of Object.entries(scalars)) slots[`scalar:${name}`]?.fill(value)
      slots['randomKey']?.set(stepKey(seed, step))
    },
    get info() {
      return live.info
    },
    get compileSeconds() {
      return live.compileSeconds
    },
    async weights() {
      const values = await live.readStates(name => weightNames.has(name))
      return model.weights.map(({ name, shape }) => ({ name, shape, data: new Float32Array(values[name]!) }))
    },
    async setWeights(weights, source) {
      await live.writeStates(matchWeights(weights, model.weights, source))
    },
    async slots() {
      const values = await live.readStates(name => !weightNames.has(name))
      return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, asArray(value)]))
    },
    writeStates: live.writeStates,
    dispose: live.dispose,
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
