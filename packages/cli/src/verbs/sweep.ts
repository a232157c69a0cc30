/** `fovea sweep RECIPE --vary …`: random search with successive halving for better numbers, and the winner trained in full. */
import { UserError } from 'fovea/internal/base/errors'
import { percent, shellWord } from 'fovea/internal/base/text'
import type { Dataset } from 'fovea/internal/data/dataset'
import type { PictureSource } from 'fovea/internal/data/picture-source'
import { withFileLock } from 'fovea/internal/host/node/file-lock'
import { makeFolder, nodeFiles } from 'fovea/internal/host/node/files'
import { removeLeftBehind } from 'fovea/internal/host/node/folder-lock'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import { changedRecipe } from 'fovea/internal/recipes/recipe-parts'
import { recipeEpochSeconds } from 'fovea/internal/runner/recipe-epoch-time'
import { type Context, command, type Outcome } from '../command/command.ts'
import { datasetOptions, dataWords, openDatasetOf } from '../command/dataset-options.ts'
import { nodeDevice } from '../command/device.ts'
import { useModelFormats } from '../command/model-file.ts'
import { noteDevice, noteFitted, noteLimit } from '../command/no-effect.ts'
import { checkPairs } from '../command/option-pairs.ts'
import { commonOptions, flag, type OptionValues, positive, textOption, texts, wholeOption } from '../command/options.ts'
import { isOwnPictures, ownTraining } from '../command/own-pictures.ts'
import { changesOf, checkTrainable, deviceOptions, recipeOf, recipeOptions } from '../command/recipe-options.ts'
import { freshFolder } from '../command/run-folder.ts'
import { asUsage, UsageError } from '../command/usage-error.ts'
import { version } from '../command/version.ts'
import type { Dimension } from '../sweep/dimension.ts'
import { type SweepDocument, sweepDocument } from '../sweep/document.ts'
import { type Journal, journalName, openJournal, records } from '../sweep/journal.ts'
import {
  checkSpace,
  heldOutRecipe,
  mostTrials,
  rungsOf,
  type SweepPlan,
  samePlan,
  trialsFor,
  usualTrials,
} from '../sweep/plan.ts'
import { dimensionOf, pointsIn } from '../sweep/space.ts'
import { trialFolder } from '../sweep/trial.ts'
import { winnerFolder, work } from '../sweep/worker.ts'
import { sweepText } from '../terminal/sweep-text.ts'
import { closingReport } from './report.ts'

const options = {
  vary: texts('NAME=VALUES', 'what is varied: learningRate=1e-4..1e-2, dropout=0,0.2,0.4, momentum=lin:0..0.9'),
  trials: wholeOption('N', 'how many trials (default: 27, or what --minutes has room for)', 1, mostTrials),
  minutes: positive('N', 'as many trials as one process trains in about so long, with the winner'),
  'no-winner': flag('do not train the winner in full at the end'),
  ...recipeOptions,
  threads: deviceOptions.threads,
  ...datasetOptions,
  out: textOption('DIR', 'folder of the sweep (default: runs/RECIPE-sweep-COUNTER); one that is there is joined'),
  resume: textOption('DIR', 'join the sweep in this folder, or go on with it: its own plan holds'),
  ...commonOptions,
}
type Values = OptionValues<typeof options>

/** What the plan of a sweep says, and a call that joins one does not. */
const planned = [
  'vary',
  'trials',
  'minutes',
  'no-winner',
  'epochs',
  'batch-size',
  'learning-rate',
  'seed',
  'limit',
] as const

