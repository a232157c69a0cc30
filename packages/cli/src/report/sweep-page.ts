/** A sweep as one page: what won, its trials in a table, what mattered, all trials over all options, their learning curves. */
import { percent } from 'fovea/internal/base/text'
import type { SweepDocument } from '../sweep/document.ts'
import { type Figure, figureHtml, type Section } from './figure.ts'
import { plainPage } from './plain-page.ts'
import { escaped } from './svg.ts'
import { importanceFigure, learningFigure, parallelFigure } from './sweep-figures.ts'

export function sweepPage(sweep: SweepDocument, version: string): string {
  const { recipe, planned, trials, rungs, reduction, seed } = sweep
  const ladder = rungs === 1 ? 'each trained in full' : `${rungs} rungs, one in ${reduction} goes on`
  return plainPage({
    title: `${recipe}: a sweep`,
    about: `${trials.length} of ${planned} trials, ${ladder}`,
    origin: `seed ${seed} · Fovea ${escaped(version)}`,
    sections: [
      outcome(sweep),
      ...drawn('trials', 'All trials', parallelFigure(sweep), '', tableHtml(sweep)),
      ...drawn('importance', 'What mattered', importanceFigure(sweep), importanceNote),
      ...drawn('curves', 'Learning curves', learningFigure(sweep), curvesNote),
    ],
  })
}

const importanceNote =
  'How much of the variance of the accuracies after the first rung, where all trials are equally far, goes with an option: the correlation ratio, corrected for chance (ε², Kelley 1935), over its choices or the thirds of its range. It says nothing of options that matter only together.'
const curvesNote = 'The winner is orange. A line ends where its trial was left behind.'

function outcome({ trials, winner }: SweepDocument): Section {
  const [best] = trials
  const html =
    best === undefined
      ? '<p class="lead">No trial came to its first rung yet.</p>'
      : `<p class="score"><strong>${best.accuracy === null ? '–' : percent(best.accuracy)}</strong> on held-out pictures, trial ${best.trial} after ${best.epochs} ${best.epochs === 1 ? 'epoch' : 'epochs'}</p>
<dl class="facts">${Object.entries(best.values)
          .map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(String(value))}</dd></div>`)
          .join('')}</dl>
${winner === null ? '' : `<p class="lead">Trained once more in full, in ${escaped(winner.runDir)}. ${winner.testAccuracy === null ? 'There is no test set.' : `On the test set, measured this once: <strong>${percent(winner.testAccuracy)}</strong>.`}</p>`}`
  return { id: 'outcome', title: 'Best', html, figures: [] }
}

function drawn(id: string, title: string, figures: readonly Figure[], note: string, more = ''): Section[] {
  if (figures.length === 0 && more === '') return []
  const told = note === '' ? '' : `<p class="note">${note}</p>`
  return [{ id, title, html: `${figures.map(figureHtml).join('')}${told}${more}`, figures }]
}

function tableHtml({ trials, vary }: SweepDocument): string {
  const titles = ['trial', ...vary.map(({ name }) => name), 'epochs', 'held-out accuracy']
  const rows = trials.map(({ trial, values, epochs, accuracy }) => {
    const cells = [
      String(trial),
      ...vary.map(({ name }) => escaped(String(values[name]))),
      String(epochs),
      accuracy === null ? 'broke down' : percent(accuracy),
    ]
    return `<tr>${cells.map(cell => `<td>${cell}</td>`).join('')}</tr>`
  })
  return `<div class="scroll"><table><thead><tr>${titles.map(title => `<th>${escaped(title)}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}
