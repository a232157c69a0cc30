/** `fovea explain MODEL PICTURE`: what the model sees in the picture, layer by layer, and where; or one number of a convolution by hand. */
import { dirname, extname, join, parse } from 'node:path'
import { pictureUrl } from '@fovea/pictures/internal/picture-urls'
import { readPicture, writePng } from '@fovea/pictures/internal/pictures'
import { UserError } from 'fovea/internal/base/errors'
import { largestOf } from 'fovea/internal/base/extremes'
import { percent, shellWord } from 'fovea/internal/base/text'
import { testPart } from 'fovea/internal/data/dataset'
import { sourceRange } from 'fovea/internal/data/parts-of-source'
import { type AskedClass, classNumber } from 'fovea/internal/explain/asked-picture'
import { type LayerValue, openModel } from 'fovea/internal/explain/open-model'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { pictureToInput } from 'fovea/internal/preprocess/input'
import { preparedPictures } from 'fovea/internal/preprocess/prepared-pictures'
import { type Context, command, type Outcome } from '../command/command.ts'
import { datasetOptions, openDataset } from '../command/dataset-options.ts'
import { nodeDevice } from '../command/device.ts'
import type { ByHandDocument, ExplainDocument } from '../command/documents.ts'
import { noEffect, noteLimit, notePreprocessing } from '../command/no-effect.ts'
import { checkPairs } from '../command/option-pairs.ts'
import { commonOptions, flag, type Option, textOption, wholeOption } from '../command/options.ts'
import { isOwnPictures } from '../command/own-pictures.ts'
import { byHandText } from '../terminal/plane-text.ts'
import { explainedFilters, explainedNumber, explainedPrediction, type Found, type Subject } from './explanation.ts'
import { byHandPage, type PageFigure, predictionPage, type ShownFigure } from './explanation-page.ts'
import { filterFigures, mapFigures } from './layer-figures.ts'
import { type SavedModel, savedModel } from './saved-model.ts'
import { type TestPictures, testPictures } from './test-pictures.ts'

const unit: Option<readonly [number, number, number]> = {
  help: 'with --layer: write out this number of a convolution, counted from 0',
  value: 'ROW,COLUMN,FILTER',
  read: written => {
    const match = /^(\d+)\s*,\s*(\d+)\s*,\s*(\d+)$/.exec(written)
    return match
      ? { value: [Number(match[1]), Number(match[2]), Number(match[3])] }
      : { expected: 'three whole numbers: 4,5,0' }
  },
}

/** Values of larger layers than this are not written as numbers. */
const mostNumbers = 100_000

