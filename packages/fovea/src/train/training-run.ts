/**
 * The bookkeeping of one training: events out to listeners and callbacks, what callbacks may change, history, checkpoints, the
 * reasons to stop. `fit` drives it.
 */
import { UserError } from '../base/errors.ts'
import { sizeOf } from '../base/shape.ts'
import { adaptToData } from '../engine/adapt-to-data.ts'
import type { Averages, Sums } from '../engine/averages.ts'
import { batchesOf } from '../engine/batches.ts'
import type { FeedRows } from '../engine/feed-rows.ts'
import { saveModel } from '../store/model-writers.ts'
import type { Training } from './callbacks/callback.ts'
import { byName, type History } from './callbacks/history.ts'
import { checkMonitors, epochDirections, epochLogs } from './callbacks/monitor.ts'
import { compileWarnings } from './compile-warnings.ts'
import type { EndReason, Logs, TrainEvent } from './events.ts'
import { checkNumbers, type LoopOptions, minutesBetweenSaves } from './fit-options.ts'
import type { Learner } from './learner.ts'
import { renewStatistics } from './renew-statistics.ts'
import { checkpointOf, checkResume, checkStanding, recordsOf, restoreCallbacks, restoreLearner } from './resumption.ts'
import { checkFinite, sampleWarnings } from './sample-warnings.ts'
import { trainedFile } from './training-state.ts'

export interface TrainingRun {
  readonly seed: number
  readonly batchSize: number
  /** Of an epoch. */
  readonly batches: number
  readonly shuffle: boolean
  readonly signal: AbortSignal | undefined
  /** Whether a callback wants to be asked after every step. */
  readonly stepwise: boolean
  /** Where the epoch begins: the step of its first batch, and what was done of it before a resumption. */
  readonly epochBegin: { readonly step: number; readonly batch: number; readonly sums: Sums; readonly rows: number }
  /** Whether a loss that is no finite number ends it, so that somebody wants to know where it comes from. */
  readonly looksForFaults: boolean
  /** The first batch (from 0) of the epoch whose loss was no finite number. */
  readonly failedBatch: number | undefined
  /** Where that comes from, as far as it was found. */
  explain(where: string | undefined): void
  goesOn(): boolean
  aborted(): boolean
  shouldStop(): boolean
  beginEpoch(): Promise<void>
  batchEnd(batch: number, rows: number, logs: Logs, total: Averages): Promise<void>
  /** The states are those of the last batch that was told. */
  groupEnd(): Promise<void>
  validated(logs: Logs, seconds: number): Promise<void>
  endEpoch(logs: Logs): Promise<void>
  /** Adds to the steps done and the milliseconds they took. */
  count(steps: number, ms: number): void
  end(): Promise<History>
}

