/**
 * The test pictures that only one of several runs gets right, and those that none does: where one model is better than another, seen.
 * A run keeps pictures of its mistakes, and a picture that only one run gets right is a mistake of all others. In: runs tested on the
 * same pictures. Out: a section.
 */
import type { Picture } from 'fovea/internal/base/picture'
import { grouped, shortened } from 'fovea/internal/base/text'
import { pictureOf } from 'fovea/internal/data/dataset'
import { predictedClass, type TestFile } from 'fovea/internal/run/test-file'
import { namesOf } from './comparison-groups.ts'
import { type DrawingTools, type Figure, figureRow, figureWidth, type Section } from './figure.ts'
import { labelledGrid, signsIn } from './picture-grid.ts'
import { classNameOf, type ReportRun } from './report-run.ts'
import { escaped } from './svg.ts'

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
  const names = namesOf(tested)
  const { all, only, none } = outcomesOf(tested)
  const pictures = keptPictures(tested)
  const draw = (found: Found): Figure[] => foundFigure(found, tested[0]!, pictures, tools)
  const figures = [
    ...tested.flatMap((run, place) =>
      draw({
        name: `only-${place + 1}`,
        title: `Only ${names[place]} is right`,
        indices: only[place]!,
        wrong: tested.filter(other => other !== run),
      }),
    ),
    ...draw({ name: 'none-right', title: 'No run is right', indices: none, wrong: tested }),
  ]
  const told = [
    `all are right in ${grouped(all)}`,
    ...names.map((name, place) => `only ${name} in ${grouped(only[place]!.length)}`),
    `none in ${grouped(none.length)}`,
  ]
  const html = `<p>Of ${grouped(tested[0]!.test.count)} test pictures ${escaped(told.join(', '))}. Under each picture: its true class, and in brackets what is predicted wrongly.</p>${figureRow(figures)}`
  return [{ id: 'only-one', title: 'What only one gets right', html, figures }]
}

/** The same pictures in the same order, as far as labels tell. */
function haveOneTest([first, ...others]: readonly TestedRun[]): boolean {
  const { test, recipe } = first!
  return others.every(
    other =>
      JSON.stringify(other.recipe.dataset) === JSON.stringify(recipe.dataset) &&
      other.test.count === test.count &&
      other.test.pictureShape.join() === test.pictureShape.join() &&
      Array.from(other.test.labels).every((label, index) => label === test.labels[index]),
  )
}

/** How many pictures all get right; the places of those that one alone does, by run; of those that none does. */
function outcomesOf(runs: readonly TestedRun[]) {
  const only: number[][] = runs.map(() => [])
  const none: number[] = []
  let all = 0
  for (let index = 0; index < runs[0]!.test.count; index++) {
    const right = [...runs.keys()].filter(run => isRight(runs[run]!, index))
    if (right.length === 1) only[right[0]!]!.push(index)
    else if (right.length === 0) none.push(index)
    else if (right.length === runs.length) all++
  }
  return { all, only, none }
}

function isRight({ test }: TestedRun, index: number): boolean {
  return predictedClass(test, index) === test.labels[index]
}

/** By place in the test set: all that any of the runs kept. */
function keptPictures(runs: readonly TestedRun[]): ReadonlyMap<number, Picture> {
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

interface Found {
  readonly name: string
  readonly title: string
  /** Places in the test set. */
  readonly indices: readonly number[]
  /** The runs that are wrong there. */
  readonly wrong: readonly TestedRun[]
}

/** The first of them that were kept, each under its true class and what is said instead. */
function foundFigure(
  { name, title, indices, wrong }: Found,
  run: TestedRun,
  pictures: ReadonlyMap<number, Picture>,
  tools: DrawingTools,
): Figure[] {
  const shown = indices.filter(index => pictures.has(index)).slice(0, mostShown)
  if (shown.length === 0) return []
  const tiles = shown.map(index => {
    const truth = classNameOf(run, run.test.labels[index]!)
    const said = [...new Set(wrong.map(({ test }) => classNameOf(run, predictedClass(test, index))))].join(', ')
    return {
      picture: pictures.get(index)!,
      lines: [shortened(truth, signsIn(cell)), `(${shortened(said, signsIn(cell) - 2)})`],
      full: `${truth} (${said})`,
    }
  })
  const told = tiles.map(({ full }) => full).join(', ')
  return [
    {
      name,
      title: `${title}: ${grouped(indices.length)}`,
      alt: `${title}: ${grouped(indices.length)} pictures, of which ${shown.length} are shown with their true class and what is predicted wrongly: ${told}.`,
      svg: labelledGrid(tiles, { name, columns, cell, tools }),
    },
  ]
}
