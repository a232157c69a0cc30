/**
 * The confusion matrix for a terminal: true classes by row, predicted ones by column, and the mistakes that are made most. In: the
 * document of `evaluate` and the width of the terminal. Names are cut as far as the width asks; of more classes than fit only the mistakes are told.
 */
import { largestOf } from 'fovea/internal/base/extremes'
import { columns } from 'fovea/internal/base/text'
import { mistakesSentence } from 'fovea/internal/objectives/confused-pairs'
import type { EvaluateDocument } from '../command/documents.ts'

type Confusion = Pick<EvaluateDocument, 'classNames' | 'confusionMatrix'>

/** Signs that are left at least of a name above a column, and at most of one beside a row; blanks between columns. */
const shortest = 3
const mostOfTitle = 14
const gap = 2

export function confusionText(confusion: Confusion, width: number): string {
  const { classNames, confusionMatrix: counts } = confusion
  const mistakes = mistakesSentence(counts, index => classNames[index]!)
  return [matrixText(confusion, width), mistakes].filter(text => text !== '').join('\n\n')
}

function matrixText({ classNames, confusionMatrix: counts }: Confusion, width: number): string {
  const digits = largestOf(counts.flat().map(count => String(count).length))
  const longest = largestOf(classNames.map(name => name.length))
  const title = Math.max('true'.length, Math.min(longest, mostOfTitle))
  const rest = width - title - gap - '100.0 %'.length
  const room = Math.floor(rest / classNames.length) - gap
  if (room < Math.max(digits, Math.min(shortest, longest))) {
    return `The confusion matrix of ${classNames.length} classes is too wide to be drawn here; --json prints it.`
  }
  const table = columns([
    { title: 'true', cells: classNames.map(name => cut(name, mostOfTitle)) },
    ...classNames.map((name, predicted) => ({
      title: cut(name, room),
      cells: counts.map(row => (row[predicted] === 0 ? '·' : String(row[predicted]))),
      align: 'right' as const,
    })),
    { title: 'right', cells: counts.map((row, truth) => shareOf(row, truth)), align: 'right' },
  ])
  return `Confusion matrix: true classes by row, predicted classes by column.\n${table}`
}

/** Of the pictures of a class, those that were told rightly. */
function shareOf(row: readonly number[], truth: number): string {
  const support = row.reduce((sum, count) => sum + count, 0)
  return support === 0 ? '–' : `${((row[truth]! / support) * 100).toFixed(1)} %`
}

const cut = (name: string, room: number): string => (name.length <= room ? name : `${name.slice(0, room - 1)}…`)
