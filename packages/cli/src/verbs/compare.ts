/**
 * `fovea compare A B …`: recipes are trained, finished runs are read, and their results stand side by side. With `--without` and
 * `--with` each of them is also trained with that one thing changed.
 */
import { join } from 'node:path'
import { nameOfDataset } from 'fovea/internal/base/dataset-choice'
import { InternalError, UserError } from 'fovea/internal/base/errors'
import { sizeOf } from 'fovea/internal/base/shape'
import { shellWord } from 'fovea/internal/base/text'
import type { Dataset } from 'fovea/internal/data/dataset'
import { inputRows } from 'fovea/internal/engine/rows'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { isFile } from 'fovea/internal/host/node/paths'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import { changedRecipe } from 'fovea/internal/recipes/recipe-parts'
import { type Variation, variationWith, variationWithout } from 'fovea/internal/recipes/variations'
import type { TrainReport } from 'fovea/internal/run/report'
import { runFiles } from 'fovea/internal/run/run-files'
import { decodeTestFile } from 'fovea/internal/run/test-file'
import { type Context, command } from '../command/command.ts'
import { datasetOptions, dataWords, openDatasetOf } from '../command/dataset-options.ts'
import { nodeDevice } from '../command/device.ts'
import type { CompareDocument, ComparedRun } from '../command/documents.ts'
import { nextForTrained } from '../command/next-command.ts'
import { noEffect, noteDevice, noteFitted } from '../command/no-effect.ts'
import { checkPairs } from '../command/option-pairs.ts'
import { commonOptions, type OptionValues, textOption, texts, wholeNumbersOption } from '../command/options.ts'
import { changesOf, checkTrainable, deviceOptions, recipeOf, recipeOptions } from '../command/recipe-options.ts'
import { begunRun, distinctPaths, finishedRun } from '../command/run-folder.ts'
import { asUsage, UsageError } from '../command/usage-error.ts'
import { comparisonText, nameAmong } from '../terminal/comparison-text.ts'
import { type ChartOutput, comparedCurvesText } from '../terminal/curves-text.ts'
import { comparedGroups, type MeasuredRun, verdictOf } from './compared-groups.ts'
import { evidenceOf } from './diagnose.ts'
import { closingReport } from './report.ts'
import { predictorOf, type SavedModel, savedModel } from './saved-model.ts'
import { resumeCommand, trainRecipe } from './train.ts'

const options = {
  without: texts('PART', 'train it once more without dropout, batchNormalization, augmentation or rescaling'),
  seeds: wholeNumbersOption('train each with each of these seeds (1,2,3), and tell mean and spread'),
  with: texts('CHANGE', 'train it once more with activation=tanh, pooling=average or grey (pictures)'),
  out: textOption('FILE', 'where the page goes (default: comparison.html in the last run directory)'),
  ...recipeOptions,
  ...deviceOptions,
  ...datasetOptions,
  ...commonOptions,
}

/** What takes part: a finished run, or a recipe to be trained with these numbers, those of the call or others. */
type Entrant =
  | { readonly report: TrainReport }
  | {
      readonly recipe: RecipeConfig
      readonly numbers: Numbers
      readonly word: string | undefined
      readonly asCalled: boolean
    }
type Numbers = OptionValues<typeof recipeOptions & typeof deviceOptions>

