/** `fovea train RECIPE`: trains a recipe, or a configuration file, into a run directory. */

import { UserError } from 'fovea/internal/base/errors'
import { shellWord } from 'fovea/internal/base/text'
import type { Dataset } from 'fovea/internal/data/dataset'
import { diagnose } from 'fovea/internal/diagnosis/diagnose'
import { makeFolder, nodeFiles } from 'fovea/internal/host/node/files'
import { isFolder } from 'fovea/internal/host/node/paths'
import { refusalOf, SystemRefusal } from 'fovea/internal/host/node/system-errors'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import { changedRecipe, recipeData } from 'fovea/internal/recipes/recipe-parts'
import type { TrainReport } from 'fovea/internal/run/report'
import type { RunRecipeOptions } from 'fovea/internal/runner/recipe-job'
import { type RecipeRun, runRecipe } from 'fovea/internal/runner/run-recipe'
import { progressBar } from 'fovea/internal/train/callbacks/progress-bar'
import { type Context, command, type Outcome } from '../command/command.ts'
import { datasetOptions, dataWords, openDatasetOf } from '../command/dataset-options.ts'
import { nodeDevice } from '../command/device.ts'
import { useModelFormats } from '../command/model-file.ts'
import { noEffect, noteDevice, noteFitted, noteLimit } from '../command/no-effect.ts'
import { checkPairs } from '../command/option-pairs.ts'
import { commonOptions, flag, type OptionValues, positive, textOption } from '../command/options.ts'
import { isOwnPictures, ownTraining, picturesOfRun } from '../command/own-pictures.ts'
import type { AgainDocument, ThenDocument } from '../command/own-pictures-documents.ts'
import {
  changesOf,
  checkTrainable,
  deviceOptions,
  ownOptions,
  recipeOf,
  recipeOptions,
} from '../command/recipe-options.ts'
import { freshFolder, givenRunFolder, removeUnbegun, withKeptRun } from '../command/run-folder.ts'
import { UsageError } from '../command/usage-error.ts'
import type { ChartOutput } from '../terminal/curves-text.ts'
import { trainText } from '../terminal/train-text.ts'
import { againFrom, againText, comparedText, compareWithBefore, openAgain } from './again.ts'
import { evidenceOf, readingText } from './diagnose.ts'
import { closingReport } from './report.ts'
import { finishedAgain, noteFinished, resumedRun } from './resumed-run.ts'
import { taughtBy, teacherOptions } from './taught.ts'
import { compareThen, forgottenText, openThen, thenFrom, thenText } from './then.ts'
import { transferOf, transferOptions } from './transfer.ts'

const savingOptions = {
  'save-every': positive('N', 'minutes after which a checkpoint is saved within an epoch (default: 5)'),
  'keep-training': flag(
    'go on where the disk takes nothing more, and try again later; by default that ends the training',
  ),
}

const options = {
  ...recipeOptions,
  ...ownOptions,
  minutes: positive(
    'N',
    'train for about so long: as many epochs as fit, the learning rate annealed to the end of them',
  ),
  ...deviceOptions,
  ...datasetOptions,
  ...transferOptions,
  ...savingOptions,
  ...teacherOptions,
  out: textOption('DIR', 'run directory (default: runs/RECIPE-SEED-COUNTER)'),
  resume: textOption(
    'DIR',
    'go on with the interrupted run in this directory; its own numbers hold but for --epochs and --learning-rate',
  ),
  again: textOption(
    'RUN',
    'own pictures: go on from this run in a new one, with labels mended since (see review) and new pictures of its folder',
  ),
  // biome-ignore lint/suspicious/noThenProperty: an option's name.
  then: textOption(
    'PICTURES',
    'own pictures: go on from the run that is named, with this folder or table joined to its pictures; new classes are added',
  ),
  ...commonOptions,
}

