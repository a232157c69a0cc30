/** `fovea predict MODEL… PICTURE…`: what a saved model, or several together, sees in picture files, turned into its input by its own preprocessing. */

import { onOneThreadEach } from '@fovea/pictures/internal/decoder-threads'
import { largestOf } from 'fovea/internal/base/extremes'
import { shellWord } from 'fovea/internal/base/text'
import { middleOnly } from 'fovea/internal/preprocess/input'
import { viewCount } from 'fovea/internal/preprocess/views'
import { type Context, command } from '../command/command.ts'
import { noEffect, noteDevice, notePreprocessing } from '../command/no-effect.ts'
import { checkPairs } from '../command/option-pairs.ts'
import { commonOptions, flag, type OptionValues, shareOption, wholeOption } from '../command/options.ts'
import type { PredictThreshold } from '../command/predict-documents.ts'
import { deviceOptions, viewsChosen, viewsOption } from '../command/recipe-options.ts'
import { UsageError } from '../command/usage-error.ts'
import { predictionsText } from '../terminal/predictions-text.ts'
import { chosenThreshold, thresholdText, unknownPictures } from './answer-threshold.ts'
import { askedPictures, shardOption } from './asked-pictures.ts'
import { type Asking, answersTo } from './picture-answers.ts'
import { csvWriter, jsonLinesWriter, jsonWriter, type PredictionWriter, textWriter } from './prediction-writers.ts'
import { predictorOf } from './saved-model.ts'
import { modelsAndPictures, severalModels } from './several-models.ts'
import { writtenAnswers } from './written-answers.ts'

const options = {
  top: wholeOption('N', 'the N most probable classes of each picture (default 3)'),
  min: shareOption('P', 'an answer less probable than this is unsure'),
  precision: shareOption('P', 'of a run: choose --min so that on its test pictures the answers are right this often'),
  augment: flag('the mean over ten views of each picture: itself and four crops, each also mirrored'),
  views: viewsOption,
  shard: shardOption,
  csv: flag('a table of comma-separated values on standard output'),
  jsonl: flag('a JSON document a line on standard output'),
  'no-invert': flag('digits: never turn dark strokes on light paper into light ones on dark'),
  raw: flag('no preprocessing but the size and the channels'),
  threads: deviceOptions.threads,
  ...commonOptions,
}

export const predict = command({
  positional: {
    name: 'MODEL… PICTURE…',
    help: 'a model file or a run directory (of several the mean is the answer), then pictures of any size, folders of them, or - for paths on standard input',
    least: 2,
    most: Number.POSITIVE_INFINITY,
  },
  options,
  examples: [
    'predict runs/mnist-cnn-course-1-1 my-digit.png',
    'predict best.safetensors a.jpg b.jpg --json',
    'predict runs/photos-1-1 runs/photos-2-1 runs/photos-3-1 a.jpg',
    'predict runs/photos-1-1 new-photos --precision 0.95 --csv > answers.csv',
  ],
  run: (context, { values, words }) =>
    context.interruptible(async signal => {
      checkPairs(values, {
        excludes: [
          ['min', 'precision'],
          ['augment', 'views'],
          ['json', 'jsonl'],
          ['json', 'csv'],
          ['jsonl', 'csv'],
        ],
      })
      const { models: named, pictures: names } = await modelsAndPictures(words)
      checkNamed(named, names, values)
      const { members, classNames } = await severalModels(named, context)
      noteDevice(context, values)
      for (const { saved } of members) notePreprocessing(context, values, saved.spec)
      if (values.augment && members.every(({ saved }) => viewCount(saved.spec) === 1))
        noEffect(context, 'augment', 'digits are looked at where their strokes are, and not mirrored')
      const models = members.map(member => ({ ...member, predictor: predictorOf(member.saved, values.threads) }))
      const input = { noInvert: values['no-invert'] === true, raw: values.raw === true }
      const asking: Asking = {
        models,
        classNames,
        input,
        augment: values.augment === true,
        views: viewsChosen(values.views),
      }
      try {
        const { failed, first } = await onOneThreadEach(async () => {
          const threshold = await thresholdOf(context, named[0]!, asking, values, signal)
          const asked = await askedPictures(context, names, values.shard)
          const writer = writerOf(context, asking, asked.files, values, threshold)
          return writtenAnswers(context, asked, asking, { writer, top: values.top, min: threshold?.min }, signal)
        })
        const isForPeople = !values.csv && !values.jsonl
        return {
          failed,
          ...(first !== undefined &&
            isForPeople && { next: `explain ${shellWord(named[0]!)} ${shellWord(first)} --out page.html` }),
        }
      } finally {
        for (const { predictor } of models) await predictor.dispose()
      }
    }),
})

function checkNamed(
  models: readonly string[],
  pictures: readonly string[],
  { precision }: OptionValues<typeof options>,
): void {
  if (pictures.length === 0)
    throw new UsageError({
      what: 'predict is asked about no picture.',
      expected: 'MODEL… PICTURE…',
      received: `${models.length} models`,
      fix: `Name a picture behind them: fovea predict ${models.map(shellWord).join(' ')} your-picture.png`,
    })
  if (precision !== undefined && models.length > 1)
    throw new UsageError({
      what: '--precision chooses the threshold of one run, and several models are named.',
      fix: 'Give the threshold itself: --min 0.8.',
    })
}

/** Undefined where every answer counts as sure. */
async function thresholdOf(
  context: Context,
  run: string,
  asking: Asking,
  { min, precision, augment }: OptionValues<typeof options>,
  signal: AbortSignal,
): Promise<PredictThreshold | undefined> {
  if (precision === undefined) return min === undefined ? undefined : { min }
  const unknown = await unknownPictures(run)
  if (unknown === undefined)
    context.note('the pictures of this run are not where they were: those of none of its classes do not count.')
  const strangers: number[] = []
  for await (const answer of answersTo(unknown ?? [], { ...asking, augment: false }, signal))
    if ('probabilities' in answer) strangers.push(largestOf(answer.probabilities))
  const threshold = await chosenThreshold(run, precision, strangers)
  context.note(thresholdText(threshold))
  const tested = asking.models[0]!.saved.recipe?.testViews
  if (augment || asking.views !== tested)
    context.note(
      `the threshold was chosen on answers ${tested === undefined ? 'without views' : `with --views ${tested}`}.`,
    )
  return threshold
}

function writerOf(
  { json, stdout }: Context,
  { models, classNames }: Asking,
  files: readonly string[],
  { csv, jsonl, top, views }: OptionValues<typeof options>,
  threshold: PredictThreshold | undefined,
): PredictionWriter {
  const seen = viewsChosen(views)
  const paths = models.map(({ saved }) => saved.path)
  const several = paths.length > 1 ? paths : undefined
  if (json)
    return jsonWriter({
      model: paths[0]!,
      ...(several && { ensemble: several }),
      ...(seen && { views: seen }),
      ...(threshold && { threshold }),
    })
  if (jsonl) return jsonLinesWriter
  if (csv) return csvWriter(classNames, top, several)
  const columns = stdout.isTerminal ? stdout.columns : Number.POSITIVE_INFINITY
  return textWriter(
    predictionsText({ files, classNames, top: top ?? 3, columns, common: middleOnly, several: several !== undefined }),
  )
}