export const compare = command({
  positional: {
    name: 'RECIPE|RUN…',
    help: 'recipes, configuration files, and directories of finished runs (which are not trained again)',
    least: 1,
    most: Number.POSITIVE_INFINITY,
  },
  options,
  examples: [
    'compare shapes-mlp shapes-cnn',
    'compare shapes-mlp shapes-cnn --seeds 1,2,3',
    'compare cifar10-cnn --without dropout --with activation=tanh',
    'compare runs/mnist-mlp-1-1 runs/mnist-cnn-1-1 --json',
  ],
  run: (context, { values, words }) =>
    context.interruptible(async signal => {
      checkPairs(values, { excludes: [['seed', 'seeds']] })
      // The page's place is none for runs.
      const { out, ...training } = values
      // Every word is looked up, once, before the first one is trained.
      const variations = await asUsage(() => [
        ...(values.without ?? []).map(variationWithout),
        ...(values.with ?? []).map(variationWith),
      ])
      const entrants = (
        await Promise.all(distinctPaths(words).map(word => entrantsOf(word, variations, training)))
      ).flat()
      checkSeveral(entrants)
      checkUsed(values, entrants)
      noteDevice(context, values)
      if (!entrants.some(entrant => 'recipe' in entrant)) noteUntrained(context, values)
      for (const entrant of entrants) if ('recipe' in entrant) checkTrainable(entrant.recipe, entrant.numbers)
      for (const entrant of entrants) if ('recipe' in entrant) noteFitted(context, entrant.recipe)
      const measured: MeasuredRun[] = []
      /** Of the last run: often the next one's too. */
      let dataset: Dataset | undefined
      for (const entrant of entrants) {
        const trains = 'recipe' in entrant
        let report: TrainReport
        if (trains) {
          const { recipe, numbers, word } = entrant
          const seed = values.seeds === undefined ? '' : `, seed ${numbers.seed}`
          context.say(`\n── ${recipe.name}: ${recipe.title}${seed}`)
          if (dataset?.name !== nameOfDataset(recipe.dataset))
            dataset = await openDatasetOf(changedRecipe(recipe, changesOf(numbers)), values, context, signal)
          const trained = await trainRecipe(recipe, dataset, context, numbers, signal)
          report = trained.report
          if (trained.endReason === 'aborted') {
            return interrupted(measured, `${resumeCommand(word ?? report.runDir!, report)}${dataWords(values)}`)
          }
        } else report = entrant.report
        measured.push(await measuredRun(report, trains, values.threads))
        if (trains) await closingReport([measured.at(-1)!.run.runDir])
      }
      const runs = measured.map(({ run }) => run)
      const best = runs.reduce((a, b) => (b.test.accuracy > a.test.accuracy ? b : a))
      const next = nextForTrained(best.runDir, best.dataset, values)
      const page = await closingReport(
        runs.map(({ runDir }) => runDir),
        out,
      )
      const document = documentOf(measured, page.path)
      const curves = await curvesOf(runs, context.stdout)
      return { document, text: `${curves}${textOf(document)}\n\n${page.line}`, next }
    }),
})

/** A word's own run, then one for each variation, trained with the same numbers: those of the run, where the word is a finished one. */
async function entrantsOf(
  word: string,
  variations: readonly Variation[],
  values: OptionValues<typeof options>,
): Promise<Entrant[]> {
  const report = await finishedRun(word)
  if (report && variations.length === 0) return [{ report }]
  const begun = report && (await begunRun(word))
  const recipe = begun?.recipe ?? (await recipeOf(word))
  const numbers = begun === undefined ? values : numbersOf(begun.limit, values)
  const varied = await asUsage(() => variations.map(variation => variation.apply(recipe)))
  const asCalled = begun === undefined
  const seeds = asCalled ? values.seeds : undefined
  const trainedEach = (recipe: RecipeConfig, word: string | undefined): Entrant[] =>
    seeds === undefined
      ? [{ recipe, numbers, word, asCalled }]
      : seeds.map(seed => ({ recipe, numbers: { ...numbers, seed }, word, asCalled }))
  return [
    ...(report ? [{ report }] : trainedEach(recipe, word)),
    ...varied.flatMap(each => trainedEach(each, undefined)),
  ]
}

/** One recipe alone would be trained and put beside nothing. */
function checkSeveral(entrants: readonly Entrant[]): void {
  const [first, ...others] = entrants
  if (first === undefined || others.length > 0 || !('recipe' in first)) return
  const word = shellWord(first.word ?? first.recipe.name)
  throw new UsageError({
    what: `There is nothing to compare ${first.recipe.name} with.`,
    expected: 'at least two recipes or runs',
    fix: `Name another recipe or run, change one thing (--without dropout, --with activation=tanh) or ask for luck (--seeds 1,2,3). To train it alone: fovea train ${word}`,
  })
}

/** Numbers of a training that no entrant takes: finished runs, and changes of them, keep those of the run. */
function checkUsed(values: OptionValues<typeof options>, entrants: readonly Entrant[]): void {
  if (entrants.some(entrant => 'recipe' in entrant && entrant.asCalled)) return
  const names = [...(Object.keys(recipeOptions) as (keyof typeof recipeOptions)[]), 'seeds'] as const
  const unused = names.filter(name => values[name] !== undefined)
  if (unused.length === 0) return
  throw new UsageError(
    unused.map(name => ({
      what: `--${name} changes nothing here: finished runs are not trained again, and changes of them keep their numbers.`,
      fix: `Leave --${name} out, or name a recipe instead of a run.`,
    })),
  )
}

