/** Stopping and going on: what of a running training goes into a checkpoint, and how it comes out again. */
import { type Problem, UserError } from '../base/errors.ts'
import type { NumericArray } from '../base/shape.ts'
import type { Checkpoint, Progress } from '../store/checkpoint.ts'
import type { ModelFile } from '../store/model-file.ts'
import type { Callback, Training } from './callbacks/callback.ts'
import type { EpochRecord } from './callbacks/history.ts'
import type { Learner } from './learner.ts'

/** Where training stands, but for what learner, callbacks and history know. */
export type Standing = Pick<Progress, 'seed' | 'batchSize' | 'epoch' | 'batch' | 'sums' | 'rows' | 'stopped'>

export async function checkpointOf(
  learner: Learner,
  about: Omit<ModelFile, 'weights'>,
  callbacks: readonly Callback[],
  records: readonly EpochRecord[],
  standing: Standing,
): Promise<Checkpoint> {
  const states = callbacks.map((callback, index) => [stateName(callback, index), callback.state?.()] as const)
  const kept: Record<string, NumericArray> = {}
  for (const [name, state] of states) {
    for (const [key, array] of Object.entries(state?.arrays ?? {})) kept[`${name}:${key}`] = array
  }
  const pace = learner.pace()
  return {
    file: { ...about, weights: await learner.weights() },
    states: await learner.slots(),
    kept,
    progress: {
      ...standing,
      step: learner.engine.step,
      learningRate: learner.learningRate(learner.engine.step + 1),
      history: records.map(({ epoch, logs, learningRate, seconds }) => ({ epoch, learningRate, seconds, ...logs })),
      callbacks: Object.fromEntries(states.flatMap(([name, state]) => (state ? [[name, state.values]] : []))),
      ...(pace.factor !== 1 && { pace }),
    },
  }
}

/** Gives the learner the checkpoint's weights, optimizer state, step and learning rate. */
export async function restoreLearner(learner: Learner, checkpoint: Checkpoint): Promise<void> {
  const { file, states, progress } = checkpoint
  await learner.setWeights(file.weights, 'the checkpoint')
  const own = await learner.slots()
  const missing = Object.keys(own).filter(name => states[name]?.length !== own[name]!.length)
  const unknown = Object.keys(states).filter(name => !Object.hasOwn(own, name))
  if (missing.length > 0 || unknown.length > 0) {
    throw new UserError({
      what: 'The optimizer of the checkpoint is not that of the model',
      expected: Object.keys(own).slice(0, 4).join(', ') || 'no optimizer state',
      received: Object.keys(states).slice(0, 4).join(', ') || 'no optimizer state',
      fix: 'compile with the same optimizer as the run that wrote the checkpoint',
    })
  }
  await learner.engine.writeStates(states, progress.step)
  if (progress.pace) learner.setPace(progress.pace)
  // What a schedule says of a step holds, also where the recipe has been given more epochs.
  if (typeof learner.setup.optimizer.learningRate !== 'number') return
  if (progress.learningRate !== learner.learningRate(progress.step + 1)) learner.setLearningRate(progress.learningRate)
}

/** The same standing, going on at another rate. */
export const withLearningRate = ({ progress, ...rest }: Checkpoint, learningRate: number): Checkpoint => ({
  ...rest,
  progress: { ...progress, learningRate },
})

export async function restoreCallbacks(
  callbacks: readonly Callback[],
  checkpoint: Checkpoint,
  training: Training,
): Promise<void> {
  for (const [index, callback] of callbacks.entries()) {
    const name = stateName(callback, index)
    if (!Object.hasOwn(checkpoint.progress.callbacks, name)) continue
    const values = checkpoint.progress.callbacks[name]!
    const arrays = Object.entries(checkpoint.kept).flatMap(([key, array]) =>
      key.startsWith(`${name}:`) ? [[key.slice(name.length + 1), array] as const] : [],
    )
    const state = {
      values,
      ...(arrays.length > 0 && { arrays: Object.fromEntries(arrays) }),
    }
    await callback.restore?.(state, training)
  }
}

type Chosen = Pick<Progress, 'seed' | 'batchSize'>

/** Throws UserError when training cannot go on with these options from where it stood. */
export function checkResume(progress: Chosen, options: Chosen): void {
  const problems: Problem[] = (['seed', 'batchSize'] as const)
    .filter(name => progress[name] !== options[name])
    .map(name => ({
      what: `Training cannot go on with another ${name} than it began with`,
      expected: String(progress[name]),
      received: String(options[name]),
    }))
  if (problems.length > 0) throw new UserError(problems)
}

interface Way {
  readonly epochs: number
  /** Of an epoch. */
  readonly batches: number
  /** What is summed over an epoch. */
  readonly reports: Learner['reports']
}

/** Throws UserError when training stands further than it is to go, or where these samples and metrics cannot have brought it. */
export function checkStanding({ progress }: Checkpoint, { epochs, batches, reports }: Way): void {
  const summed = Object.keys(progress.sums)
  const isKept = ({ name, overPredictions }: Way['reports'][number]): boolean =>
    overPredictions === undefined
      ? typeof progress.sums[name] === 'number'
      : sumsOf(progress.sums[name]) === sumCount(overPredictions)
  if (progress.batch > 0 && !(summed.length === reports.length && reports.every(isKept))) {
    throw new UserError({
      what: 'Training cannot go on with other metrics within an epoch',
      expected: summed.join(', ') || 'none',
      received: reports.map(({ name }) => name).join(', '),
      fix: 'compile with the loss and metrics of the run that wrote the checkpoint',
    })
  }
  if (progress.epoch > epochs) {
    throw new UserError({
      what: 'Training is further than it is to go',
      expected: `epochs of at least ${progress.epoch}: so many are done`,
      received: String(epochs),
    })
  }
  if (progress.batch > batches) {
    throw new UserError({
      what: 'Training cannot go on with fewer samples than it began with',
      expected: `an epoch of more than ${progress.batch} batches: so many of it are done`,
      received: String(batches),
      fix: 'Give the samples that the checkpoint was trained on.',
    })
  }
}

/** How many sums a metric over predictions keeps. */
const sumCount = ({ output, metric }: NonNullable<Way['reports'][number]['overPredictions']>): number =>
  metric.formula.size([1, ...output.shape])

const sumsOf = (kept: unknown): number | undefined => (Array.isArray(kept) ? kept.length : undefined)

export function recordsOf({ progress }: Checkpoint): EpochRecord[] {
  return progress.history.map(({ epoch, learningRate, seconds, ...logs }) => ({
    epoch: epoch!,
    learningRate: learningRate!,
    seconds: seconds!,
    logs,
  }))
}

const stateName = (callback: Callback, index: number): string => `${index}-${callback.name ?? 'callback'}`
