/** What `sweep` says to people: its trials, best first, what mattered, and what the winner came to. */
import { columns, percent } from 'fovea/internal/base/text'
import type { SweepDocument } from '../sweep/document.ts'

/** The rest is in the page. */
const mostRows = 20

export function sweepText({ trials, vary, importance, winner, planned }: SweepDocument): string {
  if (trials.length === 0) return 'No trial came to its first rung yet.'
  const right = { align: 'right' } as const
  const shown = trials.slice(0, mostRows)
  const table = columns([
    { title: 'trial', cells: shown.map(({ trial }) => String(trial)), ...right },
    ...vary.map(({ name }) => ({ title: name, cells: shown.map(({ values }) => String(values[name])), ...right })),
    { title: 'epochs', cells: shown.map(({ epochs }) => String(epochs)), ...right },
    {
      title: 'held out',
      cells: shown.map(({ accuracy }) => (accuracy === null ? 'broke down' : percent(accuracy))),
      ...right,
    },
  ])
  const more = trials.length - shown.length
  const told = importance.flatMap(({ name, share }) => (share === null ? [] : [`${name} ${Math.round(100 * share)} %`]))
  return [
    '',
    table,
    ...(more > 0 ? [`… and ${more} more in the page.`] : []),
    ...(trials.length < planned ? ['', `${trials.length} of ${planned} trials have a result.`] : []),
    ...(told.length > 0 ? ['', `Of the differences after the first rung go with: ${told.join(', ')}.`] : []),
    ...(winner === null ? [] : ['', winnerText(winner)]),
  ].join('\n')
}

function winnerText({ trial, runDir, epochs, testAccuracy }: NonNullable<SweepDocument['winner']>): string {
  const measured =
    testAccuracy === null ? 'There is no test set.' : `On the test set, measured once: ${percent(testAccuracy)}.`
  return `Trial ${trial}, trained in full (${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}): ${runDir}\n${measured}`
}
