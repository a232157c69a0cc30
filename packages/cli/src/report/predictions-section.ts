/**
 * What the model says of test pictures: the mistakes it was most sure of; a grid of pictures drawn by the run's seed, titled
 * `predicted (true)`, blue where right, red with a cross and a heavy frame where wrong; and one titled by the predicted class.
 */
import type { Picture } from 'fovea/internal/base/picture'
import { grouped, shortened } from 'fovea/internal/base/text'
import { pictureOf } from 'fovea/internal/data/dataset'
import { predictedClass, type TestFile } from 'fovea/internal/run/test-file'
import { type DrawingTools, type Figure, figureRow, figureWidth, type Section } from './figure.ts'
import { labelledGrid, signsIn, type Tile } from './picture-grid.ts'
import { classNameOf, type ReportRun } from './report-run.ts'
import { escaped } from './svg.ts'

/** Grids of 5 × 5; of own pictures, which have sections of their own besides, of 5 × 3. */
const gridOf = ({ testFiles }: ReportRun): number => (testFiles ? 15 : 25)
const columns = 5
const cell = Math.floor(figureWidth / columns)
const longestName = signsIn(cell)

/** Nothing without a test; no grids of pictures drawn at random for runs of versions that kept none. */
export function predictionsSection(run: ReportRun, tools: DrawingTools): Section[] {
  const { test, pictures } = run
  if (!test) return []
  const inGrid = gridOf(run)
  const drawn = (pictures?.drawn ?? []).map((picture, place) =>
    predictionOf(run, test, picture, pictures!.drawnIndices[place]!),
  )
  const mistakes = mistakesOf(test).map(({ picture, index }) => predictionOf(run, test, picture, index))
  const figures = [
    ...(mistakes.length === 0 ? [] : [mistakesFigure(mistakes.slice(0, inGrid), tools)]),
    ...(drawn.length === 0 ? [] : [drawnFigure(drawn.slice(0, inGrid), tools)]),
    ...(drawn.length > inGrid ? [namedFigure(drawn.slice(inGrid, 2 * inGrid), tools)] : []),
  ]
  if (figures.length === 0) return []
  const html = `${figureRow(figures)}${filesHtml(mistakes)}`
  return [{ id: 'predictions', title: 'What it predicts', html, figures }]
}

interface Prediction {
  readonly picture: Picture
  readonly predicted: string
  readonly truth: string
  readonly right: boolean
  readonly probability: number
  /** Of the user's own picture. */
  readonly file: string | undefined
}

function predictionOf(run: ReportRun, test: TestFile, picture: Picture, index: number): Prediction {
  const predicted = predictedClass(test, index)
  const label = test.labels[index]!
  return {
    picture,
    predicted: classNameOf(run, predicted),
    truth: classNameOf(run, label),
    right: predicted === label,
    probability: test.predictions[index * test.classes + predicted]!,
    file: run.testFiles?.[index],
  }
}

/** The files of the surest mistakes, to be looked up. */
function filesHtml(mistakes: readonly Prediction[]): string {
  const items = mistakes.flatMap(({ file, predicted, truth, probability }) =>
    file === undefined
      ? []
      : [`<li>${escaped(file)}: ${escaped(predicted)} ${Math.round(probability * 100)} % (${escaped(truth)})</li>`],
  )
  return items.length === 0
    ? ''
    : `<details><summary>The files of the surest mistakes</summary><ol class="files">${items.join('')}</ol></details>`
}

function mistakesOf({ mistakeIndices, mistakePictures, pictureShape }: TestFile) {
  const indices = Array.from(mistakeIndices)
  const stack = { images: mistakePictures, labels: new Uint8Array(indices.length), count: indices.length }
  return indices.map((index, place) => ({ index, picture: pictureOf(pictureShape, stack, place) }))
}

function drawnFigure(predictions: readonly Prediction[], tools: DrawingTools): Figure {
  const right = predictions.filter(prediction => prediction.right).length
  const tiles = titled(
    predictions,
    ({ right, predicted }) =>
      right ? shortened(predicted, longestName) : `✗ ${shortened(predicted, longestName - 2)}`,
    ({ right }) => ({ colour: right ? '--right' : '--wrong', marked: !right }),
  )
  return {
    name: 'predictions',
    title: `Drawn at random: ${right} of ${predictions.length} right`,
    alt: `${predictions.length} test pictures under what the model predicts and what they are. Right: ${right}. ${wrongOnes(predictions)}`,
    svg: labelledGrid(tiles, { name: 'predictions', columns, cell, tools }),
  }
}

function wrongOnes(predictions: readonly Prediction[]): string {
  const wrong = predictions.filter(({ right }) => !right)
  return wrong.length === 0 ? 'None is wrong.' : `Wrong: ${listed(wrong)}.`
}

function listed(predictions: readonly Prediction[]): string {
  return predictions.map(({ predicted, truth }) => `${predicted} (${truth})`).join(', ')
}

function namedFigure(predictions: readonly Prediction[], tools: DrawingTools): Figure {
  const names = predictions.map(({ predicted }) => predicted)
  const tiles = predictions.map(({ picture, predicted }) => ({
    picture,
    lines: [shortened(predicted, longestName)],
    full: predicted,
  }))
  return {
    name: 'predicted-classes',
    title: 'More, with the predicted class',
    alt: `${names.length} test pictures under the class the model predicts: ${names.join(', ')}.`,
    svg: labelledGrid(tiles, { name: 'predicted-classes', columns, cell, tools }),
  }
}

function mistakesFigure(predictions: readonly Prediction[], tools: DrawingTools): Figure {
  const sure = ({ probability }: Prediction): string => `${Math.round(probability * 100)} %`
  const tiles = titled(
    predictions,
    prediction => `${shortened(prediction.predicted, longestName - 5)} ${sure(prediction)}`,
  )
  return {
    name: 'mistakes',
    title: 'Surest mistakes: predicted (true)',
    alt: `The ${grouped(predictions.length)} mistakes with the most probable predictions, from ${sure(predictions[0]!)} to ${sure(predictions.at(-1)!)}: ${listed(predictions)}.`,
    svg: labelledGrid(tiles, { name: 'mistakes', columns, cell, tools }),
  }
}

/** Tiles titled `predicted (true)`: in one line where all names are short, else in two. */
function titled(
  predictions: readonly Prediction[],
  predictedText: (prediction: Prediction) => string,
  look: (prediction: Prediction) => Pick<Tile, 'colour' | 'marked'> = () => ({}),
): Tile[] {
  const lines = predictions.map(prediction => [
    predictedText(prediction),
    `(${shortened(prediction.truth, longestName - 2)})`,
  ])
  const short = lines.every(pair => pair.join(' ').length <= longestName)
  return predictions.map((prediction, index) => ({
    picture: prediction.picture,
    lines: short ? [lines[index]!.join(' ')] : lines[index]!,
    full: `${prediction.predicted} ${(prediction.probability * 100).toFixed(1)} % (${prediction.truth})${prediction.file === undefined ? '' : `: ${prediction.file}`}`,
    ...look(prediction),
  }))
}