export const explain = command({
  positional: { name: 'MODEL PICTURE', help: 'a model file or a run directory, then a picture', least: 2, most: 2 },
  options: {
    out: textOption(
      'FILE|DIR',
      'a page (ends in .html), or a folder of PNG files and numbers (default: a page beside the model; with --json or --at none)',
    ),
    layer: textOption('NAME', 'the layer of Grad-CAM, of --at, or of --dataset'),
    at: unit,
    class: textOption('CLASS', 'the class to explain, by its name or its number from 0 (default: the predicted one)'),
    dataset: textOption(
      'NAME',
      'find the parts of its test pictures that excite the filters most (of --layer; default: all)',
    ),
    'filter-count': wholeOption('N', 'with --dataset: the first N filters of each layer (default: 8)'),
    limit: wholeOption('N', 'with --dataset: only the first N test pictures (default: 10000)'),
    'no-invert': flag('digits: never turn dark strokes on light paper into light ones on dark'),
    raw: flag('no preprocessing but the size and the channels'),
    ...datasetOptions,
    ...commonOptions,
  },
  examples: [
    'explain runs/mnist-cnn-1-1 digit.png',
    'explain runs/mnist-cnn-1-1 digit.png --layer conv2d --at 4,5,0',
    'explain runs/mnist-cnn-1-1 digit.png --dataset mnist --out digit.html',
  ],
  run: (context, { values, words: [word, file] }) =>
    context.interruptible(async (signal): Promise<Outcome<ExplainDocument | ByHandDocument>> => {
      checkPairs(values, {
        needs: [
          ['at', 'layer'],
          ['filter-count', 'dataset'],
          ['limit', 'dataset'],
        ],
        excludes: [
          ['at', 'dataset'],
          ['at', 'class'],
        ],
      })
      const saved = await savedModel(word!, context)
      notePreprocessing(context, values, saved.spec)
      if (values.dataset === undefined && values['data-dir'] !== undefined) {
        noEffect(context, 'data-dir', 'no data set is asked for (--dataset)')
      }
      const how = { noInvert: values['no-invert'] === true, raw: values.raw === true }
      const { pixels, notes } = pictureToInput(await readPicture(file!), saved.spec, how)
      for (const note of notes) context.say(note)
      const opened = await openModel({
        model: saved.model,
        weights: Object.fromEntries(saved.weights.map(({ name, data }) => [name, data])),
        device: nodeDevice().device,
        ...(saved.classesNamed && { classNames: saved.classNames }),
      })
      const call = `explain ${shellWord(word!)} ${shellWord(file!)}`
      try {
        const subject: Subject = { saved, opened, file: file!, pixels, values: await opened.look(pixels) }
        if (values.at !== undefined) {
          const { document, figures } = await explainedNumber(subject, values.layer!, values.at)
          const files = await write(values.out, figures, byHandPage, document)
          const text = [byHandText(document), ...writtenText(files)].join('\n')
          return { document: { ...document, files }, text, next: `summary ${shellWord(word!)} --formulas` }
        }
        const out = values.out ?? (context.json ? undefined : pageBeside(saved.path, file!))
        const { document, figures, note } = await wholeExplanation(context, subject, { ...values, out }, signal)
        const numbers = { ...document, layers: subject.values.map(plain) }
        const found = report(document, note)
        try {
          const files = await write(out, figures, predictionPage, document, numbers)
          const text = [found, ...writtenText(files)].join('\n')
          return { document: { ...document, files }, text, next: nextAfter(subject, word!, call) }
        } catch (error) {
          // What was not asked for to be written is not missed: the answer is there.
          if (values.out !== undefined || !(error instanceof UserError)) throw error
          const text = `${found}\nNo page: ${error.message}`
          return { document: { ...document, files: [] }, text, next: `${call} --out page.html` }
        }
      } finally {
        await opened.dispose()
      }
    }),
})

/** `explain-digit.html` in the run directory, or beside the model file. */
const pageBeside = (model: string, picture: string): string =>
  join(dirname(model), `explain-${parse(picture).name}.html`)

/** The arithmetic of the largest number that the first convolution gives. */
function nextAfter({ saved, values }: Subject, word: string, call: string): string {
  const first = saved.model.layers.find(({ layer }) => layer.traits.writtenOut)?.layer.name
  const value = values.find(({ layer }) => layer === first)
  if (value === undefined || value.shape.length !== 3) return `summary ${shellWord(word)}`
  const [, width, filters] = value.shape as readonly [number, number, number]
  const largest = value.data.indexOf(largestOf(value.data))
  const place = Math.floor(largest / filters)
  return `${call} --layer ${first} --at ${Math.floor(place / width)},${place % width},${largest % filters}`
}

interface Wanted {
  readonly class?: string
  readonly layer?: string
  readonly dataset?: string
  readonly 'filter-count'?: number
  readonly limit?: number
  readonly 'data-dir'?: string
  readonly offline?: true
  readonly out: string | undefined
}

