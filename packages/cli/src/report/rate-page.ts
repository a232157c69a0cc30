/** A learning-rate range test as one page: the drawing, what it suggests and by which rule. */
import { figureHtml } from './figure.ts'
import { plainPage } from './plain-page.ts'
import { rateFigure, rateText, type TestedRates } from './rate-figure.ts'
import { escaped } from './svg.ts'

export { rateFigure }

export interface RatePageFacts extends TestedRates {
  readonly recipe: string
  readonly optimizer: string
  readonly batchSize: number
  readonly seed: number
  readonly steepest: { readonly rate: number }
}

export function ratePage(found: RatePageFacts, version: string): string {
  const { recipe, optimizer, batchSize, seed, suggestion, lowest, steepest, points } = found
  const html = `<p class="score"><strong>${suggestion}</strong> is the learning rate to begin with</p>
<p class="lead">A new network was trained for ${points.length} steps while the rate rose exponentially from ${rateText(points[0]!.rate)}. The smoothed loss is lowest at ${rateText(lowest.rate)} and falls fastest at ${rateText(steepest.rate)}. Suggested is a fifth of the rate at the lowest loss.</p>
${figureHtml(rateFigure(found))}
<p class="note">The range test is Smith's (“Cyclical Learning Rates for Training Neural Networks”, 2015). A dot is the loss of one batch; the line is their average, older ones counting less and less (0.98ⁿ).</p>`
  return plainPage({
    title: `${recipe}: learning rate`,
    about: `${optimizer}, batches of ${batchSize}`,
    origin: `seed ${seed} · Fovea ${escaped(version)}`,
    sections: [{ id: 'learning-rate', title: 'Range test', html, figures: [rateFigure(found)] }],
  })
}
