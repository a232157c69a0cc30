/** `fovea predict MODEL PICTURE…`: what a saved model sees in picture files, turned into its input by its own preprocessing. */

import { onOneThreadEach } from '@fovea/pictures/internal/decoder-threads'
import { largestOf } from 'fovea/internal/base/extremes'
import { shellWord } from 'fovea/internal/base/text'
import { middleOnly } from 'fovea/internal/preprocess/input'
import { viewCount } from 'fovea/internal/preprocess/views'
import { type Context, command } from '../command/command.ts'
import type { PredictThreshold } from '../command/documents.ts'
import { noEffect, noteDevice, notePreprocessing } from '../command/no-effect.ts'
import { checkPairs } from '../command/option-pairs.ts'
import { commonOptions, flag, type OptionValues, shareOption, wholeOption } from '../command/options.ts'
import { deviceOptions, viewsChosen, viewsOption } from '../command/recipe-options.ts'
import { predictionsText } from '../terminal/predictions-text.ts'
import { chosenThreshold, thresholdText, unknownPictures } from './answer-threshold.ts'
import { askedPictures, checkPictureWord, shardOption } from './asked-pictures.ts'
import { type Asking, answersTo } from './picture-answers.ts'
import { csvWriter, jsonLinesWriter, jsonWriter, type PredictionWriter, textWriter } from './prediction-writers.ts'
import { predictorOf, type SavedModel, savedModel } from './saved-model.ts'
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
    name: 'MODEL PICTURE…',
    help: 'a model file or a run directory, then pictures of any size, folders of them, or - for paths on standard input',
    least: 2,
    most: Number.POSITIVE_INFINITY,
  },
  options,
  examples: [
    'predict runs/mnist-cnn-course-1-1 my-digit.png',
    'predict best.safetensors a.jpg b.jpg --json',
    'predict runs/photos-1-1 new-photos --precision 0.95 --csv > answers.csv',
  ],
  run: (context, { values, words: [word, ...names] }) =>
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
      for (const name of names) await checkPictureWord(name)
      const saved = await savedModel(word!, context)
      noteDevice(context, values)
      notePreprocessing(context, values, saved.spec)
      if (values.augment && viewCount(saved.spec) === 1)
        noEffect(context, 'augment', 'digits are looked at where their strokes are, and not mirrored')
      const predictor = predictorOf(saved, values.threads)
      const input = { noInvert: values['no-invert'] === true, raw: values.raw === true }
      const asking: Asking = {
        saved,
        predictor,
        input,
        augment: values.augment === true,
        views: viewsChosen(values.views),
      }
      try {
        const { failed, first } = await onOneThreadEach(async () => {
          const threshold = await thresholdOf(context, word!, asking, values, signal)
          const asked = await askedPictures(context, names, values.shard)
          const writer = writerOf(context, saved, asked.files, values, threshold)
          return writtenAnswers(context, asked, asking, { writer, top: values.top, min: threshold?.min }, signal)
        })
        const isForPeople = !values.csv && !values.jsonl
        return {
          failed,
          ...(first !== undefined &&
            isForPeople && { next: `explain ${shellWord(word!)} ${shellWord(first)} --out page.html` }),
        }
      } finally {
        await predictor.dispose()
      }
    }),
})

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
  const tested = asking.saved.recipe?.testViews
  if (augment || asking.views !== tested)
    context.note(
      `the threshold was chosen on answers ${tested === undefined ? 'without views' : `with --views ${tested}`}.`,
    )
  return threshold
}

function writerOf(
  { json, stdout }: Context,
  { path, classNames }: SavedModel,
  files: readonly string[],
  { csv, jsonl, top, views }: OptionValues<typeof options>,
  threshold: PredictThreshold | undefined,
): PredictionWriter {
  const seen = viewsChosen(views)
  if (json) return jsonWriter({ model: path, ...(seen && { views: seen }), ...(threshold && { threshold }) })
  if (jsonl) return jsonLinesWriter
  if (csv) return csvWriter(classNames, top)
  const columns = stdout.isTerminal ? stdout.columns : Number.POSITIVE_INFINITY
  return textWriter(predictionsText({ files, classNames, top: top ?? 3, columns, common: middleOnly }))
}
