/**
 * The forms in which `predict` gives its answers, each written as they come: a text for people, one JSON document, a JSON document a line,
 * a table of comma-separated values. In: answers in order. Out: text, to be written at once.
 */
import { csvCell } from 'fovea/internal/base/csv'
import type { Problem } from 'fovea/internal/base/errors'
import { jsonText } from '../command/json-text.ts'
import type { FailedPicture, PicturePrediction, PredictDocument } from '../command/predict-documents.ts'
import type { PredictionsText } from '../terminal/predictions-text.ts'

/** What is to be written, with its line ends. */
export interface PredictionWriter {
  /** Before the first answer. */
  readonly begin: string
  answer(prediction: PicturePrediction): string
  /** Of a picture that cannot be read, where it is told among the answers. */
  failure?(failed: FailedPicture): string
  end(failed: readonly FailedPicture[], error?: readonly Problem[]): string
}

export function textWriter({ head, line, foot }: PredictionsText): PredictionWriter {
  const ended = (text: string): string => (text === '' ? '' : `${text}\n`)
  return { begin: ended(head), answer: prediction => `${line(prediction)}\n`, end: () => ended(foot()) }
}

/** The members of a `PredictDocument`, one after the other. */
export function jsonWriter(
  about: Pick<PredictDocument, 'model' | 'ensemble' | 'threshold' | 'views'>,
): PredictionWriter {
  const member = (name: string, value: unknown): string => `  ${JSON.stringify(name)}: ${jsonText(value, '  ')}`
  const members = Object.entries(about).filter(([, value]) => value !== undefined)
  let isFirst = true
  return {
    begin: `{\n${members.map(([name, value]) => `${member(name, value)},\n`).join('')}  "predictions": [`,
    answer: prediction => {
      const text = `${isFirst ? '' : ','}\n    ${jsonText(prediction, '    ')}`
      isFirst = false
      return text
    },
    end: (failed, error) => {
      const closing = isFirst ? ']' : '\n  ]'
      const last = [member('failed', failed), ...(error === undefined ? [] : [member('error', error)])]
      return `${closing},\n${last.join(',\n')}\n}\n`
    },
  }
}

export const jsonLinesWriter: PredictionWriter = {
  begin: '',
  answer: prediction => `${JSON.stringify(prediction)}\n`,
  failure: failed => `${JSON.stringify(failed)}\n`,
  end: () => '',
}

/**
 * picture, class, probability, then `p(cat)` for every class; with `top` the most probable classes instead, `class 1`, `probability 1`, …
 * So no name of a class is taken for that of another column. Of several models, what each says comes last.
 */
export function csvWriter(
  classNames: readonly string[],
  top?: number,
  models: readonly string[] = [],
): PredictionWriter {
  const row = (cells: readonly (string | number)[]): string =>
    `${cells.map(cell => csvCell(String(cell), ',')).join(',')}\n`
  const ranks = Array.from({ length: Math.min(top ?? 0, classNames.length) }, (_, index) => index + 1)
  const more =
    top === undefined
      ? classNames.map(name => `p(${name})`)
      : ranks.flatMap(rank => [`class ${rank}`, `probability ${rank}`])
  const ofEach = models.flatMap(model => [`class by ${model}`, `probability by ${model}`])
  return {
    begin: row(['picture', 'class', 'probability', ...more, ...ofEach]),
    answer: ({ picture, className, probability, probabilities, top: first, each = [] }) =>
      row([
        picture,
        className,
        probability,
        ...(first?.flatMap(each => [each.className, each.probability]) ?? probabilities),
        ...each.flatMap(own => [own.className, own.probability]),
      ]),
    end: () => '',
  }
}
