/** `fovea shift-test MODEL…`: accuracy when the test pictures are moved by pixels and turned by degrees, one curve a model. */
import { columns, percent, shellWord } from 'fovea/internal/base/text'
import { changedPictures, sourceRange } from 'fovea/internal/data/parts-of-source'
import type { PictureSource } from 'fovea/internal/data/picture-source'
import { labelledPictures } from 'fovea/internal/engine/picture-rows'
import { movedPictures, turnedPictures } from 'fovea/internal/explain/shift'
import { command } from '../command/command.ts'
import { datasetOptions, dataWords } from '../command/dataset-options.ts'
import type { ShiftTestDocument, ShiftTestModel } from '../command/documents.ts'
import { eachFile } from '../command/each-file.ts'
import { noteDevice, noteLimit } from '../command/no-effect.ts'
import { commonOptions, type Option, textOption, wholeOption } from '../command/options.ts'
import { deviceOptions } from '../command/recipe-options.ts'
import { distinctPaths } from '../command/run-folder.ts'
import { evaluatorOf } from './saved-evaluator.ts'
import { type SavedModel, savedModel } from './saved-model.ts'
import { testPictures } from './test-pictures.ts'

const wholeTens: Option<number> = {
  help: 'the widest turn, in steps of 10 degrees (default: 30; 0: none)',
  value: 'N',
  read: written => {
    const expected = 'a multiple of 10 from 0 to 180'
    return /^\d+$/.test(written) && Number(written) <= 180 && Number(written) % 10 === 0
      ? { value: Number(written) }
      : { expected }
  },
}

export const shiftTest = command({
  positional: { name: 'MODEL…', help: 'model files or run directories', least: 1, most: Number.POSITIVE_INFINITY },
  options: {
    dataset: textOption('NAME', 'a data set, or a folder of pictures (default: the one each model was trained on)'),
    pixels: wholeOption('N', 'the farthest shift, in pixels (default: 4)', 1, 64),
    degrees: wholeTens,
    limit: wholeOption('N', 'only the first N test pictures'),
    threads: deviceOptions.threads,
    ...datasetOptions,
    ...commonOptions,
  },
  examples: ['shift-test runs/mnist-mlp-1-1 runs/mnist-cnn-1-1', 'shift-test runs/shapes-cnn-1-1 --pixels 6 --json'],
  run: (context, { values, words }) =>
    context.interruptible(async signal => {
      noteDevice(context, values)
      const { done: models, failed } = await eachFile(distinctPaths(words), async word => {
        const saved = await savedModel(word, context)
        const { pictures: test } = await testPictures(saved, values.dataset, values, context, signal)
        noteLimit(context, 'limit', values.limit, test.count, 'test pictures')
        return shiftCurve(saved, test, values, signal)
      })
      const document: ShiftTestDocument = {
        models,
        failed: failed.map(({ file: model, problems }) => ({ model, problems })),
      }
      const named = values.dataset === undefined ? '' : ` --dataset ${shellWord(values.dataset)}`
      const next = `evaluate ${shellWord(words[0]!)}${named}${dataWords(values)}`
      return { document, text: report(models), next, failed }
    }),
})

interface Extent {
  readonly pixels?: number
  readonly degrees?: number
  readonly limit?: number
  readonly threads?: number
}

async function shiftCurve(
  saved: SavedModel,
  pictures: PictureSource,
  extent: Extent,
  signal: AbortSignal,
): Promise<ShiftTestModel> {
  const { pixels = 4, degrees = 30, limit = pictures.count, threads } = extent
  const { shape } = pictures
  const test = sourceRange(pictures, 0, Math.min(limit, pictures.count))
  const evaluator = evaluatorOf(saved, threads)
  const accuracyOf = async (source: PictureSource): Promise<number> => {
    const rows = labelledPictures(saved.model, evaluator.targets, source)
    const { logs, complete } = await evaluator.evaluate(rows, { signal })
    if (!complete) signal.throwIfAborted()
    return logs['accuracy']!
  }
  /** The mean over changes of the pictures, which are made as they are read. */
  const mean = async (changes: readonly ((images: Uint8Array) => Uint8Array)[]): Promise<number> => {
    let sum = 0
    for (const change of changes) sum += await accuracyOf(changedPictures(test, shape, change))
    return sum / changes.length
  }
  try {
    const unshifted = await accuracyOf(test)
    const shifts = []
    for (let by = 1; by <= pixels; by++) {
      const directions = [
        [-by, 0],
        [by, 0],
        [0, -by],
        [0, by],
      ] as const
      const accuracy = await mean(
        directions.map(
          ([down, right]) =>
            images =>
              movedPictures(images, shape, down, right),
        ),
      )
      shifts.push({ pixels: by, accuracy })
    }
    const turns = []
    for (let by = 10; by <= degrees; by += 10) {
      const accuracy = await mean([by, -by].map(angle => images => turnedPictures(images, shape, angle)))
      turns.push({ degrees: by, accuracy })
    }
    return { name: saved.recipe?.name ?? saved.model.name, path: saved.path, unshifted, shifts, turns }
  } finally {
    await evaluator.dispose()
  }
}

function report(models: readonly ShiftTestModel[]): string {
  const [{ shifts, turns }] = models as readonly [ShiftTestModel]
  // Two runs of one recipe go by their paths.
  const titleOf = ({ name, path }: ShiftTestModel): string =>
    models.some(other => other.name === name && other.path !== path) ? path : name
  return columns([
    {
      title: 'test pictures',
      cells: [
        'as they are',
        ...shifts.map(({ pixels }) => `moved by ${pixels}`),
        ...turns.map(({ degrees }) => `turned by ${degrees}°`),
      ],
    },
    ...models.map(model => ({
      title: titleOf(model),
      cells: [
        model.unshifted,
        ...model.shifts.map(each => each.accuracy),
        ...model.turns.map(each => each.accuracy),
      ].map(percent),
      align: 'right' as const,
    })),
  ])
}
