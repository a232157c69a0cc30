/** `fovea compare A B …`: recipes are trained, finished runs are read, and their results stand side by side. */
import { InternalError } from '../base/errors.ts'
import { sizeOf } from '../base/shape.ts'
import { columns, duration, grouped, percent, shellWord } from '../base/text.ts'
import { predict } from '../train/evaluate.ts'
import type { TrainReport } from '../train/report.ts'
import { inputRows } from '../train/rows.ts'
import { command } from './command.ts'
import { datasetOptions, dataWords, openDataset } from './dataset-options.ts'
import type { CompareDocument, ComparedRun } from './documents.ts'
import { commonOptions } from './options.ts'
import { checkTrainable, deviceOptions, recipeOf, recipeOptions } from './recipe-options.ts'
import { closingReport } from './report.ts'
import { finishedRun } from './run-folder.ts'
import { type SavedModel, savedModel, trainerOf } from './saved-model.ts'
import { resumeCommand, trainRecipe } from './train.ts'

const options = { ...recipeOptions, ...deviceOptions, ...datasetOptions, ...commonOptions }

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
  examples: ['compare shapes-mlp shapes-cnn', 'compare runs/mnist-mlp-1-1 runs/mnist-cnn-1-1 --json'],
  run: (context, { values, words }) =>
    context.interruptible(async signal => {
      // Every word is looked up before the first one is trained.
      const finished = await Promise.all(words.map(finishedRun))
      const recipes = await Promise.all(words.map((word, index) => (finished[index] ? undefined : recipeOf(word))))
      for (const recipe of recipes) if (recipe) checkTrainable(recipe, values)
      const runs: ComparedRun[] = []
      for (const [index, report] of finished.entries()) {
        const config = recipes[index]
        if (report) runs.push(await comparedRun(report, false, values.threads))
        else if (config) {
          context.say(`\n── ${config.name}: ${config.title}`)
          const dataset = await openDataset(config.dataset, values, context, signal)
          const trained = await trainRecipe(config, dataset, context, values, signal)
          if (trained.endReason === 'aborted') {
            return interrupted(runs, `${resumeCommand(words[index]!, trained.report)}${dataWords(values)}`)
          }
          runs.push(await comparedRun(trained.report, true, values.threads))
          await closingReport([runs.at(-1)!.runDir])
        }
      }
      const best = runs.reduce((a, b) => (b.test.accuracy > a.test.accuracy ? b : a))
      const next = `evaluate ${shellWord(best.runDir)} --dataset ${best.dataset}${dataWords(values)}`
      const page = await closingReport(runs.map(({ runDir }) => runDir))
      const document: CompareDocument = { runs, report: page.path }
      return { document, text: `${report(runs)}\n\n${page.line}`, next }
    }),
})

function interrupted(runs: readonly ComparedRun[], next: string) {
  const text = runs.length === 0 ? 'Interrupted: what is trained so far is saved.' : report(runs)
  const document: CompareDocument = { runs, report: null }
  return { document, text, next, exitCode: 130 }
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

function report(runs: readonly ComparedRun[]): string {
  const right = { align: 'right' } as const
  const table = columns([
    { title: 'recipe', cells: runs.map(run => run.recipe) },
    { title: 'parameters', cells: runs.map(run => grouped(run.params)), ...right },
    { title: 'epochs', cells: runs.map(run => String(run.epochs)), ...right },
    {
      title: 'time',
      cells: runs.map(run => (run.trained ? duration(run.seconds) : `${duration(run.seconds)}, earlier`)),
      ...right,
    },
    {
      title: 'test accuracy',
      cells: runs.map(run => `${percent(run.test.accuracy)}${run.selectedOnTestSet ? ' *' : ''}`),
      ...right,
    },
    { title: 'ms per picture', cells: runs.map(run => run.msPerPicture.toFixed(3)), ...right },
    { title: 'run directory', cells: runs.map(run => run.runDir) },
  ])
  const lines = ['', table]
  if (runs.some(run => run.selectedOnTestSet)) lines.push('* selected on the test set')
  const [best, second] = [...runs].sort((a, b) => b.test.accuracy - a.test.accuracy)
  if (best && second && best.dataset === second.dataset && best.test.accuracy > second.test.accuracy) {
    lines.push('', verdict(best, second))
  }
  return lines.join('\n')
}

/** `shapes-cnn is 40.2 points better than shapes-mlp, with 11 % of its parameters.` Runs of one recipe go by their directories. */
function verdict(best: ComparedRun, second: ComparedRun): string {
  const name = ({ recipe, runDir }: ComparedRun) => (best.recipe === second.recipe ? runDir : recipe)
  const points = ((best.test.accuracy - second.test.accuracy) * 100).toFixed(1)
  const share = Math.round((best.params / second.params) * 100)
  const size = best.params === second.params ? 'as many' : `${share} % of its`
  return `${name(best)} is ${points} points better than ${name(second)}, with ${size} parameters.`
}
