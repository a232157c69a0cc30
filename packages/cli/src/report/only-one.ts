/**
 * The test pictures that only one of several runs gets right, and those that none does: where one model is better than another, seen.
 * A run keeps pictures of its mistakes; a picture that only one run gets right is a mistake of all others. In: runs tested on the same
 * pictures. Out: a section.
 */
import type { Picture } from 'fovea/internal/base/picture'
import { grouped, shortened } from 'fovea/internal/base/text'
import { pictureOf } from 'fovea/internal/data/dataset'
import { predictedClass, type TestFile } from 'fovea/internal/run/test-file'
import { namesOf } from './comparison-groups.ts'
import { type DrawingTools, type Figure, figureRow, figureWidth, type Section } from './figure.ts'
import { labelledGrid, signsIn } from './picture-grid.ts'
import { classNameOf, type ReportRun } from './report-run.ts'

const columns = 5
const mostShown = 15
/** More runs than these are not told apart by single pictures. */
const mostRuns = 4
const cell = Math.floor(figureWidth / columns)

type TestedRun = ReportRun & { readonly test: TestFile }

/** None unless two to four runs were tested on the same pictures. */
export function onlyOneSections(runs: readonly ReportRun[], tools: DrawingTools): Section[] {
  const tested = runs.filter((run): run is TestedRun => run.test !== undefined)
  if (tested.length < 2 || tested.length > mostRuns || tested.length < runs.length || !haveOneTest(tested)) return []
  const indices = Array.from({ length: tested[0]!.test.count }, (_, index) => index)
  const isRight = tested.map(({ test }) => indices.map(index => predictedClass(test, index) === test.labels[index]))
  const rightOnes = indices.map(index => tested.filter((_, run) => isRight[run]![index]).length)
  const only = tested.map((_, run) => indices.filter(index => rightOnes[index] === 1 && isRight[run]![index]))
  const none = indices.filter(index => rightOnes[index] === 0)
  const names = namesOf(tested)
  const kept = keptPictures(tested)
  const all = rightOnes.filter(count => count === tested.length).length
  const said = (index: number, others: readonly TestedRun[]): string =>
    [...new Set(others.map(({ test }) => predictedClass(test, index)))]
      .map(predicted => classNameOf(tested[0]!, predicted))
      .join(', ')
  const figureOf = (name: string, title: string, found: readonly number[], others: readonly TestedRun[]): Figure[] => {
    const shown = found.filter(index => kept.has(index)).slice(0, mostShown)
    if (shown.length === 0) return []
    const words = shown.map(index => {
      const truth = classNameOf(tested[0]!, tested[0]!.test.labels[index]!)
      return { truth, others: said(index, others) }
    })
    const tiles = shown.map((index, place) => ({
      picture: kept.get(index)!,
      lines: [shortened(words[place]!.truth, signsIn(cell)), `(${shortened(words[place]!.others, signsIn(cell) - 2)})`],
      full: `${words[place]!.truth} (${words[place]!.others})`,
    }))
    return [
      {
        name,
        title: `${title}: ${grouped(found.length)}`,
        alt: `${title}: ${grouped(found.length)} pictures, of which ${shown.length} are shown with their true class and what is predicted wrongly: ${tiles.map(({ full }) => full).join(', ')}.`,
        svg: labelledGrid(tiles, { name, columns, cell, tools }),
      },
    ]
  }
  const figures = [
    ...tested.flatMap((run, place) =>
      figureOf(
        `only-${place + 1}`,
        `Only ${names[place]} is right`,
        only[place]!,
        tested.filter(other => other !== run),
      ),
    ),
    ...figureOf('none-right', 'No run is right', none, tested),
  ]
  const told = [
    `all are right in ${grouped(all)}`,
    ...tested.map((_, place) => `only ${names[place]} in ${grouped(only[place]!.length)}`),
    `none in ${grouped(none.length)}`,
  ]
  const html = `<p>Of ${grouped(indices.length)} test pictures ${told.join(', ')}. Under each picture: its true class, and in brackets what is predicted wrongly.</p>${figureRow(figures)}`
  return [{ id: 'only-one', title: 'What only one gets right', html, figures }]
}

/** The same pictures in the same order, as far as labels tell. */
function haveOneTest(runs: readonly TestedRun[]): boolean {
  const [{ test, recipe }] = runs as readonly [TestedRun]
  return runs.every(
    other =>
      JSON.stringify(other.recipe.dataset) === JSON.stringify(recipe.dataset) &&
      other.test.count === test.count &&
      other.test.pictureShape.join() === test.pictureShape.join() &&
      Array.from({ length: test.count }, (_, index) => index).every(
        index => other.test.labels[index] === test.labels[index],
      ),
  )
}

/** By place in the test set: all that any of the runs kept. */
function keptPictures(runs: readonly TestedRun[]): Map<number, Picture> {
  const kept = new Map<number, Picture>()
  for (const { test } of runs) {
    const { pictureIndices, pictures, mistakeIndices, mistakePictures, pictureShape } = test
    for (const [indices, images] of [
      [pictureIndices, pictures],
      [mistakeIndices, mistakePictures],
    ] as const) {
      const stack = { images, labels: new Uint8Array(indices.length), count: indices.length }
      for (let place = 0; place < indices.length; place++) {
        if (!kept.has(indices[place]!)) kept.set(indices[place]!, pictureOf(pictureShape, stack, place))
      }
    }
  }
  return kept
}
