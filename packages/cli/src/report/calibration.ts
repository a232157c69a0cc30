/**
 * Whether the probabilities mean what they say: predictions in ten bins by the probability of the predicted class, and how many of
 * each bin are right. A calibrated model lies on the diagonal. Expected calibration error as in Guo et al. 2017 (classification-report.ts).
 */
import { grouped } from 'fovea/internal/base/text'
import { type CalibrationBin, calibrationError } from 'fovea/internal/objectives/classification-report'
import { chart, Plot } from './chart.ts'
import { chanceLevel, shareText } from './curves.ts'
import { figureHtml, type Section } from './figure.ts'
import type { ReportRun } from './report-run.ts'
import { colour } from './theme.ts'

const binCount = 10

export function calibrationSection({ test }: ReportRun): Section[] {
  if (!test) return []
  const title = 'Calibration'
  if (!test.predictions.every(Number.isFinite)) {
    return [{ id: 'calibration', title, html: '<p>Some of them are not numbers: no.</p>', figures: [] }]
  }
  const { error, bins } = calibrationError(test.labels, test.predictions, test.classes, binCount)
  const filled = bins.filter(({ count }) => count > 0)
  const mean = (key: 'confidence' | 'accuracy') =>
    filled.reduce((sum, bin) => sum + bin.count * bin[key], 0) / Math.max(1, test.count)
  const [says, right] = [mean('confidence'), mean('accuracy')]
  const figure = {
    name: 'calibration',
    title: 'How often it is right, by the probability it gives',
    alt: `Reliability diagram. ${filled.map(binText).join('; ')}. Expected calibration error ${tenth(error)}.`,
    svg: reliabilityChart(filled, test.classes),
  }
  const html = `<p>On average the model says <strong>${tenth(says)}</strong> and is right in <strong>${tenth(right)}</strong> of the pictures: ${verdict(says - right)}. ${furthest(filled)}</p>
${figureHtml(figure)}
<p class="note">Bars: how often it is right; numbers: pictures in the bin. Expected calibration error ${tenth(error)}: the distance between what it says and how often that is right, averaged over the pictures (<code>calibrationError</code> with ${binCount} bins).</p>`
  return [{ id: 'calibration', title, html, figures: [figure] }]
}

function tenth(value: number): string {
  return `${(value * 100).toFixed(1)} %`
}

function verdict(surplus: number): string {
  const points = `${Math.abs(surplus * 100).toFixed(1)} points`
  if (Math.abs(surplus) < 0.01) return 'its probabilities can be taken as they are'
  return surplus > 0 ? `it is too sure of itself, by ${points}` : `it is better than it thinks, by ${points}`
}

/** `Where it says 90 to 100 % (3,412 pictures, 96.8 % on average), it is right in 84.0 %.` Of the bin that adds most to the error. */
function furthest(bins: readonly CalibrationBin[]): string {
  const weight = ({ count, confidence, accuracy }: CalibrationBin) => count * Math.abs(confidence - accuracy)
  const worst = bins.reduce((a, b) => (weight(b) > weight(a) ? b : a))
  const pictures = worst.count === 1 ? '1 picture' : `${grouped(worst.count)} pictures`
  return `Where it says ${range(worst)} (${pictures}, ${tenth(worst.confidence)} on average), it is right in ${tenth(worst.accuracy)}.`
}

function range({ from, to }: CalibrationBin): string {
  return `${Math.round(from * 100)} to ${Math.round(to * 100)} %`
}

function binText(bin: CalibrationBin): string {
  return `${range(bin)}: says ${tenth(bin.confidence)}, is right in ${tenth(bin.accuracy)} of ${grouped(bin.count)}`
}

/** As wide as a bin at most: `972`, `1.2k`, `12k`. */
function shortCount(count: number): string {
  if (count < 1000) return String(count)
  return `${(count / 1000).toFixed(count < 9950 ? 1 : 0)}k`
}

function reliabilityChart(bins: readonly CalibrationBin[], classes: number): string {
  const chance = chanceLevel(classes)
  const [faint, line] = [colour('--faint'), colour('--series-1')]
  const axis = { domain: [0, 1], tickFormat: shareText, tickSize: 0, ticks: 5 } as const
  return chart({
    height: 300,
    marginLeft: 54,
    marginRight: 16,
    marginTop: 26,
    marginBottom: 44,
    x: { ...axis, label: 'probability it gives', labelAnchor: 'center', labelArrow: 'none', labelOffset: 38 },
    y: { ...axis, label: 'right', labelArrow: 'none' },
    marks: [
      Plot.gridY({ stroke: colour('--line'), strokeOpacity: 1, ticks: 5 }),
      Plot.rect(bins, {
        x1: 'from',
        x2: 'to',
        y1: 0,
        y2: 'accuracy',
        inset: 1,
        fill: line,
        fillOpacity: 0.25,
        title: binText,
      }),
      Plot.ruleY([chance.value], { stroke: faint, strokeDasharray: '5 4' }),
      // Above its line, and above the numbers of the bins.
      Plot.text([chance.label], {
        x: 0,
        y: chance.value,
        textAnchor: 'start',
        dx: 6,
        dy: chance.value < 0.08 ? -24 : -9,
        fill: faint,
      }),
      Plot.line([0, 1], { x: value => value, y: value => value, stroke: faint }),
      Plot.text(['as it says'], { x: 1, y: 1, textAnchor: 'end', dy: -12, fill: faint }),
      Plot.ruleX(bins, {
        x: 'confidence',
        y1: 'confidence',
        y2: 'accuracy',
        stroke: colour('--wrong'),
        strokeWidth: 1.5,
      }),
      Plot.dot(bins, { x: 'confidence', y: 'accuracy', r: 4.5, fill: line }),
      Plot.text(bins, {
        x: ({ from, to }: CalibrationBin) => (from + to) / 2,
        y: 0,
        dy: -9,
        fontSize: 12,
        text: ({ count }: CalibrationBin) => shortCount(count),
      }),
    ],
  })
}
