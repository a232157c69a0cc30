/** The measured document as text for people. */
import { columns, inBytes, type TableColumn } from '../packages/fovea/src/base/text.ts'
import type { BenchDocument, BenchResult } from './document.ts'
import { aims, meanAims } from './recipes.ts'

/** Least two-thread gain of the calibration with which figures count, and how much of it a step is to keep. */
export const LEAST_GAIN = 1.9
const KEPT_GAIN = 0.92

export function tableText(document: BenchDocument): string {
  const { results, calibration, geometricMean } = document
  const peers = [...new Set(results.flatMap(result => Object.keys(result.peers)))]
  const text = (title: string, cell: (result: BenchResult) => string): TableColumn => ({
    title,
    cells: results.map(cell),
    align: 'right',
  })
  const table = columns([
    { title: 'recipe', cells: results.map(({ recipe }) => recipe) },
    text('batch', ({ batch }) => String(batch)),
    text('threads', ({ threads }) => String(threads)),
    text('ms/step', ({ msPerStep }) => msPerStep.toFixed(3)),
    text('least', ({ leastMsPerStep }) => leastMsPerStep.toFixed(3)),
    text('pictures/s', ({ picturesPerSecond }) => picturesPerSecond.toFixed(0)),
    text('GFLOP/s', ({ gflops }) => gflops.toFixed(1)),
    text('of limit', ({ share }) => `${(100 * share).toFixed(0)} %`),
    ...peers.flatMap(name => [
      text(name, ({ peers }) => peers[name]?.msPerStep.toFixed(3) ?? '–'),
      text(`÷ ${name}`, ({ peers }) => peers[name]?.ratio.toFixed(3) ?? '–'),
    ]),
    ...(peers.includes('torch') && results.some(isTraining)
      ? [text('aim', result => (isTraining(result) ? String(aims[result.recipe as keyof typeof aims]) : '–'))]
      : []),
    text('compile', ({ compileMs }) => `${compileMs.toFixed(0)} ms`),
    text('code', ({ codeBytes }) => inBytes(codeBytes)),
    text('memory', ({ memoryBytes }) => inBytes(memoryBytes)),
    ...peers
      .filter(name => results.some(({ peers }) => peers[name]?.memoryBytes))
      .map(name => text(`${name}'s`, ({ peers }) => memoryText(peers[name]?.memoryBytes))),
  ])
  return [
    table,
    '',
    ...Object.entries(geometricMean).map(([name, mean]) => {
      const aim = meanAims[name]
      return `geometric mean ÷ ${name}: ${mean.toFixed(3)}${aim !== undefined && results.every(isTraining) ? ` (aim ${aim})` : ''}`
    }),
    ...gainLines(document),
    `calibration, GFLOP/s: ${rates(calibration)}`,
    ...(document.void === null ? [] : [`VOID: ${document.void}`]),
  ].join('\n')
}

const memoryText = (count: number | undefined): string => (count === undefined ? '–' : inBytes(count))

const isTraining = ({ task }: BenchResult): boolean => task === 'train'

function rates({ one, all }: BenchDocument['calibration']): string {
  const many = Object.entries(all).filter(([threads]) => threads !== '1')
  const texts = many.map(([threads, rate]) => `${threads} threads ${rate.toFixed(1)} (× ${(rate / one).toFixed(2)})`)
  return [`1 thread ${one.toFixed(1)}`, ...texts].join(', ')
}

/** What a recipe gains from threads, where both were measured. */
function gainLines({ results, calibration }: BenchDocument): string[] {
  return results.flatMap(result => {
    const single = results.find(other => other.threads === 1 && sameWork(other, result))
    if (!single || result.threads === 1) return []
    const gain = single.msPerStep / result.msPerStep
    const kept = gain / (calibration.all[result.threads]! / calibration.one)
    const note = result.task === 'train' && kept < KEPT_GAIN ? `, aim ${KEPT_GAIN}` : ''
    return [
      `${result.recipe} ${result.batch}: ${result.threads} threads gain × ${gain.toFixed(2)}, ${kept.toFixed(2)} of the calibration's${note}`,
    ]
  })
}

function sameWork(a: BenchResult, b: BenchResult): boolean {
  return a.task === b.task && a.recipe === b.recipe && a.batch === b.batch && a.device === b.device
}