async function wholeExplanation(
  context: Context,
  subject: Subject,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Found<Omit<ExplainDocument, 'files'>>> {
  const { saved, opened, values } = subject
  const convolutions = saved.model.layers.filter(({ layer }) => layer.traits.family === 'convolution')
  const { layer, class: chosen } = wanted
  // The units of --dataset may be of a layer that gives no pictures: then Grad-CAM takes its own.
  const unfit = wanted.dataset !== undefined && values.find(value => value.layer === layer)?.shape.length !== 3
  const { note, ...prediction } = await explainedPrediction(subject, {
    ...(chosen !== undefined && { class: classNumber(opened.classNames, classOf(chosen, saved), opened.classes) }),
    ...(layer !== undefined && !unfit && { layer }),
  })
  const { document, figures } = prediction
  const noted = note === undefined ? {} : { note }
  const ofLayers =
    wanted.out === undefined ? [] : [...mapFigures(values), ...filterFigures(saved.model, opened.weights)]
  if (wanted.dataset === undefined) return { document, figures: [...figures, ...ofLayers], ...noted }
  const { name, pictures: test } = await picturesOfUnits(saved, wanted.dataset, wanted, context, signal)
  noteLimit(context, 'limit', wanted.limit, test.count, 'test pictures')
  const some = sourceRange(test, 0, Math.min(wanted.limit ?? 10_000, test.count))
  const layers = layer === undefined ? convolutions.map(call => call.layer.name) : [layer]
  const units = saved.model.layers
    .filter(call => layers.includes(call.layer.name))
    .map(call => call.outputShape.at(-1)!)
  noteLimit(context, 'filter-count', wanted['filter-count'], Math.max(0, ...units), 'filters at most in a layer')
  const filters = await explainedFilters(subject, {
    dataset: name,
    pictures: preparedPictures(some, saved.spec),
    layers,
    filters: wanted['filter-count'] ?? 8,
    signal,
    onProgress: (name, done, of) => {
      if (context.progress.isTerminal)
        context.progress.write(`\r\x1b[K${name}: ${done} of ${of} pictures${done === of ? '\n' : ''}`)
    },
  })
  return {
    document: { ...document, patches: filters.document },
    figures: [...figures, ...filters.figures, ...ofLayers],
    ...noted,
  }
}

/** Of any data set: what wakes a filter needs no labels. */
async function picturesOfUnits(
  saved: SavedModel,
  dataset: string,
  wanted: Wanted,
  context: Context,
  signal: AbortSignal,
): Promise<TestPictures> {
  if (await isOwnPictures(dataset)) return testPictures(saved, dataset, wanted, context, signal)
  const { name, ...parts } = await openDataset(dataset, wanted, context, signal)
  return { name, pictures: testPart({ name, ...parts }) }
}

/** A name goes before the number that it may look like. */
const classOf = (written: string, { classNames, classesNamed }: SavedModel): AskedClass =>
  /^\d+$/.test(written) && !(classesNamed && classNames.includes(written)) ? Number(written) : written

/** A page, or a folder of pictures with the numbers beside them; gives the paths. */
async function write<Document>(
  out: string | undefined,
  figures: readonly PageFigure[],
  page: (document: Document, figures: readonly ShownFigure[]) => string,
  document: Document,
  numbers: unknown = document,
): Promise<string[]> {
  if (out === undefined) return []
  if (/^\.html?$/i.test(extname(out))) {
    const shown = await Promise.all(figures.map(async figure => ({ ...figure, url: await pictureUrl(figure.picture) })))
    await nodeFiles.write(out, new TextEncoder().encode(page(document, shown)))
    return [out]
  }
  const files: string[] = []
  for (const { name, picture } of figures) {
    files.push(join(out, `${name}.png`))
    await writePng(files.at(-1)!, picture)
  }
  files.push(join(out, 'explanation.json'))
  await nodeFiles.write(files.at(-1)!, new TextEncoder().encode(`${JSON.stringify(numbers, null, 1)}\n`))
  return files
}

function plain({ layer, type, shape, data }: LayerValue) {
  return { layer, type, shape, ...(data.length <= mostNumbers && { values: Array.from(data) }) }
}

const writtenText = (files: readonly string[]): string[] => (files.length > 0 ? [`Written: ${files.join(', ')}`] : [])

function report(
  { picture, className, classNames, probabilities }: Omit<ExplainDocument, 'files'>,
  note: string | undefined,
): string {
  const ranked = probabilities
    .map((value, index) => ({ value, name: classNames[index]! }))
    .sort((a, b) => b.value - a.value)
  const others = ranked.slice(1, 3).map(({ name, value }) => `${name} ${percent(value)}`)
  const lines = [
    `${picture}: ${className} ${percent(ranked[0]!.value)}${others.length > 0 ? ` (then ${others.join(', ')})` : ''}`,
  ]
  return [...lines, ...(note === undefined ? [] : [`${note}.`])].join('\n')
}
