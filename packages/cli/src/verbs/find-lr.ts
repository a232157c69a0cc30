/** `fovea find-lr RECIPE`: a learning rate to begin with, by the range test (Smith 2015). */
import { extname } from 'node:path'
import { shellWord } from 'fovea/internal/base/text'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { changedRecipe } from 'fovea/internal/recipes/recipe-parts'
import { firstRate } from 'fovea/internal/recipes/schedule-changes'
import { recipeLearningRate } from 'fovea/internal/runner/recipe-learning-rate'
import { command } from '../command/command.ts'
import { datasetOptions, dataWords, openDatasetOf } from '../command/dataset-options.ts'
import { nodeDevice } from '../command/device.ts'
import type { FindLrDocument } from '../command/documents.ts'
import { useModelFormats } from '../command/model-file.ts'
import { noteDevice, noteFitted, noteLimit } from '../command/no-effect.ts'
import { commonOptions, type Option, textOption, wholeOption } from '../command/options.ts'
import { isOwnPictures, ownTraining } from '../command/own-pictures.ts'
import { changesOf, checkTrainable, deviceOptions, recipeOf, recipeOptions } from '../command/recipe-options.ts'
import { UsageError } from '../command/usage-error.ts'
import { version } from '../command/version.ts'
import { rateTestText } from '../terminal/rate-text.ts'

const rates: Option<{ readonly from: number; readonly to: number }> = {
  value: 'A..B',
  help: 'the first and the last rate (default: 1e-7..10)',
  read: written => {
    const [from, to, ...more] = written.split('..').map(word => (word.trim() === '' ? Number.NaN : Number(word)))
    const fits = from! > 0 && to! > from! && Number.isFinite(to) && more.length === 0
    return fits ? { value: { from: from!, to: to! } } : { expected: 'two rates, the second one higher: 1e-5..1' }
  },
}

const { 'batch-size': batchSize, seed, limit } = recipeOptions

export const findLr = command({
  positional: {
    name: 'RECIPE|PICTURES|RUN',
    help: "a recipe's name, a configuration file, a run directory (its recipe), or your own pictures",
    least: 1,
    most: 1,
  },
  options: {
    rates,
    steps: wholeOption('N', 'training steps from the first rate to the last (default: 300)', 10, 100_000),
    ...{ 'batch-size': batchSize, seed, limit },
    threads: deviceOptions.threads,
    ...datasetOptions,
    out: textOption('FILE', 'also draw it into this file: .svg, .png or .html'),
    ...commonOptions,
  },
  examples: ['find-lr shapes-cnn', 'find-lr my-photos --out rate.html', 'find-lr cifar10-cnn --rates 1e-5..1 --json'],
  run: (context, { values, words: [word] }) =>
    context.interruptible(async signal => {
      const write = values.out === undefined ? undefined : writerOf(values.out)
      const own = (await isOwnPictures(word!))
        ? await ownTraining(
            word!,
            values.seed === undefined ? {} : { seed: values.seed },
            each => each,
            context,
            signal,
          )
        : undefined
      const given = own?.recipe ?? (await recipeOf(word!))
      const changes = changesOf(values)
      checkTrainable(given, values)
      noteFitted(context, given)
      noteDevice(context, values)
      const recipe = changedRecipe(given, changes)
      const dataset = own?.dataset ?? (await openDatasetOf(recipe, values, context, signal))
      const heldOut = 'count' in recipe.validation ? recipe.validation.count : 0
      noteLimit(context, 'limit', values.limit, dataset.train.count - heldOut, 'training pictures')
      useModelFormats()
      const { threads, limit, steps } = values
      const found = await recipeLearningRate(given, dataset, {
        ...nodeDevice(),
        ...changes,
        files: nodeFiles,
        ...(threads !== undefined && { threads }),
        ...(limit !== undefined && { limit }),
        rates: { ...values.rates, ...(steps !== undefined && { steps }) },
        signal,
      })
      const document: FindLrDocument = {
        recipe: recipe.name,
        optimizer: recipe.optimizer.type,
        batchSize: recipe.batchSize,
        seed: recipe.seed,
        ownRate: firstRate(recipe.optimizer) ?? null,
        ...found,
        file: values.out ?? null,
      }
      await write?.(document)
      const numbers = (['batch-size', 'seed'] as const).flatMap(name =>
        values[name] === undefined ? [] : [`--${name} ${values[name]}`],
      )
      const drawn = values.out === undefined ? '' : `\n\nDrawn in ${values.out}`
      return {
        document,
        text: `${rateTestText(document, context.stdout)}${drawn}`,
        next:
          [`train ${shellWord(word!)} --learning-rate ${found.suggestion}`, ...numbers].join(' ') + dataWords(values),
      }
    }),
})

const endings = ['.svg', '.png', '.html']

/** Of a file of this name, refused before anything is trained. What draws is loaded when it draws. */
function writerOf(file: string): (document: FindLrDocument) => Promise<void> {
  const ending = extname(file).toLowerCase()
  if (!endings.includes(ending))
    throw new UsageError({
      what: `--out ${file} is no drawing.`,
      expected: `a file that ends in ${endings.join(', ')}`,
    })
  return async document => {
    const { rateFigure, ratePage } = await import('../report/rate-page.ts')
    const { standaloneSvg } = await import('../report/theme.ts')
    const svg = (): string => standaloneSvg(rateFigure(document).svg)
    const bytes =
      ending === '.png'
        ? await (await import('../report/svg-png.ts')).svgToPng(svg())
        : new TextEncoder().encode(ending === '.svg' ? svg() : ratePage(document, version()))
    await nodeFiles.write(file, bytes)
  }
}
