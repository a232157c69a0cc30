import { describe, expect, it } from 'vitest'
import type { TrainEvent } from '../events.ts'
import { clockTime, metricValue, progressBar, stepTime } from './progress-bar.ts'

const begin = { type: 'train-begin', batches: 938, learningRate: 0.001 } as TrainEvent
const epochBegin: TrainEvent = { type: 'epoch-begin', epoch: 1, epochs: 10, learningRate: 0.001 }
const logs = { loss: 0.155, accuracy: 0.9512 }
const batchEnd = (batch: number): TrainEvent => ({
  type: 'batch-end',
  epoch: 1,
  batch,
  batches: 938,
  step: batch,
  rows: 64,
  batchLogs: logs,
  logs,
})
const epochEnd: TrainEvent = {
  type: 'epoch-end',
  epoch: 1,
  epochs: 10,
  logs: { ...logs, val_loss: 0.0602, val_accuracy: 0.00051 },
  learningRate: 0.001,
  seconds: 4.3,
  msPerStep: 4.6,
}
const message: TrainEvent = { type: 'message', level: 'info', text: 'Epoch 1: early stopping' }

/** What is written for these events; the clock moves `ms` before each. */
function written(
  events: readonly TrainEvent[],
  isTerminal: boolean,
  verbose: 0 | 1 | 2 = 1,
  ms = 1000,
  columns = 80,
): string {
  let text = ''
  let time = 0
  const write = (part: string): void => {
    text += part
  }
  const output = { write, isTerminal, columns }
  const listener = progressBar(output, { verbose, now: () => time })
  for (const event of events) {
    time += ms
    listener(event)
  }
  return text
}
/** Without colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with the escape character
const bare = (text: string): string => text.replace(/\x1b\[\d*m/g, '')

const metrics = 'accuracy: 0.9512 - loss: 0.1550 - val_accuracy: 5.1000e-04 - val_loss: 0.0602'

describe('progress bar', () => {
  it('stays within a narrow terminal while it is drawn again', () => {
    const drawn = bare(written([begin, epochBegin, batchEnd(100), batchEnd(200)], true, 1, 1000, 24))
    for (const line of drawn.split(/[\r\n]/)) expect(line.length).toBeLessThan(24)
    expect(drawn).toContain('200/938 ━')
  })

  it("looks like Keras's when an epoch is done", () => {
    const lines = bare(written([begin, epochBegin, batchEnd(938), epochEnd, message], true)).split('\n')
    expect(lines[0]).toBe('Epoch 1/10')
    expect(lines[1]!.split('\r').at(-1)).toBe(`938/938 ${'━'.repeat(20)} 4s 5ms/step - ${metrics}`)
    expect(lines.slice(2)).toEqual(['Epoch 1: early stopping', ''])
  })
  it('shows while running how long the epoch still takes', () => {
    // One second for 67 batches: 871 more take 13 seconds.
    const text = bare(written([begin, epochBegin, batchEnd(1), batchEnd(67)], true, 1, 500))
    expect(text.split('\r').at(-1)!.trimEnd()).toBe(
      ` 67/938 ${'━'.repeat(20)} 13s 15ms/step - accuracy: 0.9512 - loss: 0.1550`,
    )
  })
  it('leaves nothing of a longer line', () => {
    const short = { ...batchEnd(3), logs: {} } as TrainEvent
    const [, long, after] = written([begin, epochBegin, batchEnd(2), short], true).split('\r')
    expect(bare(after!).length).toBe(bare(long!).length)
  })
  it('writes one plain line per epoch where there is no terminal', () => {
    const expected = `Epoch 1/10 - 4s - 5ms/step - ${metrics}\nEpoch 1: early stopping\n`
    expect(written([begin, epochBegin, batchEnd(938), epochEnd, message], false)).toBe(expected)
    expect(written([begin, epochBegin, batchEnd(938), epochEnd, message], true, 2)).toBe(expected)
  })
  it('shows the learning rate once it has changed', () => {
    const later = { ...epochEnd, learningRate: 0.0005 }
    expect(written([begin, epochBegin, epochEnd, later, epochEnd], false).match(/learning_rate: \S+/g)).toEqual([
      'learning_rate: 5.0000e-04',
      'learning_rate: 1.0000e-03',
    ])
  })
  it('keeps silent', () => {
    expect(written([begin, epochBegin, batchEnd(1), epochEnd, message], true, 0)).toBe('')
  })
  it('writes numbers and times as Keras does', () => {
    expect([0, 0.12345, -0.00005, Number.NaN].map(metricValue)).toEqual(['0.0000', '0.1235', '-5.0000e-05', 'NaN'])
    expect([4e23, 12_345.6, Number.POSITIVE_INFINITY].map(metricValue)).toEqual([
      '4.0000e+23',
      '12345.6000',
      'Infinity',
    ])
    expect([0.4, 59, 65, 3723].map(clockTime)).toEqual(['0s', '59s', '1:05', '1:02:03'])
    expect([2.2, 0.0049, 0.00012].map(stepTime)).toEqual(['2s/step', '5ms/step', '120us/step'])
  })
})
