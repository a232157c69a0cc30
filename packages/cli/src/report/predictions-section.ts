/**
 * What the model says of test pictures: a grid of pictures drawn by the run's seed, titled `predicted (true)`, blue where right, red
 * with a cross and a heavy frame where wrong; a grid titled by the predicted class; and the mistakes it was most sure of.
 */
import type { Picture } from 'fovea/internal/base/picture'
import { grouped, shortened } from 'fovea/internal/base/text'
import { pictureOf } from 'fovea/internal/data/dataset'
import { predictedClass, type TestFile } from 'fovea/internal/run/test-file'
import { type DrawingTools, type Figure, figureRow, type Section, scrolledFigure } from './figure.ts'
import { labelledGrid, longestName, type Tile } from './picture-grid.ts'
import { classNameOf, type ReportRun } from './report-run.ts'

/** Of a grid with four rows of eight; those after them fill one of 5 × 5. */
const inFirstGrid = 32

/** Nothing without a test; no grids of pictures drawn at random for runs of versions that kept none. */
export function predictionsSection(run: ReportRun, tools: DrawingTools): Section[] {
  const { test, pictures } = run
  if (!test) return []
  const drawn = (pictures?.drawn ?? []).map((picture, place) =>
    predictionOf(run, test, picture, pictures!.drawnIndices[place]!),
  )
  const mistakes = mistakesOf(test).map(({ picture, index }) => predictionOf(run, test, picture, index))
  const wide = drawn.length === 0 ? [] : [drawnFigure(drawn.slice(0, inFirstGrid), tools)]
  const square = [
    ...(drawn.length > inFirstGrid ? [namedFigure(drawn.slice(inFirstGrid), tools)] : []),
    ...(mistakes.length === 0 ? [] : [mistakesFigure(mistakes, tools)]),
  ]
  if (wide.length + square.length === 0) return []
  const html = `${wide.map(scrolledFigure).join('')}${figureRow(square)}`
  return [{ id: 'predictions', title: 'What it predicts', html, figures: [...wide, ...square] }]
}

interface Prediction {
  readonly picture: Picture
  readonly predicted: string
  readonly truth: string
  readonly right: boolean
  readonly probability: number
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
  }
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
    ({ right, predicted }) => `${right ? '' : '✗ '}${shortened(predicted, longestName)}`,
    ({ right }) => ({ colour: right ? '--right' : '--wrong', marked: !right }),
  )
  return {
    name: 'predictions',
    title: `Test pictures drawn at random: predicted (true), ${right} of ${predictions.length} right`,
    alt: `${predictions.length} test pictures under what the model predicts and what they are. Right: ${right}. ${wrongOnes(predictions)}`,
    svg: labelledGrid(tiles, { columns: 8, cell: 118, tools }),
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
    title: 'More of them, by the predicted class',
    alt: `${names.length} test pictures under the class the model predicts: ${names.join(', ')}.`,
    svg: labelledGrid(tiles, { columns: 5, cell: 112, tools }),
  }
}

function mistakesFigure(predictions: readonly Prediction[], tools: DrawingTools): Figure {
  const sure = ({ probability }: Prediction): string => `${Math.round(probability * 100)} %`
  const tiles = titled(predictions, prediction => `${shortened(prediction.predicted, 10)} ${sure(prediction)}`)
  return {
    name: 'mistakes',
    title: 'Wrong, and most sure of it: predicted (true)',
    alt: `The ${grouped(predictions.length)} mistakes with the most probable predictions, from ${sure(predictions[0]!)} to ${sure(predictions.at(-1)!)}: ${listed(predictions)}.`,
    svg: labelledGrid(tiles, { columns: 5, cell: 112, tools }),
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
    `(${shortened(prediction.truth, longestName)})`,
  ])
  const short = lines.every(pair => pair.join(' ').length <= longestName)
  return predictions.map((prediction, index) => ({
    picture: prediction.picture,
    lines: short ? [lines[index]!.join(' ')] : lines[index]!,
    full: `${prediction.predicted} ${(prediction.probability * 100).toFixed(1)} % (${prediction.truth})`,
    ...look(prediction),
  }))
}
