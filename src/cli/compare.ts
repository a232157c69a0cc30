/**
 * `fovea compare A B …`: recipes are trained, finished runs are read, and their results stand side by side. With `--without` and
 * `--with` each of them is also trained with that one thing changed.
 */
import { InternalError } from '../base/errors.ts'
import { sizeOf } from '../base/shape.ts'
import type { Dataset } from '../data/dataset.ts'
import { predict } from '../train/evaluate.ts'
import type { RecipeConfig } from '../train/recipes/recipe.ts'
import { type Variation, variationWith, variationWithout } from '../train/recipes/variations.ts'
import type { TrainReport } from '../train/report.ts'
import { inputRows } from '../train/rows.ts'
import { type Context, command } from './command.ts'
import { comparisonText, nameAmong } from './comparison-text.ts'
import { type ChartOutput, comparedCurvesText } from './curves-text.ts'
import { datasetOptions, dataWords, openDataset } from './dataset-options.ts'
import { evidenceOf } from './diagnose.ts'
import type { CompareDocument, ComparedRun } from './documents.ts'
import { nextForTrained } from './next-command.ts'
import { noEffect, noteDevice } from './no-effect.ts'
import { commonOptions, type OptionValues, texts } from './options.ts'
import { checkTrainable, deviceOptions, recipeOf, recipeOptions } from './recipe-options.ts'
import { closingReport } from './report.ts'
import { begunRun, distinctPaths, finishedRun } from './run-folder.ts'
import { type SavedModel, savedModel, trainerOf } from './saved-model.ts'
import { resumeCommand, trainRecipe } from './train.ts'
import { asUsage, UsageError } from './usage-error.ts'

const options = {
  without: texts('PART', 'train it once more without dropout, batchNormalization, augmentation or rescaling'),
  with: texts('CHANGE', 'train it once more with activation=tanh, pooling=average or grey (pictures)'),
  ...recipeOptions,
  ...deviceOptions,
  ...datasetOptions,
  ...commonOptions,
}

/** What takes part: a finished run, or a recipe to be trained with these numbers. */
type Entrant =
  | { readonly report: TrainReport }
  | { readonly recipe: RecipeConfig; readonly numbers: Numbers; readonly word: string | undefined }
type Numbers = OptionValues<typeof recipeOptions & typeof deviceOptions>