export const train = command({
  positional: {
    name: 'RECIPE|PICTURES',
    help: "a recipe's name, a file as 'recipes NAME --json' prints it, or a run directory (its recipe); or your own pictures: a folder with one for each class, or a table (CSV) of files and labels; --resume and --again need none",
    least: 0,
    most: 1,
  },
  options,
  examples: [
    'train shapes-cnn',
    'train my-photos',
    'train my-photos --from runs/cifar10-cnn-1-1',
    'train mnist-cnn --epochs 3 --seed 2',
    'train mnist-cnn --teacher runs/mnist-cnn-1-1 --teacher runs/mnist-cnn-2-1',
    'train my.json --out runs/mine --json',
  ],
  run: (context, { values, words: [word] }) =>
    context.interruptible(async signal => {
      checkPairs(values, {
        needs: [
          ['freeze', 'from'],
          ['keep-classes', 'from'],
        ],
        excludes: [
          ['resume', 'out'],
          ['again', 'resume'],
          ['again', 'from'],
          ['then', 'again'],
          ['then', 'resume'],
          ['then', 'from'],
          ['resume', 'from'],
          ['teacher', 'resume'],
          ['teacher', 'again'],
          ['teacher', 'then'],
          ['from', 'size'],
          ['from', 'recipe'],
          ['from', 'fit'],
          ['minutes', 'epochs'],
          ['minutes', 'resume'],
        ],
      })
      if (values.then !== undefined) return trainThen(context, word, values.then, values, signal)
      if (values.again !== undefined) return trainAgain(context, values.again, word, values, signal)
      const source = word ?? values.resume
      if (source === undefined) {
        throw new UsageError({
          what: 'train takes one RECIPE, or one folder of PICTURES.',
          received: 'none',
          fix: "See 'fovea help train'.",
        })
      }
      // Before anything is fetched or decoded.
      if (values.out !== undefined) await givenRunFolder(values.out)
      const transfer = await transferOf(values, context)
      const taught = await taughtBy(values, context)
      const own = values.resume === undefined ? await ownOf(source, values, transfer, context, signal) : undefined
      const given = own?.recipe ?? (await recipeOf(source))
      const begun = values.resume === undefined ? undefined : await resumedRun(values.resume, given, values)
      if (begun?.finished) {
        noteFinished(context, values)
        return { ...(await finishedAgain(begun.finished, begun.recipe)), next: nextAfter(begun.finished) }
      }
      const asked = begun?.recipe ?? given
      const planned = taught(transfer(asked))
      checkTrainable(planned, values)
      noteFitted(context, planned)
      // The parts of a run on own pictures are those it was begun with, whatever its folder holds now.
      const areParted = values.resume !== undefined && !('count' in asked.validation)
      const parted = areParted ? await picturesOfRun(values.resume, asked, context, signal) : undefined
      const dataset =
        own?.dataset ??
        parted ??
        (await openDatasetOf(changedRecipe(planned, changesOf(values)), values, context, signal))
      const limit = begun === undefined ? values.limit : begun.limit
      // How long it trains depends on how many pictures there are.
      const config =
        values.from === undefined ? planned : taught(transfer(asked, recipeData(planned, dataset, limit).train.count))
      const isOwn = values.from !== undefined || values.teacher !== undefined
      if (isOwn) context.say(config.title)
      const chosen = { ...values, ...(limit === undefined ? {} : { limit }) }
      const run = await trainRecipe(config, dataset, context, chosen, signal)
      const { report } = run
      const isInterrupted = run.endReason === 'aborted'
      const next = isInterrupted
        ? resumeCommand(isOwn ? report.runDir! : source, report)
        : own
          ? `review ${shellWord(report.runDir!)}`
          : nextAfter(report)
      return {
        document: report,
        text: await closingText(run, config, context),
        next: `${next}${dataWords(values)}`,
        exitCode: exitCodeOf(run),
      }
    }),
})

/** 130: interrupted, as shells say it. 1: something could not be saved. */
const exitCodeOf = ({ endReason, unsaved }: RecipeRun): number =>
  endReason === 'aborted' ? 130 : unsaved.length > 0 ? 1 : 0