export const sweep = command({
  positional: {
    name: 'RECIPE|PICTURES|RUN',
    help: "a recipe's name, a configuration file, a run directory (its recipe), or your own pictures; --resume needs none",
    least: 0,
    most: 1,
  },
  options,
  examples: [
    'sweep shapes-cnn --vary learningRate=1e-4..1e-2 --minutes 3',
    'sweep fashion-lenet --vary learningRate=0.01..1 --vary momentum=0..0.9 --trials 9',
    'sweep cifar10-cnn --vary learningRate=1e-4..1e-2 --vary dropout=0,0.2,0.4 --trials 27 --out runs/search',
    'sweep --resume runs/search',
  ],
  run: (context, { values, words: [word] }) =>
    context.interruptible(async signal => {
      checkPairs(values, {
        excludes: [['trials', 'minutes'], ['resume', 'out'], ...planned.map(name => ['resume', name] as const)],
      })
      noteDevice(context, values)
      useModelFormats()
      const begun =
        values.resume === undefined ? await begin(word, values, context, signal) : await join(word, values.resume)
      const { folder, journal, plan } = begun
      context.say(`${folder}: ${plan.trials} trials of ${plan.recipe.name}, ${plan.rungs} rungs`)
      const dataset = begun.dataset ?? (await openDatasetOf(plan.recipe, values, context, signal))
      const { device, clock } = nodeDevice()
      const done = await work(plan, journal, dataset as Dataset, folder, {
        ...{ device, clock, signal },
        onWinner: event => {
          if (event.type !== 'epoch-end') return
          const accuracy = event.logs['val_accuracy'] ?? event.logs['accuracy']!
          context.say(`  the winner in full, epoch ${event.epoch} of ${event.epochs}: ${percent(accuracy)}`)
        },
        ...(values.threads !== undefined && { threads: values.threads }),
        onPiece: ({ trial }, { value, epochs }) =>
          context.say(
            `  trial ${trial + 1}, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}: ${value === null ? 'broke down' : percent(value)}`,
          ),
      })
      return finished(begun, done, values)
    }),
})

interface BegunSweep {
  readonly folder: string
  readonly journal: Journal
  readonly plan: SweepPlan
  readonly dataset?: Dataset<PictureSource> | undefined
}

async function join(word: string | undefined, folder: string): Promise<BegunSweep> {
  if (word !== undefined)
    throw new UsageError({
      what: 'sweep --resume takes no RECIPE: that of the sweep holds.',
      received: word,
      fix: `Leave ${shellWord(word)} out.`,
    })
  const journal = openJournal(folder)
  const { plan } = await journal.read()
  if (plan) return { folder, journal, plan }
  throw new UserError({
    what: `${folder} holds no sweep to go on with.`,
    expected: `a folder with ${journalName}`,
    fix: 'Begin one: fovea sweep RECIPE --vary learningRate=1e-4..1e-2',
  })
}

/** A new sweep, or the one in the folder that is named, where it is the same. */
async function begin(
  word: string | undefined,
  values: Values,
  context: Context,
  signal: AbortSignal,
): Promise<BegunSweep> {
  if (word === undefined || values.vary === undefined)
    throw new UsageError({
      what: `sweep needs ${word === undefined ? 'a RECIPE' : '--vary'}.`,
      expected: 'what is varied, for example --vary learningRate=1e-4..1e-2 --vary dropout=0,0.2,0.4',
      fix: "See 'fovea help sweep'.",
    })
  const own = (await isOwnPictures(word))
    ? await ownTraining(word, seedOf(values), each => each, context, signal)
    : undefined
  const given = own?.recipe ?? (await recipeOf(word))
  const varied = await asUsage(() => values.vary!.map(each => dimensionOf(each, given)))
  checkNotVaried(varied, values)
  checkTrainable(given, values)
  noteFitted(context, given)
  const recipe = changedRecipe(given, changesOf(values))
  const dataset = own?.dataset ?? (await openDatasetOf(recipe, values, context, signal))
  const heldOut = heldOutRecipe(recipe, dataset.train.count)
  await asUsage(() => checkSpace(heldOut, varied))
  const held = 'count' in heldOut.validation ? heldOut.validation.count : 0
  noteLimit(context, 'limit', values.limit, dataset.train.count - held, 'training pictures')
  noteLimit(context, 'trials', values.trials, pointsIn(varied), 'different trials')
  const folder = values.out ?? (await freshFolder(`${recipe.name}-sweep`))
  await makeFolder(folder)
  const journal = openJournal(folder)
  // Who comes second keeps to the plan that is there, and measures nothing.
  const known = (await journal.read()).plan
  if (!known) await checkEmpty(folder)
  const draft = known ?? (await planOf(heldOut, varied, dataset, values, signal))
  const plan = await journal.change(state => ({
    add: state.plan ? [] : [records.plan(draft)],
    result: state.plan ?? draft,
  }))
  const asked = { ...plan, recipe: heldOut, dimensions: varied, limit: values.limit ?? null }
  const isSame = samePlan(plan, {
    ...asked,
    ...(values.trials !== undefined && { trials: trialsIn(values.trials, varied) }),
    minutes: values.minutes ?? null,
    trainsWinner: values['no-winner'] === undefined,
  })
  if (isSame) return { folder, journal, plan, dataset }
  throw new UserError({
    what: `${folder} holds another sweep.`,
    expected: 'the same recipe, --vary, --trials or --minutes, --seed and --limit',
    fix: `Go on with it: fovea sweep --resume ${shellWord(folder)}; or give --out a new folder.`,
  })
}

