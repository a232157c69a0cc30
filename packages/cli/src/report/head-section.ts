/**
 * "Am I done?": what a head on the network's features finds of each class among held-out pictures, by how many training pictures of the
 * class it is fitted on. In: the embeddings of a run. Out: curves, and a sentence that says of which class more pictures would help.
 */
import { largestOf, smallestOf } from 'fovea/internal/base/extremes'
import { grouped, shortened } from 'fovea/internal/base/text'
import { type HeadCurves, headCurves } from 'fovea/internal/embedding/head-curves'
import { chart, Plot } from './chart.ts'
import { type Figure, figureHtml, figureWidth, type Section } from './figure.ts'
import { apart } from './line-chart.ts'
import { classNameOf, type ReportRun } from './report-run.ts'
import { escaped } from './svg.ts'
import { colour, seriesColour } from './theme.ts'

/** More classes are not told apart in one drawing: those with the lowest recall are drawn. */
const mostDrawn = 6
/** A gain from half of the pictures to all of them that is worth a word: so large, and a picture at least. */
const leastGain = 0.02

/** Nothing for pictures that are not the user's own, or where none was held out. */
export function headSection(run: ReportRun): Section[] {
  const { own } = run
  const curves = own && headCurves({ ...own, isTraining: row => own.pictures[row]!.part === 'train' })
  if (!curves) return []
  const classes = curves.heldOut.flatMap((count, label) => (count === 0 ? [] : [label]))
  const drawn = [...classes]
    .sort((a, b) => last(curves, a) - last(curves, b))
    .slice(0, mostDrawn)
    .sort((a, b) => a - b)
  const names = (label: number): string => classNameOf(run, label)
  const sentence = advice(curves, classes, names)
  const figure = curvesFigure(curves, drawn, classes.length, names, sentence)
  const words = `<p>${escaped(sentence)}</p><p class="note">This is the last layer only, fitted anew on the features of this network (mean of ${curves.draws} draws) and asked about ${grouped(sum(curves.heldOut))} pictures that it was not trained on. The network itself has seen all training pictures; trained on more, it would learn better features too.</p>`
  return [{ id: 'done', title: 'Am I done?', html: `${figureHtml(figure)}${words}`, figures: [figure] }]
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const last = ({ recall }: HeadCurves, label: number): number => recall.at(-1)![label]!
/** From half of the pictures to all. */
const gainOf = ({ recall }: HeadCurves, label: number): number => recall[3]![label]! - recall[1]![label]!

/** Of these classes the one that gained most, if that is more than a picture; else what is hardest. */
export function advice(curves: HeadCurves, classes: readonly number[], names: (label: number) => string): string {
  const [label] = [...classes].sort((a, b) => gainOf(curves, b) - gainOf(curves, a)) as [number]
  const gain = gainOf(curves, label)
  const share = (at: number): string => `${Math.round(curves.recall[at]![label]! * 100)} %`
  if (gain < Math.max(leastGain, 1 / curves.heldOut[label]!)) {
    const [hardest] = [...classes].sort((a, b) => last(curves, a) - last(curves, b)) as [number]
    return `More pictures like these would change little: with half of them as many are found. The hardest class is ${names(hardest)} (${Math.round(last(curves, hardest) * 100)} % found); other pictures of it, or a better network, may help.`
  }
  const all = curves.pictures[label]!
  return `More pictures of ${names(label)} would help most: with ${grouped(Math.ceil(all / 2))} of them ${share(1)} were found, with all ${grouped(all)} it is ${share(3)}.`
}

function curvesFigure(
  curves: HeadCurves,
  drawn: readonly number[],
  classes: number,
  names: (label: number) => string,
  sentence: string,
): Figure {
  const told = drawn.map(
    label => `${names(label)} ${curves.recall.map(own => Math.round(own[label]! * 100)).join(', ')} %`,
  )
  return {
    name: 'done',
    title: `Found of each class${drawn.length < classes ? `, the ${drawn.length} hardest of ${classes}` : ''}`,
    alt: `Share of the held-out pictures found, with a quarter, a half, three quarters and all of the training pictures: ${told.join('; ')}. ${sentence}`,
    svg: curvesSvg(curves, drawn, names),
  }
}

const height = 260
const margin = { top: 12, bottom: 28 }

function curvesSvg({ shares, recall }: HeadCurves, drawn: readonly number[], names: (label: number) => string): string {
  const points = drawn.flatMap((label, place) =>
    shares.map((share, at) => ({ label, share, value: recall[at]![label]!, stroke: seriesColour(place) })),
  )
  const values = points.map(({ value }) => value)
  const low = Math.max(0, Math.floor(smallestOf(values) * 10 - 0.5) / 10)
  const domain = [low, Math.min(1, Math.ceil(largestOf(values) * 10 + 0.5) / 10)] as [number, number]
  const ends = points.filter(({ share }) => share === 1).sort((a, b) => a.value - b.value)
  const gap = (15 * (domain[1] - domain[0])) / (height - margin.top - margin.bottom)
  const places = apart(
    ends.map(({ value }) => value),
    gap,
    domain,
  )
  const named = ends.map((end, at) => ({ ...end, place: places[at]!, name: shortened(names(end.label), 14) }))
  return chart({
    height,
    width: figureWidth,
    marginTop: margin.top,
    marginBottom: margin.bottom,
    marginLeft: 50,
    marginRight:
      24 +
      7 *
        largestOf(
          named.map(({ name }) => name.length),
          0,
        ),
    x: { label: null, domain: [shares[0]!, 1], ticks: [...shares], tickSize: 4, tickFormat: shareName },
    y: { label: null, domain, ticks: 5, tickSize: 0, tickFormat: (value: number) => `${Math.round(value * 100)} %` },
    marks: [
      Plot.gridY({ stroke: colour('--line'), strokeOpacity: 1, ticks: 5 }),
      Plot.line(points, { x: 'share', y: 'value', z: 'label', stroke: 'stroke', strokeWidth: 2 }),
      Plot.dot(points, { x: 'share', y: 'value', r: 3, fill: 'stroke' }),
      Plot.text(named, {
        x: 1,
        y: 'place',
        text: 'name',
        fill: 'stroke',
        textAnchor: 'start',
        dx: 9,
        fontWeight: 600,
        title: ({ label, name }: { label: number; name: string }) => (name === names(label) ? '' : names(label)),
      }),
    ],
  })
}

const shareName = (share: number): string => ({ 0.25: '¼', 0.5: '½', 0.75: '¾' })[share] ?? 'all'
