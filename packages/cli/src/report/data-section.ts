/**
 * The data of a run: how much there is, its first pictures, their labels as the loss sees them, one picture as the numbers it is, and
 * what augmentation makes of it. Only what the run directory kept is shown.
 */

import { nameOfDataset } from 'fovea/internal/base/dataset-choice'
import { grouped, shortened } from 'fovea/internal/base/text'
import { stretch } from 'fovea/internal/preprocess/resize'
import { type DrawingTools, type Figure, type Section, scrolledFigure } from './figure.ts'
import { oneHotRows } from './one-hot-rows.ts'
import { labelledGrid } from './picture-grid.ts'
import { pixelValues } from './pixel-values.ts'
import { classNameOf, type ReportRun } from './report-run.ts'
import { escaped } from './svg.ts'

/** Pictures whose labels are shown as rows of zeros and a one. */
const labelledRows = 6

export function dataSection(run: ReportRun, tools: DrawingTools): Section {
  const { pictures } = run
  const figures = pictures ? figuresOf(run, pictures, tools) : []
  return {
    id: 'data',
    title: 'The data',
    html: `<p>${countsOf(run)}</p>${figures.map(scrolledFigure).join('')}`,
    figures,
  }
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
    firstFigure(run, pictures, tools),
    labelsFigure(run, pictures, tools),
    pixelsFigure(run, pictures, tools),
    ...(pictures.variants.length === 0 ? [] : [variantsFigure(run, pictures, tools)]),
  ]
}

function firstFigure(run: ReportRun, { first, firstLabels }: Pictures, tools: DrawingTools): Figure {
  const names = first.map((_, index) => classNameOf(run, firstLabels[index]!))
  const tiles = first.map((picture, index) => ({
    picture,
    lines: [shortened(names[index]!, 13)],
    full: names[index]!,
  }))
  return {
    name: 'first-pictures',
    title: `The first ${first.length === 1 ? 'picture' : `${first.length} pictures`} of the training set`,
    alt: `${first.length} ${first.length === 1 ? 'picture' : 'pictures'} under their class names: ${names.join(', ')}.`,
    svg: labelledGrid(tiles, { columns: 12, cell: 80, fontSize: 10, tools }),
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
  const { width, height, channels } = pixels
  const [wholeHeight, wholeWidth] = run.model.inputs[0]!.shape as readonly [number, number]
  const whole = height === wholeHeight && width === wholeWidth
  const part = whole ? 'every pixel' : `the middle ${height} × ${width} pixels`
  const name = classNameOf(run, firstLabels[0]!)
  const colours = channels === 3 ? ', red over green over blue' : ''
  return {
    name: 'pixel-values',
    title: `The first picture as numbers: ${part} of “${name}”${colours}`,
    alt: `The first training picture (${name}), ${height} rows of ${width} pixels, in each ${channels === 1 ? 'its value' : `its ${channels} values`} from 0 to 255.`,
    svg: pixelValues(pixels, tools),
  }
}

function variantsFigure(run: ReportRun, { first, firstLabels, variants }: Pictures, tools: DrawingTools): Figure {
  const { width, height } = variants[0]!
  const original = stretch(first[0]!, width, height)
  const tiles = [original, ...variants].map((picture, index) => ({ picture, lines: [index === 0 ? 'original' : ''] }))
  return {
    name: 'augmentation',
    title: 'The first picture as augmentation varies it',
    alt: `The first training picture (${classNameOf(run, firstLabels[0]!)}), and beside it ${variants.length} random variants of it as training sees them.`,
    svg: labelledGrid(tiles, { columns: 9, cell: 106, tools }),
  }
}
