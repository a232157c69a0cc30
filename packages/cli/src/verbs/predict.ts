/** `fovea predict MODEL PICTURE…`: what a saved model sees in picture files, turned into its input by its own preprocessing. */

import { readPicture } from '@fovea/pictures/internal/pictures'
import { UserError } from 'fovea/internal/base/errors'
import { largestOf } from 'fovea/internal/base/extremes'
import { classProbabilities } from 'fovea/internal/base/probabilities'
import { percent, shellWord } from 'fovea/internal/base/text'
import { inputRows } from 'fovea/internal/engine/rows'
import { middleOnly, pictureToInput } from 'fovea/internal/preprocess/input'
import { command } from '../command/command.ts'
import type { PicturePrediction, PredictDocument } from '../command/documents.ts'
import { eachFile } from '../command/each-file.ts'
import { noteDevice, notePreprocessing } from '../command/no-effect.ts'
import { commonOptions, flag } from '../command/options.ts'
import { deviceOptions } from '../command/recipe-options.ts'
import { predictorOf, type SavedModel, savedModel } from './saved-model.ts'

export const predict = command({
  positional: {
    name: 'MODEL PICTURE…',
    help: 'a model file or a run directory, then pictures of any size',
    least: 2,
    most: Number.POSITIVE_INFINITY,
  },
  options: {
    'no-invert': flag('digits: never turn dark strokes on light paper into light ones on dark'),
    raw: flag('no preprocessing but the size and the channels'),
    threads: deviceOptions.threads,
    ...commonOptions,
  },
  examples: ['predict runs/mnist-cnn-course-1-1 my-digit.png', 'predict best.safetensors a.jpg b.jpg --json'],
  run: (context, { values, words: [word, ...files] }) =>
    context.interruptible(async signal => {
      const saved = await savedModel(word!)
      noteDevice(context, values)
      notePreprocessing(context, values, saved.spec)
      const how = { noInvert: values['no-invert'] === true, raw: values.raw === true }
      const { done: read, failed } = await eachFile(files, async file => ({
        file,
        input: pictureToInput(await readPicture(file), saved.spec, how),
      }))
      const size = saved.spec.shape.reduce((product, extent) => product * extent, 1)
      const pixels = new Uint8Array(read.length * size)
      for (const [index, { input }] of read.entries()) pixels.set(input.pixels, index * size)
      const predictor = predictorOf(saved, values.threads)
      try {
        const rows = inputRows(saved.model, { shape: [read.length, ...saved.spec.shape], data: pixels })
        const { predictions, complete } = await predictor.predict(rows, { signal })
        if (!complete) signal.throwIfAborted()
        const all = predictions[saved.model.outputs[0]!.name]!
        const document: PredictDocument = {
          model: saved.path,
          predictions: read.map(({ file, input }, index) => picturePrediction(file, index, all, input.notes, saved)),
          failed: failed.map(({ file: picture, problems }) => ({ picture, problems })),
        }
        return {
          document,
          text: report(document, saved),
          next: `explain ${shellWord(word!)} ${shellWord(read[0]!.file)} --out page.html`,
          failed,
        }
      } finally {
        await predictor.dispose()
      }
    }),
})

function picturePrediction(
  picture: string,
  index: number,
  all: Float32Array,
  notes: readonly string[],
  { path, model, classNames }: SavedModel,
): PicturePrediction {
  const units = model.outputs[0]!.shape.at(-1) ?? 1
  const probabilities = classProbabilities(all.subarray(index * units, (index + 1) * units))
  const winner = probabilities.indexOf(largestOf(probabilities))
  if (winner < 0) {
    throw new UserError({
      what: `${path} gives no probabilities for ${picture}, but NaN.`,
      fix: 'Its weights are damaged, or its training broke down: take another model.',
    })
  }
  return {
    picture,
    class: winner,
    className: classNames[winner] ?? String(winner),
    probability: probabilities[winner] ?? Number.NaN,
    probabilities,
    notes,
  }
}

function report({ predictions }: PredictDocument, { classNames }: SavedModel): string {
  // What holds for all is said once, at the end.
  const areAllCut = predictions.length > 1 && predictions.every(({ notes }) => notes.some(isCutNote))
  const lines = predictions
    .map(({ picture, className, probability, probabilities, notes }) => {
      const others = probabilities
        .map((value, index) => ({ value, name: classNames[index]! }))
        .filter(({ name }) => name !== className)
        .sort((a, b) => b.value - a.value)
        .slice(0, 2)
        .map(({ value, name }) => `${name} ${percent(value)}`)
      const line = `${picture}: ${className} ${percent(probability)} (then ${others.join(', ')})`
      return [line, ...notes.filter(note => !areAllCut || !isCutNote(note)).map(note => `  ${note}`)].join('\n')
    })
    .join('\n')
  return areAllCut ? `${lines}\nOf all of them ${middleOnly}.` : lines
}

const isCutNote = (note: string): boolean => note.startsWith(middleOnly)
