/** `fovea train RECIPE`: trains a recipe, or a configuration file, into a run directory. */
import type { Dataset } from '../data/dataset.ts'
import { nodeFiles } from '../host/node/files.ts'
import { progressBar } from '../train/callbacks/progress-bar.ts'
import type { RecipeConfig } from '../train/recipes/recipe.ts'
import type { TrainReport } from '../train/report.ts'
import { type RecipeRun, type RunRecipeOptions, runRecipe } from '../train/run-recipe.ts'
import { type Context, command } from './command.ts'
import { datasetOptions, openDataset } from './dataset-options.ts'
import { nodeDevice } from './device.ts'
import { commonOptions, type OptionValues, text } from './options.ts'
import { changesOf, deviceOptions, recipeOf, recipeOptions } from './recipe-options.ts'
import { freshRunFolder, givenRunFolder } from './run-folder.ts'
import { bytes, duration, percent } from './text.ts'

const options = {
  ...recipeOptions,
  ...deviceOptions,
  ...datasetOptions,
  out: text('DIR', 'run directory (default: runs/RECIPE-SEED-COUNTER)'),
  resume: text('DIR', 'go on with the interrupted run in this directory'),
  ...commonOptions,
}

export const train = command({
  name: 'train',
  summary: 'train a recipe, or a configuration file, into a run directory',
  positional: {
    name: 'RECIPE',
    help: "a recipe's name, or a file as 'recipes NAME --json' prints it",
    least: 1,
    most: 1,
  },
  options,
  examples: ['train shapes-cnn', 'train mnist-cnn --epochs 3 --seed 2', 'train my.json --out runs/mine --json'],
  run: (context, { values, words: [word] }) =>
    context.interruptible(async signal => {
      const config = await recipeOf(word!)
      const dataset = await openDataset(config.dataset, values, context, signal)
      const { report, endReason } = await trainRecipe(config, dataset, context, values, signal)
      const interrupted = endReason === 'aborted'
      return {
        document: report,
        text: reportText(report, config),
        next: interrupted ? `train ${word} --resume ${report.runDir}` : nextAfter(report),
        exitCode: interrupted ? 130 : 0,
      }
    }),
})

type TrainValues = OptionValues<Omit<typeof options, keyof typeof datasetOptions | keyof typeof commonOptions>>

/** Trains with the command line's options and progress, into a run directory of its own unless one is given. */
export async function trainRecipe(
  config: RecipeConfig,
  dataset: Dataset,
  context: Context,
  values: TrainValues,
  signal: AbortSignal,
): Promise<RecipeRun> {
  const { device, clock } = nodeDevice()
  const { limit, threads, numerics, out, resume } = values
  const runOptions: RunRecipeOptions = {
    device,
    clock,
    ...changesOf(values),
    ...(limit === undefined ? {} : { limit }),
    ...(threads === undefined ? {} : { threads }),
    ...(numerics === undefined ? {} : { numerics }),
    files: nodeFiles,
    runDir:
      resume ??
      (out === undefined ? await freshRunFolder(config.name, values.seed ?? config.seed) : await givenRunFolder(out)),
    resume: resume !== undefined,
    listeners: [progressBar(context.progress, { now: clock.now })],
    signal,
  }
  return runRecipe(config, dataset, runOptions)
}

function nextAfter({ dataset, recipe, runDir }: TrainReport): string {
  if (dataset === 'shapes')
    return recipe === 'shapes-mlp' ? 'compare shapes-mlp shapes-cnn' : `evaluate ${runDir} --dataset shapes`
  return `predict ${runDir} picture.png`
}

function reportText(report: TrainReport, config: RecipeConfig): string {
  const { test, best, history } = report
  const tested = config.test === 'best' && best ? `the weights of epoch ${best.epoch}` : 'the last weights'
  const selected = config.selectedOnTestSet ? ' (selected on the test set)' : ''
  const validation = history.flatMap(epoch => epoch.valAccuracy ?? [])
  return [
    '',
    ...(test === null
      ? [`Interrupted in epoch ${report.epochs + 1}: what is trained so far is saved, the test is left out.`]
      : [`Test accuracy ${percent(test.accuracy)}, loss ${test.loss.toFixed(4)}, with ${tested}${selected}`]),
    ...(validation.length === 0
      ? []
      : [`Validation accuracy: best ${percent(Math.max(...validation))}, last ${percent(validation.at(-1)!)}`]),
    `${report.epochs} ${report.epochs === 1 ? 'epoch' : 'epochs'} in ${duration(report.seconds)} (${report.msPerStep.toFixed(2)} ms a step, ${report.threads} ${report.threads === 1 ? 'thread' : 'threads'}, ` +
      `compiled in ${duration(report.compileSeconds)}, ${bytes(report.peakBytes)})`,
    `Weights ${report.weightsSha256}`,
    ...(report.runDir ? [`Run directory ${report.runDir}`] : []),
  ].join('\n')
}
