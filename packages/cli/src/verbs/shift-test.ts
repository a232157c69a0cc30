/** `fovea shift-test MODEL…`: accuracy when the test pictures are moved by pixels and turned by degrees, one curve a model. */
import { UserError } from 'fovea/internal/base/errors'
import { columns, percent, shellWord } from 'fovea/internal/base/text'
import { type Dataset, rangeOf } from 'fovea/internal/data/dataset'
import { trainingRows } from 'fovea/internal/engine/labelled-rows'
import { movedPictures, turnedPictures } from 'fovea/internal/explain/shift'
import { prepareDataset } from 'fovea/internal/preprocess/input'
import { command } from '../command/command.ts'
import { datasetOptions, dataWords, openDataset } from '../command/dataset-options.ts'
import type { ShiftTestDocument, ShiftTestModel } from '../command/documents.ts'
import { noteDevice, noteLimit } from '../command/no-effect.ts'
import { commonOptions, type Option, text, whole } from '../command/options.ts'
import { deviceOptions } from '../command/recipe-options.ts'
import { distinctPaths } from '../command/run-folder.ts'
import { evaluatorOf } from './saved-evaluator.ts'
import { checkClasses, type SavedModel, savedModel } from './saved-model.ts'

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
    dataset: text('NAME', 'the data set (default: the one each model was trained on)'),
    pixels: whole('N', 'the farthest shift, in pixels (default: 4)', 1, 64),
    degrees: wholeTens,
    limit: whole('N', 'only the first N test pictures'),
    threads: deviceOptions.threads,
    ...datasetOptions,
    ...commonOptions,
  },
  examples: ['shift-test runs/mnist-mlp-1-1 runs/mnist-cnn-1-1', 'shift-test runs/shapes-cnn-1-1 --pixels 6 --json'],
  run: (context, { values, words }) =>
    context.interruptible(async signal => {
      noteDevice(context, values)
      const models: ShiftTestModel[] = []
      const saved = await Promise.all(distinctPaths(words).map(savedModel))
      for (const each of saved) {
        const name = values.dataset ?? each.recipe?.dataset
        if (name === undefined) {
          throw new UserError({
            what: `${each.path} does not say what it was trained on.`,
            fix: 'Give --dataset NAME.',
          })
        }
        const dataset = prepareDataset(await openDataset(name, values, context, signal), each.spec)
        checkClasses(each, dataset)
        noteLimit(context, 'limit', values.limit, dataset.test.count, 'test pictures')
        models.push(await shiftCurve(each, dataset, values, signal))
      }
      const document: ShiftTestDocument = { models }
      const named = values.dataset === undefined ? '' : ` --dataset ${shellWord(values.dataset)}`
      const next = `evaluate ${shellWord(words[0]!)}${named}${dataWords(values)}`
      return { document, text: report(models), next }
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
  dataset: Dataset,
  extent: Extent,
  signal: AbortSignal,
): Promise<ShiftTestModel> {
  const { pixels = 4, degrees = 30, limit = dataset.test.count, threads } = extent
  const test = rangeOf(dataset.test, 0, Math.min(limit, dataset.test.count))
  const evaluator = evaluatorOf(saved, threads)
  const accuracyOf = async (images: Uint8Array): Promise<number> => {
    const rows = trainingRows(saved.model, evaluator.targets, images, test.labels)
    const { logs, complete } = await evaluator.evaluate(rows, { signal })
    if (!complete) signal.throwIfAborted()
    return logs['accuracy']!
  }
  const mean = async (variants: readonly Uint8Array[]): Promise<number> => {
    let sum = 0
    for (const images of variants) sum += await accuracyOf(images)
    return sum / variants.length
  }
  try {
    const unshifted = await accuracyOf(test.images)
    const shifts = []
    for (let by = 1; by <= pixels; by++) {
      const directions = [
        [-by, 0],
        [by, 0],
        [0, -by],
        [0, by],
      ] as const
      const accuracy = await mean(
        directions.map(([down, right]) => movedPictures(test.images, dataset.shape, down, right)),
      )
      shifts.push({ pixels: by, accuracy })
    }
    const turns = []
    for (let by = 10; by <= degrees; by += 10) {
      const accuracy = await mean([by, -by].map(angle => turnedPictures(test.images, dataset.shape, angle)))
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