export const compare = command({
  name: 'compare',
  summary: 'train what is not trained yet and put the results side by side',
  positional: {
    name: 'RECIPE|RUN…',
    help: 'recipes, configuration files, and directories of finished runs (which are not trained again)',
    least: 1,
    most: Number.POSITIVE_INFINITY,
  },
  options,
  examples: [
    'compare shapes-mlp shapes-cnn',
    'compare cifar10-cnn --without dropout --with activation=tanh',
    'compare runs/mnist-mlp-1-1 runs/mnist-cnn-1-1 --json',
  ],
  run: (context, { values, words }) =>
    context.interruptible(async signal => {
      // Every word is looked up, once, before the first one is trained.
      const variations = await asUsage(() => [
        ...(values.without ?? []).map(variationWithout),
        ...(values.with ?? []).map(variationWith),
      ])
      const entrants = (
        await Promise.all(distinctPaths(words).map(word => entrantsOf(word, variations, values)))
      ).flat()
      checkUsed(values, entrants)
      noteDevice(context, values)
      if (!entrants.some(entrant => 'recipe' in entrant)) noteUntrained(context, values)
      for (const entrant of entrants) if ('recipe' in entrant) checkTrainable(entrant.recipe, entrant.numbers)
      const runs: ComparedRun[] = []
      /** Of the last run: often the next one's too. */
      let dataset: Dataset | undefined
      for (const entrant of entrants) {
        const trains = 'recipe' in entrant
        let report: TrainReport
        if (trains) {
          const { recipe, numbers, word } = entrant
          context.say(`\n── ${recipe.name}: ${recipe.title}`)
          if (dataset?.name !== recipe.dataset) dataset = await openDataset(recipe.dataset, values, context, signal)
          const trained = await trainRecipe(recipe, dataset, context, numbers, signal)
          report = trained.report
          if (trained.endReason === 'aborted') {
            return interrupted(runs, `${resumeCommand(word ?? report.runDir!, report)}${dataWords(values)}`)
          }
        } else report = entrant.report
        runs.push(await comparedRun(report, trains, values.threads))
        if (trains) await closingReport([runs.at(-1)!.runDir])
      }
      const best = runs.reduce((a, b) => (b.test.accuracy > a.test.accuracy ? b : a))
      const next = nextForTrained(best.runDir, best.dataset, values)
      const page = await closingReport(runs.map(({ runDir }) => runDir))
      const document: CompareDocument = { runs, report: page.path }
      return { document, text: `${await curvesOf(runs, context.stdout)}${comparisonText(runs)}\n\n${page.line}`, next }
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
  return [
    report ? { report } : { recipe, numbers, word },
    ...varied.map(recipe => ({ recipe, numbers, word: undefined })),
  ]
}

/** Numbers of a training that no entrant takes: finished runs, and changes of them, keep those of the run. */
function checkUsed(values: Numbers, entrants: readonly Entrant[]): void {
  if (entrants.some(entrant => 'recipe' in entrant && entrant.numbers === values)) return
  const unused = Object.keys(recipeOptions).filter(name => values[name as keyof typeof recipeOptions] !== undefined)
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

function interrupted(runs: readonly ComparedRun[], next: string) {
  const text = runs.length === 0 ? 'Interrupted: what is trained so far is saved.' : comparisonText(runs)
  const document: CompareDocument = { runs, report: null }
  return { document, text, next, exitCode: 130 }
}

/** The curves of all runs in one pair of charts; the level of chance where all tell equally many classes apart. */
async function curvesOf(runs: readonly ComparedRun[], output: ChartOutput): Promise<string> {
  const read = await Promise.all(runs.map(({ runDir }) => evidenceOf(runDir)))
  const classes = new Set(read.map(({ facts }) => facts.perClass?.length))
  const named = read.map(({ curves }, index) => ({ name: nameAmong(runs, runs[index]!), curves }))
  const text = comparedCurvesText(named, classes.size === 1 ? [...classes][0] : undefined, output)
  return text === '' ? '' : `\n${text}\n`
}

async function comparedRun(run: TrainReport, trained: boolean, threads: number | undefined): Promise<ComparedRun> {
  const { recipe, dataset, params, epochs, seconds, test, runDir } = run
  if (test === null || runDir === null)
    throw new InternalError('cli', `the run of ${recipe} has no test or no directory`)
  const saved = await savedModel(runDir)
  const msPerPicture = await millisecondsPerPicture(saved, threads)
  const selectedOnTestSet = saved.recipe?.selectedOnTestSet ?? false
  return { recipe, dataset, params, epochs, seconds, test, msPerPicture, runDir, trained, selectedOnTestSet }
}

const timedPictures = 1024
const timedBatch = 32

/** A forward pass over even grey pictures, after one over a single batch that compiles and warms. */
async function millisecondsPerPicture(saved: SavedModel, threads: number | undefined): Promise<number> {
  const trainer = trainerOf(saved, 'predict', threads)
  const grey = (count: number) =>
    inputRows(saved.model, {
      shape: [count, ...saved.spec.shape],
      data: new Uint8Array(count * sizeOf(saved.spec.shape)).fill(128),
    })
  try {
    await predict(trainer, grey(timedBatch), { batchSize: timedBatch })
    const { seconds } = await predict(trainer, grey(timedPictures), { batchSize: timedBatch })
    return (seconds * 1000) / timedPictures
  } finally {
    await trainer.dispose()
  }
}
