/**
 * A recipe from data to result, stage by stage: the run directory opened, the beginning told, training with its callbacks, the best weights
 * loaded again, the test, and what is kept of it.
 */
import { nameOfDataset } from '../base/dataset-choice.ts'
import { InternalError, UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import type { Dataset } from '../data/dataset.ts'
import { perClass } from '../data/describe.ts'
import { bytesHeld } from '../data/memory-source.ts'
import type { PictureSource } from '../data/picture-source.ts'
import type { Evaluation } from '../engine/evaluator.ts'
import type { FeedRows } from '../engine/feed-rows.ts'
import { labelledPictures } from '../engine/picture-rows.ts'
import { taughtRows } from '../engine/taught-rows.ts'
import { summary } from '../network/summary.ts'
import { initialWeights, parameterCounts } from '../network/weights.ts'
import { classWeightsOf } from '../recipes/class-weights.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { describeData, recipeToJson } from '../recipes/recipe-parts.ts'
import { bestEpoch, epochReports, otherMetrics, type TrainReport } from '../run/report.ts'
import { encodeRunPictures, runPictures } from '../run/run-pictures.ts'
import { encodeSamples } from '../run/samples.ts'
import { encodeTestFile } from '../run/test-file.ts'
import { writeCheckpoint } from '../store/checkpoint-files.ts'
import { encodeModelFile } from '../store/model-encoder.ts'
import { decodeModelFile, type ModelFile } from '../store/model-file.ts'
import { type PatientFiles, patientFiles } from '../store/patient-files.ts'
import { weightsSha256 } from '../store/weights-hash.ts'
import type { History } from '../train/callbacks/history.ts'
import { modelCheckpoint } from '../train/callbacks/model-checkpoint.ts'
import { terminateOnNaN } from '../train/callbacks/terminate-on-nan.ts'
import { limitIn, type TimeLimitOptions, timeLimit } from '../train/callbacks/time-limit.ts'
import type { EndReason, TrainEvent } from '../train/events.ts'
import { fit } from '../train/fit.ts'
import { fitOnFeatures } from '../train/fit-on-features.ts'
import type { Learner } from '../train/learner.ts'
import { firstWeights, isAtBeginning, trainHead } from './beginning.ts'
import { embedOwnPictures } from './own-pictures.ts'
import { callbacksOf, learningRateOf } from './recipe-callbacks.ts'
import { learnerOf, type RecipeJob, type RunRecipeOptions, recipeJob, withRecipe } from './recipe-job.ts'
import { lockRunFolder, openRunFolder, type RunFolder } from './run-folder.ts'
import { countUnits } from './run-units.ts'
import { timedOnFeatures, timedRecipe } from './timed-recipe.ts'

/** What `runRecipe` gives. */
export interface RecipeRun {
  readonly report: TrainReport
  readonly endReason: EndReason
  readonly history: History
  /** The model as it was tested (or as it stood when training was interrupted). */
  readonly model: ModelFile
  /** Files that could not be written; only with `keepTraining` is that no error. */
  readonly unsaved: readonly string[]
}

/** Throws UserError when recipe, data set and options do not go together. */
export async function runRecipe(given: RecipeConfig, loaded: Dataset, options: RunRecipeOptions): Promise<RecipeRun> {
  const asked = await recipeJob(given, loaded, options)
  const unlock = await lockRunFolder(options)
  const patient = options.keepTraining && options.files ? goingOnWithout(options.files, options) : undefined
  try {
    const run = await runJob(asked, patient ? { ...options, files: patient } : options)
    return { ...run, unsaved: (await patient?.settle()) ?? [] }
  } finally {
    await unlock()
  }
}

/** Says once what it goes on without. */
function goingOnWithout(files: Files, { onEvent }: RunRecipeOptions): PatientFiles {
  return patientFiles(files, ({ problems: [{ what, received } = { what: '' }] }) => {
    const why = received === undefined ? '' : `: ${received}`
    const text = `${what}${why}. Training goes on, and tries again with every further file.`
    // Nobody waits for it: the story of the run may be what is being written.
    void Promise.resolve(onEvent?.({ type: 'message', level: 'warning', text })).catch(() => {})
  })
}

async function runJob(asked: RecipeJob, options: RunRecipeOptions): Promise<Omit<RecipeRun, 'unsaved'>> {
  const folder = await openRunFolder(asked, options)
  const { job, told } = await timedJob(asked, options)
  await tellBeginning(job, folder, told)
  const learner = learnerOf(job, options, await firstWeights(job, options.files, folder.resume))
  try {
    const trained = await trainRecipe(job, folder, learner, options)
    const { yieldToEvents } = options.clock
    // What follows is done at once by whoever has it all in memory: a page goes on between.
    await yieldToEvents()
    const model = await modelToTest(job, folder, learner, trained)
    await yieldToEvents()
    const test = trained.history.endReason === 'aborted' ? undefined : await testOf(job, learner, options.signal)
    await yieldToEvents()
    const report = reportOf(job, folder, learner, trained, test ?? undefined)
    await yieldToEvents()
    const interrupted = test === undefined
    if (!interrupted) await keepResult(job, folder, { model, test, report }, learner, options)
    return { report, endReason: interrupted ? 'aborted' : trained.history.endReason, history: trained.history, model }
  } finally {
    await learner.dispose()
  }
}

/** The job as it is, or as long as the minutes that are asked for. */
async function timedJob(
  job: RecipeJob,
  options: RunRecipeOptions,
): Promise<{ readonly job: RecipeJob; readonly told: readonly string[] }> {
  const { minutes, signal } = options
  if (minutes === undefined) return { job, told: [] }
  // On whole pictures: epochs on smaller ones are over sooner.
  const whole = withRecipe(job, { ...job.recipe, sizes: undefined })
  const learner = learnerOf(whole, options, initialWeights(job.model, job.recipe.seed))
  const { validation } = job.data
  const parts = {
    train: trainingRowsOf(job, learner),
    ...(validation && { validation: recipeRows(job, learner, validation) }),
  }
  try {
    const timed = job.recipe.from?.cacheFeatures
      ? await timedOnFeatures(job.recipe, minutes, learner, parts, signal)
      : await timedRecipe(job.recipe, minutes, learner, parts, signal)
    return timed ? { job: withRecipe(job, timed.recipe), told: [timed.told] } : { job, told: [] }
  } finally {
    await learner.dispose()
  }
}

/** What is trained on what, to the run file and to listeners; and pictures of the data. */
async function tellBeginning(
  job: RecipeJob,
  { files, path, pathOf, log, listeners, resume }: RunFolder,
  told: readonly string[],
): Promise<void> {
  const { recipe, dataset, data, model, limit } = job
  await log.add({
    type: 'run',
    recipe: recipeToJson(recipe),
    limit: limit ?? null,
    resumed: !!resume,
    date: new Date().toISOString(),
    perClass: perClass(data.train),
  } as never)
  for (const text of [...describeData(recipe, dataset, data), ...summary(model).split('\n'), ...told]) {
    for (const listener of listeners) await listener({ type: 'message', level: 'info', text })
  }
  if (path === null) return
  await files.write(pathOf('samples'), await encodeSamples(dataset, model, recipe.seed))
  const pictures = runPictures(nameOfDataset(recipe.dataset), data)
  if (pictures) await files.write(pathOf('pictures'), encodeRunPictures(pictures))
}

type TrainBegin = Extract<TrainEvent, { type: 'train-begin' }>

interface Trained {
  readonly history: History
  /** Of the last epoch. */
  readonly weights: ModelFile['weights']
  /** What training began with: of the program that is gone where it ran on kept features. */
  readonly begun: TrainBegin
  /** Of the head alone. */
  readonly secondsBefore: number
}

export const recipeRows = ({ model }: RecipeJob, { targets }: Learner, pictures: PictureSource): FeedRows =>
  labelledPictures(model, targets, pictures)

/** Class weights are for learning alone: validation and test count every picture once. */
export function trainingRowsOf({ recipe, model, data, taught }: RecipeJob, { targets }: Learner): FeedRows {
  const rows = labelledPictures(model, targets, data.train, { classWeight: classWeightsOf(recipe, data.train) })
  return recipe.teacher && taught ? taughtRows(rows, model.outputs[0]!, taught, recipe.teacher) : rows
}

/** Of a rate that no schedule lowers, the recipe says it epoch by epoch. */
function limitOf(recipe: RecipeConfig, seconds: number, { clock }: Learner): TimeLimitOptions {
  const bySteps = recipe.learningRateByEpoch.length > 0
  return { seconds, clock, ...(bySteps && { rateOf: (epoch: number) => learningRateOf(recipe, epoch) }) }
}

/** Throws UserError for a training that broke down. */
async function trainRecipe(
  job: RecipeJob,
  { files, pathOf, listeners, resume, notes }: RunFolder,
  learner: Learner,
  { signal, minutes, saveEvery }: RunRecipeOptions,
): Promise<Trained> {
  const { recipe, data, about } = job
  const { epochs, batchSize, shuffle, dropRemainder, seed } = recipe
  const rows = trainingRowsOf(job, learner)
  const loop = {
    ...{ batchSize, shuffle, dropRemainder, seed },
    ...(data.validation && { validation: recipeRows(job, learner, data.validation) }),
    ...(signal && { signal }),
  }
  let begun: TrainBegin | undefined
  const head = isAtBeginning(resume) ? await trainHead(recipe, learner, rows, loop) : undefined
  for (const listener of head ? listeners : []) await listener({ type: 'message', level: 'info', text: head!.text })
  const seconds =
    minutes === undefined ? limitIn(resume?.progress.callbacks ?? {}) : 60 * minutes - (head?.seconds ?? 0)
  const train = recipe.from?.cacheFeatures ? fitOnFeatures : fit
  const history = await train(learner, rows, {
    ...loop,
    epochs,
    callbacks: [
      ...callbacksOf(recipe),
      ...(recipe.test === 'best' ? [modelCheckpoint({ filepath: pathOf('best') })] : []),
      ...(seconds === undefined ? [] : [timeLimit(limitOf(recipe, seconds, learner))]),
      // No recipe comes back from a loss that is not a number.
      terminateOnNaN(),
    ],
    listeners: [
      ...listeners,
      event => {
        if (event.type === 'train-begin') begun = event
      },
    ],
    files,
    about,
    saveCheckpoint: checkpoint => writeCheckpoint(files, pathOf('checkpoint'), checkpoint),
    ...(saveEvery !== undefined && { saveEvery }),
    notes,
    ...(resume && { resume: head ? { ...resume, file: { ...about, weights: await learner.weights() } } : resume }),
  })
  checkSound(recipe, history)
  if (!begun) throw new InternalError('train', 'nobody was told that training began')
  return { history, weights: await learner.weights(), begun, secondsBefore: head?.seconds ?? 0 }
}

/** Writes the last model where the recipe tests that, and loads the weights it tests. */
async function modelToTest(
  { recipe, about }: RecipeJob,
  { files, pathOf }: RunFolder,
  learner: Learner,
  { history, weights }: Trained,
): Promise<ModelFile> {
  const last = { ...about, weights }
  if (recipe.test === 'last') await files.write(pathOf('model'), encodeModelFile(last))
  if (history.endReason === 'aborted') return last
  const path = pathOf(recipe.test === 'best' ? 'best' : 'model')
  if (!(await files.exists(path))) throw withoutWeights(recipe, path, history)
  const file = decodeModelFile(await files.read(path), path)
  await learner.setWeights(file.weights, path)
  return file
}

const viewsOf = ({ recipe: { testViews: views } }: RecipeJob) => (views === undefined ? {} : { views })

/** Undefined when it was aborted; null where there is no test part. */
async function testOf(job: RecipeJob, learner: Learner, signal?: AbortSignal): Promise<Evaluation | null | undefined> {
  const { test } = job.data
  if (!test) return null
  const options = { ...viewsOf(job), ...(signal && { signal }) }
  const measured = await learner.evaluate(recipeRows(job, learner, test), options)
  return measured.complete ? measured : undefined
}

function reportOf(
  job: RecipeJob,
  { path, resume }: RunFolder,
  { engine }: Learner,
  { history, weights, begun, ...head }: Trained,
  test: Evaluation | undefined,
): TrainReport {
  const { recipe, dataset, model } = job
  const { info, compileSeconds } = engine
  const secondsBefore = (resume?.progress.history ?? []).reduce(
    (sum, epoch) => sum + epoch['seconds']!,
    head.secondsBefore,
  )
  const epochs = epochReports(history)
  return {
    recipe: recipe.name,
    dataset: dataset.name,
    seed: recipe.seed,
    threads: begun.threads,
    epochs: epochs.length,
    params: parameterCounts(model).total,
    history: epochs,
    best: bestEpoch(epochs),
    test: test
      ? { loss: test.logs['loss']!, accuracy: test.logs['accuracy']!, ...otherMetrics(test.logs), ...viewsOf(job) }
      : null,
    seconds: history.seconds + secondsBefore,
    compileSeconds,
    msPerStep: history.msPerStep,
    peakBytes:
      Math.max(info?.memoryBytes ?? 0, begun.memoryBytes) +
      bytesHeld(dataset.train) +
      (dataset.test ? bytesHeld(dataset.test) : 0),
    weightsSha256: weightsSha256(weights),
    runDir: path,
  }
}

interface Result {
  readonly model: ModelFile
  readonly test: Evaluation | null
  readonly report: TrainReport
}

/** What of the test and of own pictures is looked at later, and the result: once that is there, the run is finished. */
async function keepResult(
  job: RecipeJob,
  { files, path, pathOf, log, listeners }: RunFolder,
  { model, test, report }: Result,
  learner: Learner,
  { device, signal }: RunRecipeOptions,
): Promise<void> {
  const { data, model: network } = job
  if (path !== null) {
    const looked = data.validation ?? data.test ?? data.train
    const units = await countUnits(network, model.weights, looked, device).catch(leftOut)
    if (units) await log.add(units)
  }
  if (test && data.test) {
    const predictions = test.predictions[network.outputs[0]!.name]!
    await files.write(pathOf('predictions'), await encodeTestFile(predictions, data.test))
  }
  if (path !== null) {
    const pictures = data.train.count + (data.validation?.count ?? 0) + (data.test?.count ?? 0)
    if (data.train.names && pictures > longLook) {
      const text = `All ${pictures} pictures are looked at once more, for the report and the review.`
      for (const listener of listeners) await listener({ type: 'message', level: 'info', text })
    }
    const embedded = await embedOwnPictures(job, learner, signal).catch(leftOut)
    if (embedded) await files.write(pathOf('embeddings'), embedded)
  }
  await files.write(pathOf('result'), new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`))
}

/** From so many pictures on, it takes long enough to be told. */
const longLook = 5000

/** All is done: what only describes the run may be missing where there is no memory for one more program. */
function leftOut(error: unknown): undefined {
  if (!(error instanceof UserError)) throw error
}

/** A broken-down training is an error, unless an epoch before it left weights to test. */
function checkSound({ name, test, optimizer }: RecipeConfig, { because, epochs }: History): void {
  if (because === undefined) return
  if (test === 'best' ? epochs.some(({ logs }) => Number.isFinite(logs['val_loss'])) : isSound(epochs)) return
  const rate = optimizer.config['learningRate']
  throw new UserError({
    what: `Training of ${name} broke down: ${because}`,
    expected: 'a loss that is a finite number',
    fix: `lower the learning rate${typeof rate === 'number' ? `, now ${rate}` : ''}`,
  })
}

function isSound(epochs: History['epochs']): boolean {
  return epochs.every(({ logs }) => Number.isFinite(logs['loss']))
}

/** Without any finite validation loss there is no best epoch. */
function withoutWeights({ name }: RecipeConfig, path: string, { epochs }: History): UserError {
  if (epochs.some(({ logs }) => Number.isFinite(logs['val_loss'])))
    return new UserError({
      what: `${path} is gone: it held the weights that are tested`,
      fix: 'train again, and leave the run directory as it is meanwhile',
    })
  return new UserError({
    what: `Training of ${name} found no best epoch: no validation loss was a finite number`,
    fix: 'lower the learning rate',
  })
}