const seedOf = ({ seed }: Values) => (seed === undefined ? {} : { seed })

/** Of a finite space no trial is repeated. */
const trialsIn = (trials: number, varied: readonly Dimension[]): number => Math.min(trials, pointsIn(varied))

async function planOf(
  recipe: RecipeConfig,
  dimensions: readonly Dimension[],
  dataset: Dataset<PictureSource>,
  { trials, minutes, limit, threads, ...values }: Values,
  signal: AbortSignal,
): Promise<SweepPlan> {
  const trainsWinner = values['no-winner'] === undefined
  const place = { ...nodeDevice(), signal, files: nodeFiles }
  const count =
    minutes === undefined
      ? (trials ?? usualTrials)
      : trialsFor(
          minutes,
          await recipeEpochSeconds(recipe, dataset as Dataset, {
            ...place,
            ...(limit !== undefined && { limit }),
            ...(threads !== undefined && { threads }),
          }),
          recipe.epochs,
          trainsWinner,
        )
  const all = trialsIn(count, dimensions)
  const rungs = rungsOf(all, recipe, dimensions)
  const { seed } = recipe
  return { recipe, dimensions, seed, trials: all, rungs, limit: limit ?? null, minutes: minutes ?? null, trainsWinner }
}

async function checkEmpty(folder: string): Promise<void> {
  const names = (await nodeFiles.list(folder)).filter(name => !name.startsWith(journalName))
  if (names.length === 0) return
  throw new UserError({ what: `${folder} holds something else than a sweep.`, fix: 'Give --out a new folder.' })
}

/** A number that is varied has no single value. */
function checkNotVaried(dimensions: readonly Dimension[], values: Values): void {
  const words = { learningRate: 'learning-rate', batchSize: 'batch-size', epochs: 'epochs' } as const
  for (const { name } of dimensions) {
    const option = Object.hasOwn(words, name) ? words[name as keyof typeof words] : undefined
    if (option !== undefined && values[option] !== undefined)
      throw new UsageError({
        what: `--${option} and --vary ${name} exclude each other.`,
        fix: 'Leave one of them out.',
      })
  }
}

async function finished(
  { folder, journal, plan }: BegunSweep,
  done: boolean,
  values: Values,
): Promise<Outcome<SweepDocument>> {
  const state = await journal.read()
  const { winner } = state
  const trained = winner === undefined ? undefined : winnerFolder(folder)
  const document = sweepDocument(plan, state, { folder, winnerFolder: winnerFolder(folder) })
  const { sweepPage } = await import('../report/sweep-page.ts')
  // Workers of other machines may be as far at the same moment.
  await withFileLock(`${nodeFiles.join(folder, journalName)}.page`, async () => {
    if (done) await removeLeftBehind(nodeFiles, folder)
    await nodeFiles.write(document.report, new TextEncoder().encode(sweepPage(document, version())))
  })
  if (done && trained !== undefined) await closingReport([trained])
  const words = dataWords(values)
  const own = shellWord(folder)
  const [best] = document.trials
  const shown = trained ?? (best && trialFolder(folder, best.trial - 1))
  const next = done && shown !== undefined ? `report ${shellWord(shown)}` : `sweep --resume ${own}${words}`
  const lines = [sweepText(document), `Page ${document.report}`]
  return { document, text: lines.join('\n\n'), next, exitCode: done ? 0 : 130 }
}
