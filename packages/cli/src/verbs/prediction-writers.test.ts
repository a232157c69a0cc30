import { readCsv } from 'fovea/internal/base/csv'
import { describe, expect, it } from 'vitest'
import type { FailedPicture, PicturePrediction } from '../command/predict-documents.ts'
import { csvWriter, jsonLinesWriter, jsonWriter, type PredictionWriter } from './prediction-writers.ts'

const classNames = ['cat', 'dog, "big"']
const top = classNames.map((className, index) => ({ class: index, className, probability: index === 0 ? 0.75 : 0.25 }))
const odd = 'a,"b"\n.png'
const predictions: readonly PicturePrediction[] = ['1.png', odd].map(picture => ({
  ...{ picture, class: 0, className: 'cat', probability: 0.75, probabilities: [0.75, 0.25], notes: ['a note'] },
}))
const failed: readonly FailedPicture[] = [{ picture: '2.png', problems: [{ what: 'It is damaged.' }] }]
const written = (writer: PredictionWriter, answers: readonly PicturePrediction[]): string =>
  [
    writer.begin,
    ...answers.map(writer.answer),
    ...failed.map(one => writer.failure?.(one) ?? ''),
    writer.end(failed),
  ].join('')

describe('the JSON document', () => {
  it('is one whole, with any number of answers', () => {
    for (const count of [0, 1, 2]) {
      const answers = predictions.slice(0, count)
      const text = written(jsonWriter({ model: 'm' }), answers)
      expect(JSON.parse(text)).toEqual({ model: 'm', predictions: answers, failed })
      expect(text.endsWith('}\n')).toBe(true)
    }
  })

  it('has the threshold before the answers, and why it ended early behind them', () => {
    const writer = jsonWriter({ model: 'm', threshold: { min: 0.5 } })
    const error = [{ what: 'Interrupted.' }]
    const text = writer.begin + writer.answer(predictions[0]!) + writer.end([], error)
    expect(Object.keys(JSON.parse(text))).toEqual(['model', 'threshold', 'predictions', 'failed', 'error'])
  })
})

it('JSON lines are a document each, failures among them', () => {
  const lines = written(jsonLinesWriter, predictions).trimEnd().split('\n')
  expect(lines.map(line => JSON.parse(line))).toEqual([...predictions, ...failed])
})

describe('CSV', () => {
  it('has a column for every class, and any name in a cell of its own', () => {
    const { names, rows } = readCsv(written(csvWriter(classNames), predictions), 'answers')
    expect(names).toEqual(['picture', 'class', 'probability', 'p(cat)', 'p(dog, "big")'])
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['1.png', 'cat', '0.75', '0.75', '0.25'],
      [odd, 'cat', '0.75', '0.75', '0.25'],
    ])
  })

  it('with the most probable classes has a pair of columns for each of them', () => {
    const answers = predictions.map(prediction => ({ ...prediction, top: top.slice(0, 1) }))
    const { names, rows } = readCsv(written(csvWriter(classNames, 1), answers), 'answers')
    expect(names).toEqual(['picture', 'class', 'probability', 'class 1', 'probability 1'])
    expect(rows[0]!.cells.slice(3)).toEqual(['cat', '0.75'])
    expect(csvWriter(classNames, 9).begin).toContain('class 2,probability 2\n')
  })
})