/** Options of training where every entrant is a finished run. */
function noteUntrained(context: Context, values: OptionValues<typeof options>): void {
  for (const name of ['numerics', 'data-dir'] as const) {
    if (values[name] !== undefined) noEffect(context, name, 'finished runs are not trained again')
  }
}

function numbersOf(limit: number | undefined, { threads, numerics }: Numbers): Numbers {
  return {
    ...(limit !== undefined && { limit }),
    ...(threads !== undefined && { threads }),
    ...(numerics !== undefined && { numerics }),
  }
}

function interrupted(measured: readonly MeasuredRun[], next: string) {
  const document = documentOf(measured, null)
  const text = 'Interrupted: what is trained so far is saved.'
  return { document, text: measured.length === 0 ? text : `${textOf(document)}\n\n${text}`, next, exitCode: 130 }
}

function documentOf(measured: readonly MeasuredRun[], report: string | null): CompareDocument {
  const runs = measured.map(({ run }) => run)
  return { runs, groups: comparedGroups(measured), verdict: verdictOf(measured), report }
}

const textOf = ({ runs, groups, verdict }: CompareDocument): string => comparisonText(runs, groups, verdict)

/** The curves of all runs in one pair of charts; the level of chance where all tell equally many classes apart. */
async function curvesOf(runs: readonly ComparedRun[], output: ChartOutput): Promise<string> {
  const read = await Promise.all(runs.map(({ runDir }) => evidenceOf(runDir)))
  const classes = new Set(read.map(({ facts }) => facts.perClass?.length))
  const named = read.map(({ curves }, index) => ({ name: nameAmong(runs, runs[index]!), curves }))
  const text = comparedCurvesText(named, classes.size === 1 ? [...classes][0] : undefined, output)
  return text === '' ? '' : `\n${text}\n`
}

async function measuredRun(report: TrainReport, trained: boolean, threads: number | undefined): Promise<MeasuredRun> {
  const { recipe, dataset, params, epochs, seconds, seed, test, runDir } = report
  if (runDir === null) throw new InternalError('cli', `the run of ${recipe} has no directory`)
  if (test === null) throw notTested(runDir)
  const saved = await savedModel(runDir)
  const msPerPicture = await millisecondsPerPicture(saved, threads)
  const selectedOnTestSet = saved.recipe?.selectedOnTestSet ?? false
  const run = { recipe, dataset, params, epochs, seconds, test, msPerPicture, runDir, trained, selectedOnTestSet }
  const { facts } = await evidenceOf(runDir)
  const setting = JSON.stringify([{ ...saved.recipe, seed: 0 }, dataset, facts.samples ?? null])
  return { run, seed, setting, testPictures: await testPicturesOf(runDir) }
}

function notTested(runDir: string): UserError {
  return new UserError({
    what: `${runDir} cannot be compared: its data set has no test part.`,
    expected: 'runs that were tested',
    fix: `Look at it alone: fovea report ${shellWord(runDir)}`,
  })
}

async function testPicturesOf(runDir: string): Promise<number | undefined> {
  const path = join(runDir, runFiles.predictions)
  return (await isFile(path)) ? decodeTestFile(await nodeFiles.read(path), path).count : undefined
}

const timedPictures = 1024
const timedBatch = 32

/** A forward pass over even grey pictures, after one over a single batch that compiles and warms. */
async function millisecondsPerPicture(saved: SavedModel, threads: number | undefined): Promise<number> {
  const predictor = predictorOf(saved, threads)
  const { clock } = nodeDevice()
  const grey = (count: number) =>
    inputRows(saved.model, {
      shape: [count, ...saved.spec.shape],
      data: new Uint8Array(count * sizeOf(saved.spec.shape)).fill(128),
    })
  try {
    await predictor.predict(grey(timedBatch), { batchSize: timedBatch })
    const started = clock.now()
    await predictor.predict(grey(timedPictures), { batchSize: timedBatch })
    const seconds = (clock.now() - started) / 1000
    return (seconds * 1000) / timedPictures
  } finally {
    await predictor.dispose()
  }
}