async function trainAgain(
  context: Context,
  before: string,
  word: string | undefined,
  values: OptionValues<typeof options>,
  signal: AbortSignal,
): Promise<Outcome<AgainDocument>> {
  if (word !== undefined)
    throw new UsageError({
      what: 'train --again takes no RECIPE: that of the run holds.',
      received: word,
      fix: `Leave ${shellWord(word)} out.`,
    })
  const again = await againFrom(before)
  if (values.out !== undefined) await givenRunFolder(values.out)
  checkTrainable(again.recipe, values)
  noteOfRun(context, values)
  context.say(againText(again))
  const { recipe, dataset } = await openAgain(again, context, signal)
  const run = await trainRecipe(recipe, dataset, context, values, signal, again.keepIn)
  const { report } = run
  const isInterrupted = run.endReason === 'aborted'
  const compared = await compareWithBefore(again, dataset, isInterrupted ? null : report.runDir, values)
  const own = shellWord(report.runDir!)
  return {
    document: { ...report, again: compared },
    text: [await closingText(run, recipe, context), ...comparedText(compared)].join('\n\n'),
    next: isInterrupted ? `train --resume ${own}` : `review ${own}`,
    exitCode: exitCodeOf(run),
  }
}

async function trainThen(
  context: Context,
  before: string | undefined,
  place: string,
  values: OptionValues<typeof options>,
  signal: AbortSignal,
): Promise<Outcome<ThenDocument>> {
  if (before === undefined)
    throw new UsageError({
      what: 'train --then goes on from a run of own pictures, and none is named.',
      fix: `fovea train RUN --then ${shellWord(place)}`,
    })
  const then = await thenFrom(before, place)
  checkTrainable(then.recipe, values)
  noteOfRun(context, values)
  context.say(thenText(then))
  const { out, seed, threads } = values
  // The pictures are named as seen from there.
  const runDir =
    out === undefined
      ? await freshFolder(`${then.recipe.name}-then-${seed ?? then.recipe.seed}`)
      : await givenRunFolder(out)
  await makeFolder(runDir)
  const opened = await openThen(then, runDir, seed, context, signal).catch(async (error: unknown) => {
    await removeUnbegun(runDir)
    throw error
  })
  const { recipe, dataset } = opened
  const run = await trainRecipe(recipe, dataset, context, { ...values, out: runDir }, signal, opened.keepIn)
  const isInterrupted = run.endReason === 'aborted'
  const compared = await compareThen(then, opened, isInterrupted ? null : runDir, threads)
  const own = shellWord(runDir)
  return {
    // biome-ignore lint/suspicious/noThenProperty: it is no function, so nothing waits for it.
    document: { ...run.report, then: compared },
    text: [await closingText(run, recipe, context), ...forgottenText(compared)].join('\n\n'),
    next: isInterrupted ? `train --resume ${own}` : `review ${own}`,
    exitCode: exitCodeOf(run),
  }
}

/** Options without effect where a run is gone on from. */
function noteOfRun(context: Context, values: OptionValues<typeof options>): void {
  noteChosen(context, values)
  for (const option of ['data-dir', 'offline'] as const)
    if (values[option] !== undefined) noEffect(context, option, 'the pictures are your own')
}

async function closingText(
  { report, history, endReason, unsaved }: RecipeRun,
  recipe: RecipeConfig,
  context: Context,
): Promise<string> {
  return [
    trainText(report, recipe, { training: history.endReason, run: endReason }),
    ...(await readingOf(report, context.stdout)),
    ...(await reportOf(report)),
    ...(unsaved.length > 0 ? [`Not saved, for the disk took nothing more: ${unsaved.join(', ')}`] : []),
  ].join('\n\n')
}

/** Own pictures, opened, with the recipe chosen for them; undefined where a recipe is named. */
async function ownOf(
  word: string,
  values: OptionValues<typeof options>,
  transfer: (recipe: RecipeConfig) => RecipeConfig,
  context: Context,
  signal: AbortSignal,
) {
  if (!(await isOwnPictures(word))) {
    noteChosen(context, values)
    return undefined
  }
  const { from, size, recipe, fit, 'no-mirror': unmirrored, seed } = values
  const choice = {
    ...(size !== undefined && { size }),
    ...(recipe !== undefined && { recipe }),
    ...(fit !== undefined && { resize: fit }),
    ...(unmirrored && { mirror: false }),
    ...(seed !== undefined && { seed }),
  }
  const own = await ownTraining(word, choice, transfer, context, signal)
  if (from === undefined) context.say(own.reason)
  return own
}

