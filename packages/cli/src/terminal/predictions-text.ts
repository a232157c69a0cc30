/**
 * What a model sees in pictures, for people: of one picture a sentence, of several a table whose lines are written as the answers come.
 * So its columns are as wide as the names of the pictures and classes, which are known before, and the terminal allow.
 */
import { largestOf } from 'fovea/internal/base/extremes'
import { grouped, percent } from 'fovea/internal/base/text'
import type { PicturePrediction } from '../command/predict-documents.ts'
import { cellsOf, oneLine, padded, shortenedTo } from './cells.ts'

export interface PredictionsText {
  /** Above the first answer. */
  readonly head: string
  line(prediction: PicturePrediction): string
  /** Below the last one; empty where there is nothing more to say. */
  foot(): string
}

export interface TextOptions {
  /** Of all pictures that are asked about. */
  readonly files: readonly string[]
  readonly classNames: readonly string[]
  /** Classes named of each picture, the most probable ones. */
  readonly top: number
  /** Of the terminal; infinite where lines may be of any length. */
  readonly columns: number
  /** How the note begins that is said once for all pictures, and what it says. */
  readonly common: string
  /** Whether the answers are the mean of several models'. */
  readonly several?: boolean | undefined
}

export const predictionsText = (options: TextOptions): PredictionsText =>
  options.files.length === 1 ? sentence(options) : table(options)

/** `my.png: cat 98.20 % (then dog 1.20 %, bird 0.30 %)`. */
function sentence({ classNames, top }: TextOptions): PredictionsText {
  return {
    head: '',
    line: prediction => {
      const { picture, className, probability, notes } = prediction
      const others = othersOf(prediction, classNames, top)
      const behind = others.length === 0 ? '' : ` (${prediction.class === null ? '' : 'then '}${others.join(', ')})`
      const sure = prediction.class === null ? 'unsure' : `${className} ${percent(probability)}`
      return withNotes(`${picture}: ${sure}${behind}`, [...eachOf(prediction), ...notes])
    },
    foot: () => '',
  }
}

/** Names of pictures in a pipe may be as long as they like; they are padded to no more than this. */
const mostPadded = 60
const probabilityCells = 'probability'.length

function table({ files, classNames, top, columns, common, several }: TextOptions): PredictionsText {
  const classCells = Math.min(
    24,
    largestOf(
      classNames.map(name => cellsOf(oneLine(name))),
      'unsure'.length,
    ),
  )
  const gaps = 6
  const room = columns - classCells - probabilityCells - gaps
  // One of them at least, beside which names may take what they need.
  const othersCells = top > 1 ? classCells + ' 98.20 %'.length : 0
  const longest = largestOf(
    files.map(file => cellsOf(oneLine(file))),
    'picture'.length,
  )
  const nameCells = Math.min(longest, Number.isFinite(columns) ? Math.max(24, room - othersCells) : mostPadded)
  const row = (name: string, className: string, probability: string, others: string): string => {
    const shown = Number.isFinite(columns) ? shortenedTo(name, nameCells) : name
    const answer = `${padded(shortenedTo(className, classCells), classCells)}  ${probability.padStart(probabilityCells)}`
    return `${padded(shown, nameCells)}  ${answer}  ${others}`.trimEnd()
  }
  const counts = new Map<string, number>()
  let [cut, all, disagreed] = [0, 0, 0]
  return {
    head: `${row('picture', 'class', 'probability', top > 1 ? 'then' : '')}\n${row('─'.repeat(nameCells), '─'.repeat(classCells), '─'.repeat(probabilityCells), top > 1 ? '─'.repeat(4) : '')}`,
    line: prediction => {
      const { picture, className, probability, notes } = prediction
      counts.set(className, (counts.get(className) ?? 0) + 1)
      all++
      const differing = areOneMind(prediction) ? [] : eachOf(prediction)
      if (differing.length > 0) disagreed++
      if (notes.some(note => note.startsWith(common))) cut++
      const others = fitting(othersOf(prediction, classNames, top), room - nameCells)
      const line = row(oneLine(picture), oneLine(className), percent(probability), others)
      return withNotes(line, [...differing, ...notes.filter(note => !note.startsWith(common))])
    },
    foot: () =>
      [
        ...(all < 2 ? [] : ['', `${grouped(all)} pictures: ${countsText(counts)}.`]),
        ...(several && all > 1 ? [`The models do not all say the same of ${grouped(disagreed)} of them.`] : []),
        ...(cut === 0 ? [] : [`Of ${cut === all ? 'all' : grouped(cut)} of them ${common}.`]),
      ].join('\n'),
  }
}

/** The classes behind the first one; of an unsure answer all of them. */
function othersOf(prediction: PicturePrediction, classNames: readonly string[], top: number): string[] {
  return prediction.probabilities
    .map((value, index) => ({ value, index }))
    .sort((a, b) => b.value - a.value)
    .slice(prediction.class === null ? 0 : 1, top)
    .map(({ value, index }) => `${oneLine(classNames[index] ?? String(index))} ${percent(value)}`)
}

/** `runs/a: cat 98.20 %`: of several models, what each says. */
const eachOf = ({ each = [] }: PicturePrediction): string[] =>
  each.map(({ model, className, probability }) => `${model}: ${oneLine(className)} ${percent(probability)}`)

const areOneMind = ({ each = [] }: PicturePrediction): boolean => new Set(each.map(own => own.class)).size < 2

/** As many as have room. */
function fitting(texts: readonly string[], cells: number): string {
  let line = ''
  for (const text of texts) {
    const longer = line === '' ? text : `${line}, ${text}`
    if (cellsOf(longer) > cells) break
    line = longer
  }
  return line
}

const mostCounted = 10

/** `5 cat, 3 dog`, the most frequent first. */
function countsText(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([, a], [, b]) => b - a)
  const told = sorted.slice(0, mostCounted).map(([name, count]) => `${grouped(count)} ${oneLine(name)}`)
  const more = sorted.length - told.length
  return more > 0 ? `${told.join(', ')} and ${more} more classes` : told.join(', ')
}

const withNotes = (line: string, notes: readonly string[]): string =>
  [line, ...notes.map(note => `  ${note}`)].join('\n')
