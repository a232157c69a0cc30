/**
 * The data of a run: how much there is, pictures of all classes, how many each class has, their labels as the loss sees them, one picture
 * as the numbers it is, and what augmentation makes of it. Only what the run directory kept is shown.
 */

import { nameOfDataset } from 'fovea/internal/base/dataset-choice'
import { capitalised, grouped, shortened } from 'fovea/internal/base/text'
import { stretch } from 'fovea/internal/preprocess/resize'
import { classBalance } from './class-balance.ts'
import { type DrawingTools, type Figure, figureRow, figureWidth, type Section } from './figure.ts'
import { oneHotRows } from './one-hot-rows.ts'
import { labelledGrid, signsIn } from './picture-grid.ts'
import { partWithContrast, pixelValues } from './pixel-values.ts'
import { classNameOf, type ReportRun } from './report-run.ts'
import { escaped } from './svg.ts'

/** Pictures whose labels are shown as rows of zeros and a one. */
const labelledRows = 6
const mostColumns = 12

/** Closed at first: one line says how much there is. */
export function dataSection(run: ReportRun, tools: DrawingTools): Section {
  const { pictures } = run
  const balance = classBalance(run)
  const [examples, ...others] = pictures ? figuresOf(run, pictures, tools) : []
  const figures = [...(examples ? [examples] : []), ...(balance ? [balance.figure] : []), ...others]
  const told = balance ? `<p>${escaped(balance.told)}</p>` : ''
  const opened =
    figures.length === 0
      ? ''
      : `<details><summary>Pictures, labels and numbers</summary>${told}${figureRow(figures)}</details>`
  return { id: 'data', title: 'The data', html: `<p>${countsOf(run)}</p>${opened}`, figures }
}

/** `cifar-10: 45,000 train, 5,000 validation, 10,000 test; pictures of 32×32×3 in 10 classes.` */
function countsOf({ recipe, model, samples, test, pictures, classNames }: ReportRun): string {
  const tested = test?.count ?? pictures?.testCount
  const onTestSet = recipe.validation.kind === 'test'
  const parts = [
    `${grouped(samples.train)} train`,
    ...(samples.validation === 0 || onTestSet ? [] : [`${grouped(samples.validation)} validation`]),
    ...(!tested ? [] : [`${grouped(tested)} test${onTestSet ? ' (for validation too)' : ''}`]),
  ]
  const classes = Math.max(2, classNames.length)
  return `${escaped(nameOfDataset(recipe.dataset))}: ${parts.join(', ')}; pictures of ${model.inputs[0]!.shape.join('×')} in ${classes} classes.`
}

type Pictures = NonNullable<ReportRun['pictures']>

function figuresOf(run: ReportRun, pictures: Pictures, tools: DrawingTools): Figure[] {
  return [
    examplesFigure(run, pictures, tools),
    labelsFigure(run, pictures, tools),
    pixelsFigure(run, pictures, tools),
    ...(pictures.variants.length === 0 ? [] : [variantsFigure(run, pictures, tools)]),
  ]
}

/** As many columns as there are classes, where they fit: each column is one of them. */
function examplesFigure(run: ReportRun, { first, firstLabels }: Pictures, tools: DrawingTools): Figure {
  const names = first.map((_, index) => classNameOf(run, firstLabels[index]!))
  const classes = new Set(names).size
  const columns = classes >= 6 && classes <= mostColumns ? classes : mostColumns
  const cell = Math.floor((2 * figureWidth) / columns)
  const tiles = first.map((picture, index) => ({
    picture,
    lines: [shortened(names[index]!, signsIn(cell))],
    full: names[index]!,
  }))
  const some = first.length === 1 ? 'picture' : `${first.length} pictures`
  return {
    name: 'examples',
    title: `${capitalised(some)} of the training set, of ${classes === 1 ? 'one class' : `${classes} classes`}`,
    alt: `${capitalised(some)} under their class names: ${names.join(', ')}.`,
    svg: labelledGrid(tiles, { name: 'examples', columns, cell, tools }),
  }
}

function labelsFigure(run: ReportRun, { first, firstLabels }: Pictures, tools: DrawingTools): Figure {
  const samples = first.slice(0, labelledRows).map((picture, index) => ({ picture, label: firstLabels[index]! }))
  const targets = run.model.outputs[0]!.shape.at(-1)!
  const names = Array.from({ length: Math.max(2, targets) }, (_, index) => classNameOf(run, index))
  const each = samples.map(({ label }) => `${names[label]} is ${label}`).join(', ')
  const [what, how] =
    targets === 1
      ? ['labels', 'the model gives one number, the probability of class 1']
      : ['labels as one-hot rows', `a row has ${targets} numbers, a one at the place of the class`]
  return {
    name: 'labels',
    title: `The first ${samples.length} and their ${what}`,
    alt: `The first ${samples.length} pictures with their ${what}: ${each}; ${how}.`,
    svg: oneHotRows(samples, { names, targets, tools }),
  }
}

function pixelsFigure(run: ReportRun, { pixels, firstLabels }: Pictures, tools: DrawingTools): Figure {
  const part = partWithContrast(pixels)
  const { width, height } = part
  const isWhole = width === pixels.width && height === pixels.height
  const name = classNameOf(run, firstLabels[0]!)
  const isGrey = pixels.channels === 1
  return {
    name: 'pixel-values',
    title: `A picture is numbers${isGrey ? '' : ': red over green over blue'}`,
    alt: `The first picture (${name}): ${isWhole ? 'all' : 'the part with the most contrast,'} ${height} rows of ${width} pixels, in each ${isGrey ? 'its value' : 'its 3 values'} from 0 to 255.`,
    svg: pixelValues(pixels, part, name, tools),
  }
}

function variantsFigure(run: ReportRun, { first, firstLabels, variants }: Pictures, tools: DrawingTools): Figure {
  const { width, height } = variants[0]!
  const original = stretch(first[0]!, width, height)
  const tiles = [original, ...variants].map((picture, index) => ({ picture, lines: [index === 0 ? 'original' : ''] }))
  return {
    name: 'augmentation',
    title: 'As augmentation varies the first picture',
    alt: `The first training picture (${classNameOf(run, firstLabels[0]!)}), and beside it ${variants.length} random variants of it as training sees them.`,
    svg: labelledGrid(tiles, { name: 'augmentation', columns: 3, cell: Math.floor(figureWidth / 3), tools }),
  }
}