/** Options that choose a recipe, where there is one. */
function noteChosen(
  context: Context,
  { size, recipe, fit, 'no-mirror': unmirrored }: OptionValues<typeof ownOptions>,
): void {
  for (const [option, value] of Object.entries({ size, recipe, fit, 'no-mirror': unmirrored }))
    if (value !== undefined) noEffect(context, option, 'the recipe was named, and says it itself')
}

type Elsewhere = typeof datasetOptions & typeof transferOptions & typeof teacherOptions & typeof commonOptions
type TrainValues = OptionValues<Omit<typeof options, keyof Elsewhere>>

/** Trains with the command line's options and progress, into a run directory of its own unless one is given. */
export async function trainRecipe(
  config: RecipeConfig,
  dataset: Dataset,
  context: Context,
  values: TrainValues,
  signal: AbortSignal,
  onBegin?: (runDir: string) => Promise<void>,
): Promise<RecipeRun> {
  const { device, clock } = nodeDevice()
  // A recipe may begin with a model of another program.
  useModelFormats()
  const { limit, threads, numerics, out, resume, minutes, 'save-every': saveEvery } = values
  noteDevice(context, values)
  const heldOut = 'count' in config.validation ? config.validation.count : 0
  if (resume === undefined) noteLimit(context, 'limit', limit, dataset.train.count - heldOut, 'training pictures')
  const runDir =
    resume ??
    (out === undefined ? await freshFolder(`${config.name}-${values.seed ?? config.seed}`) : await givenRunFolder(out))
  let begun = false
  const bar = progressBar(context.progress, { now: clock.now })
  const runOptions: RunRecipeOptions = {
    device,
    clock,
    ...changesOf(values),
    ...(limit === undefined ? {} : { limit }),
    ...(threads === undefined ? {} : { threads }),
    ...(numerics === undefined ? {} : { numerics }),
    ...(minutes === undefined ? {} : { minutes }),
    ...(saveEvery === undefined ? {} : { saveEvery }),
    ...(values['keep-training'] && { keepTraining: true }),
    files: nodeFiles,
    ...(resume === undefined ? { out: runDir } : { resume }),
    onEvent: async event => {
      const begins = event.type === 'train-begin'
      if (begins) await onBegin?.(runDir)
      begun ||= begins
      await bar(event)
    },
    signal,
  }
  try {
    return await runRecipe(config, dataset, runOptions)
  } catch (thrown) {
    const error = refusalOf(thrown) ?? thrown
    // A training that broke down is kept to be looked at; one that the system refused has nothing to show.
    if (resume === undefined && (!begun || error instanceof SystemRefusal)) await removeUnbegun(runDir)
    if (error instanceof SystemRefusal) throw await withKeptRun(error, runDir)
    // A run that broke down is looked at first of all.
    const page =
      error instanceof UserError && begun && (await isFolder(runDir)) ? await closingReport([runDir]) : undefined
    if (typeof page?.path === 'string') context.say(`\n${page.line}`)
    throw error
  }
}

export function resumeCommand(word: string, { runDir }: TrainReport): string {
  return `train ${shellWord(word)} --resume ${shellWord(runDir!)}`
}

function nextAfter({ recipe, runDir }: TrainReport): string {
  const run = shellWord(runDir!)
  return recipe === 'shapes-mlp' ? `compare ${run} shapes-cnn` : `evaluate ${run}`
}

/** The curves of the run, and what they say; of no epoch there is nothing to see. */
async function readingOf({ runDir, epochs }: TrainReport, output: ChartOutput): Promise<string[]> {
  if (runDir === null || epochs === 0) return []
  const { curves, facts } = await evidenceOf(runDir)
  return [readingText(curves, facts, diagnose(curves, facts), output)]
}

/** Draws the run's page; there is nothing to draw before the first epoch ended. */
async function reportOf({ runDir, epochs }: TrainReport): Promise<string[]> {
  if (runDir === null || epochs === 0) return []
  return [(await closingReport([runDir])).line]
}