export async function startRun(learner: Learner, rows: FeedRows, options: LoopOptions): Promise<TrainingRun> {
  const { epochs, batchSize = 32, shuffle = true, seed = 0, callbacks = [], listeners = [], signal, resume } = options
  const batches = batchesOf(rows.count, batchSize, options.dropRemainder)
  checkNumbers('fit', { epochs, batchSize, seed, initialEpoch: options.initialEpoch ?? 0 })
  if (resume) {
    checkResume(resume.progress, { seed, batchSize })
    checkStanding(resume, { epochs, batches, reports: learner.reports })
  }
  const logNames = learner.reports.flatMap(({ logs }) => logs)
  const monitors = epochLogs(logNames, options.validation !== undefined)
  checkMonitors(callbacks, monitors)
  checkFinite(learner.model, rows, 'training')
  if (options.validation) checkFinite(learner.model, options.validation, 'validation')
  if (resume) await restoreLearner(learner, resume)
  await adaptToData(learner.model, learner.engine, rows)
  await learner.prepare(batchSize, rows)

  const { clock } = learner
  const records = resume ? recordsOf(resume) : []
  let epoch = resume?.progress.epoch ?? options.initialEpoch ?? 0
  let epochBegin = {
    step: learner.engine.step - (resume?.progress.batch ?? 0),
    batch: resume?.progress.batch ?? 0,
    sums: resume?.progress.sums ?? {},
    rows: resume?.progress.rows ?? 0,
  }
  const firstEpoch = epoch
  const stopped = resume?.progress.stopped
  let because = stopped && stopped.epochs >= epochs ? stopped.because : undefined
  let epochDone = { batch: epochBegin.batch, sums: epochBegin.sums, rows: epochBegin.rows }
  /** The loss of the last batch was no finite number. */
  let isBroken = false
  /** The first batch of the epoch with such a loss, and the step it was. */
  let failed: { readonly batch: number; readonly step: number } | undefined
  let epochStarted = 0
  let epochWork = { steps: 0, ms: 0 }
  const work = { steps: 0, ms: 0 }
  const started = clock.now()

  const emit = async (event: TrainEvent): Promise<void> => {
    for (const listener of listeners) await listener(event)
    for (const callback of callbacks) await callback.onEvent?.(event, training)
  }
  const training: Training = {
    epochs,
    batches,
    monitors,
    directions: epochDirections(learner.reports),
    get learningRate() {
      return learner.learningRate(learner.engine.step + 1)
    },
    set learningRate(value) {
      learner.setLearningRate(value)
    },
    hasten: learner.hasten,
    stop(reason) {
      because ??= reason
    },
    say: (text, level = 'info') => emit({ type: 'message', level, text }),
    weights: learner.weights,
    setWeights: weights => learner.setWeights(weights),
    renewStatistics: () => renewStatistics(learner, rows, { batchSize, seed }),
    get interrupted() {
      return interrupted()
    },
    async save(path, kind) {
      if (!options.files) throw noFiles(path)
      const notes = await saveModel(options.files, path, async keepsTraining => ({
        ...options.about,
        ...(keepsTraining ? await trainedFile(learner) : { weights: await learner.weights() }),
      }))
      for (const note of notes.filter(text => !learner.said.has(text))) {
        learner.said.add(note)
        await training.say(note, 'warning')
      }
      await emit({ type: 'checkpoint', epoch: epoch + 1, path, kind })
    },
    ...(options.files && { files: options.files }),
  }
  const aborted = (): boolean => signal?.aborted ?? false
  const interrupted = (): boolean => aborted() && epoch < epochs

  const unsaved = async (error: unknown): Promise<void> => {
    if (!options.keepTraining || !(error instanceof UserError)) throw error
    await training.say(`${error.message}\nTraining goes on.`, 'warning')
  }
  let saved = clock.now()
  const saveCheckpoint = async (): Promise<void> => {
    saved = clock.now()
    // Nothing comes back from weights that are no numbers: the checkpoint before is the one to go on from.
    if (!options.saveCheckpoint || isBroken) return
    const standing = {
      seed,
      batchSize,
      epoch,
      ...epochDone,
      ...(because !== undefined && { stopped: { because, epochs } }),
    }
    const checkpoint = await checkpointOf(learner, options.about ?? {}, callbacks, records, standing)
    await options.saveCheckpoint(checkpoint).catch(unsaved)
  }

  await emit({
    type: 'train-begin',
    model: learner.model.name,
    params: learner.model.weights.reduce((sum, weight) => sum + sizeOf(weight.shape), 0),
    samples: rows.count,
    validationSamples: options.validation?.count ?? 0,
    batchSize,
    batches,
    firstEpoch: epoch + 1,
    epochs,
    seed,
    learningRate: training.learningRate,
    device: learner.engine.info!.device,
    threads: learner.engine.info!.threads,
    compileSeconds: learner.engine.compileSeconds,
    memoryBytes: learner.engine.info!.memoryBytes,
  })
  for (const text of options.notes ?? []) await training.say(text, 'warning')
  for (const text of await warningsOf(learner, rows, options)) await training.say(text, 'warning')
  for (const callback of callbacks) await callback.onTrainBegin?.(training)
  if (resume) await restoreCallbacks(callbacks, resume, training)

  return {
    seed,
    batchSize,
    batches,
    shuffle,
    signal,
    stepwise: callbacks.some(callback => callback.onBatchEnd !== undefined),
    get epochBegin() {
      return epochBegin
    },
    looksForFaults: callbacks.some(({ name }) => name === 'terminateOnNaN'),
    get failedBatch() {
      return failed?.batch
    },
    explain(where) {
      if (because === undefined || !failed) return
      const rate = Number(learner.learningRate(failed.step).toPrecision(4))
      const parts = [`epoch ${epoch + 1}`, `step ${failed.step}`, `learning rate ${rate}`, ...(where ? [where] : [])]
      because = `${because} (${parts.join(', ')})`
    },
    goesOn: () => epoch < epochs && because === undefined && !aborted(),
    aborted,
    shouldStop: () => because !== undefined || aborted(),
    async beginEpoch() {
      epochStarted = clock.now()
      epochWork = { steps: 0, ms: 0 }
      failed = undefined
      // A resumed epoch began before; its beginning is not told twice.
      if (epochBegin.batch === 0) {
        for (const callback of callbacks) await callback.onEpochBegin?.(epoch, training)
      }
      await emit({ type: 'epoch-begin', epoch: epoch + 1, epochs, learningRate: training.learningRate })
    },
    async batchEnd(batch, rowCount, batchLogs, total) {
      epochDone = { batch: batch + 1, sums: total.sums, rows: total.rows }
      isBroken = !Number.isFinite(batchLogs['loss'])
      if (isBroken) failed ??= { batch, step: epochBegin.step + batch + 1 }
      await emit({
        type: 'batch-end',
        epoch: epoch + 1,
        batch: batch + 1,
        batches,
        step: epochBegin.step + batch + 1,
        rows: rowCount,
        batchLogs,
        logs: total.means(),
      })
      for (const callback of callbacks) await callback.onBatchEnd?.(batch, batchLogs, training)
    },
    async groupEnd() {
      const minutes = (clock.now() - saved) / 60_000
      if (minutes >= (options.saveEvery ?? minutesBetweenSaves)) await saveCheckpoint()
    },
    validated: (logs, seconds) => emit({ type: 'validation', epoch: epoch + 1, logs, seconds }),
    async endEpoch(logs) {
      const seconds = (clock.now() - epochStarted) / 1000
      const { learningRate } = training
      records.push({ epoch: epoch + 1, logs, learningRate, seconds })
      const msPerStep = epochWork.ms / Math.max(1, epochWork.steps)
      await emit({ type: 'epoch-end', epoch: epoch + 1, epochs, logs, learningRate, seconds, msPerStep })
      for (const callback of callbacks) await callback.onEpochEnd?.(epoch, logs, training)
      epoch++
      epochBegin = { step: learner.engine.step, batch: 0, sums: {}, rows: 0 }
      epochDone = { batch: 0, sums: {}, rows: 0 }
      await saveCheckpoint()
    },
    count(steps, ms) {
      epochWork = { steps: epochWork.steps + steps, ms: epochWork.ms + ms }
      work.steps += steps
      work.ms += ms
    },
    async end() {
      if (interrupted()) await saveCheckpoint()
      else await averageToWeights(learner)
      for (const callback of callbacks) await callback.onTrainEnd?.(training)
      const endReason: EndReason = because !== undefined ? 'stopped' : interrupted() ? 'aborted' : 'completed'
      const seconds = (clock.now() - started) / 1000
      await emit({
        type: 'train-end',
        reason: endReason,
        ...(because !== undefined && { because }),
        epochsDone: epoch - firstEpoch,
        steps: work.steps,
        seconds,
      })
      return {
        history: byName(records),
        epoch: records.map(record => record.epoch - 1),
        epochs: records,
        endReason,
        ...(because !== undefined && { because }),
        steps: work.steps,
        seconds,
        msPerStep: work.ms / Math.max(1, work.steps),
      }
    },
  }
}

/** What has not been said of this model before. */
async function warningsOf({ model, setup, said }: Learner, rows: FeedRows, options: LoopOptions): Promise<string[]> {
  const texts = [...compileWarnings(model, setup), ...(await sampleWarnings(model, setup, rows, options))]
  const fresh = texts.filter(text => !said.has(text))
  for (const text of fresh) said.add(text)
  return fresh
}

/** With `useEma` or Lookahead, the average of the weights takes their place when training is over. */
async function averageToWeights({ setup, engine }: Learner): Promise<void> {
  const { average } = setup.optimizer
  if (!average || engine.step === 0) return
  const ending = `@${average.slot}`
  const averages = Object.entries(await engine.readStates(name => name.endsWith(ending)))
  await engine.writeStates(Object.fromEntries(averages.map(([name, value]) => [name.slice(0, -ending.length), value])))
}

function noFiles(path: string): UserError {
  return new UserError({
    what: `${path} cannot be written: there are no files here`,
    fix: 'give the model a host with files, or keep the weights that getWeights() returns',
  })
}
