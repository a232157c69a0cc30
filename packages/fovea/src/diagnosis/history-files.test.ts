/** One run, written as every tool writes it, is read as one and the same history; what is no history says so. */
import { describe, expect, it } from 'vitest'
import { csvCell } from '../base/csv.ts'
import { diagnose } from './diagnose.ts'
import { curvesOfRun, historyOfText } from './history-files.ts'

const loss = [1.25, 0.75, 0.5, 0.25, 0.125, 0.0625, 0.03125]
const valLoss = [0.9375, 0.8125, 0.84375, 1, 1.21875, 1.5, 1.75]
const accuracy = [0.5, 0.75, 0.875, 0.9375, 0.96875, 0.984375, 1]
const valAccuracy = [0.625, 0.6875, 0.75, 0.71875, 0.6875, 0.65625, 0.625]
const count = loss.length

type Row = Readonly<Record<string, string | number>>
const rowsOf = (row: (epoch: number) => Row): Row[] => Array.from({ length: count }, (_, epoch) => row(epoch))

/** All columns that any row has, in the order they come; what a row lacks is left empty. */
function csv(rows: readonly Row[], { separator = ',', absent = '', quote = false, end = '\n', pad = 0 } = {}): string {
  const names = [...new Set(rows.flatMap(Object.keys))]
  const cell = (value: string | number) => (quote ? `"${value}"` : csvCell(String(value), separator)).padStart(pad)
  const lines = [names, ...rows.map(row => names.map(name => row[name] ?? absent))]
  return lines.map(line => line.map(cell).join(separator) + end).join('')
}

const time = (epoch: number) => `00:1${epoch}`
const keras = rowsOf(e => ({
  epoch: e,
  accuracy: accuracy[e]!,
  loss: loss[e]!,
  val_accuracy: valAccuracy[e]!,
  val_loss: valLoss[e]!,
}))
const lightning = loss.flatMap((_, e): Row[] => [
  { epoch: e, step: 100 * e + 49, train_loss_step: 9 },
  { epoch: e, step: 100 * e + 99, val_loss: valLoss[e]!, val_acc: valAccuracy[e]! },
  { epoch: e, step: 100 * e + 99, train_loss_epoch: loss[e]!, train_acc: accuracy[e]! },
])
const hugging = loss.flatMap((_, e): Row[] => [
  { loss: loss[e]! * 1.5, grad_norm: 3, learning_rate: 0.1, epoch: e + 0.5, step: 100 * e + 50 },
  { loss: loss[e]! * 0.5, grad_norm: 3, learning_rate: 0.1, epoch: e + 1, step: 100 * e + 100 },
  { eval_loss: valLoss[e]!, eval_accuracy: valAccuracy[e]!, eval_runtime: 2, epoch: e + 1, step: 100 * e + 100 },
])
const huggingEnd = { train_loss: 0.5, train_runtime: 60, total_flos: 1e12, epoch: count, step: 100 * count }

/** Tool, text, the first epoch's number, whether training accuracy is known, and columns that are passed over. */
const tools: [string, string, number, boolean, string[]][] = [
  ['Keras 3', csv(keras, { end: '\r\n' }), 0, true, []],
  [
    'Keras 2',
    csv(
      rowsOf(e => ({
        epoch: e,
        acc: accuracy[e]!,
        loss: loss[e]!,
        lr: 0.01,
        val_acc: valAccuracy[e]!,
        val_loss: valLoss[e]!,
      })),
    ),
    0,
    true,
    ['lr'],
  ],
  [
    'Keras 1',
    csv(
      rowsOf(e => ({ epoch: e, acc: accuracy[e]!, loss: loss[e]!, val_acc: valAccuracy[e]!, val_loss: valLoss[e]! })),
      { separator: ';' },
    ),
    0,
    true,
    [],
  ],
  [
    'sparse categorical accuracy',
    csv(
      rowsOf(e => ({
        epoch: e,
        loss: loss[e]!,
        sparse_categorical_accuracy: accuracy[e]!,
        val_loss: valLoss[e]!,
        val_sparse_categorical_accuracy: valAccuracy[e]!,
      })),
    ),
    0,
    true,
    [],
  ],
  [
    'pandas',
    csv(
      rowsOf(e => ({
        '': e,
        loss: loss[e]!,
        accuracy: accuracy[e]!,
        val_loss: valLoss[e]!,
        val_accuracy: valAccuracy[e]!,
      })),
    ),
    0,
    true,
    [],
  ],
  [
    'fastai',
    csv(
      rowsOf(e => ({
        epoch: e,
        train_loss: loss[e]!,
        valid_loss: valLoss[e]!,
        accuracy: valAccuracy[e]!,
        time: time(e),
      })),
    ),
    0,
    false,
    ['time'],
  ],
  [
    'fastai, error rate',
    csv(
      rowsOf(e => ({
        epoch: e,
        train_loss: loss[e]!,
        valid_loss: valLoss[e]!,
        error_rate: 1 - valAccuracy[e]!,
        time: time(e),
      })),
    ),
    0,
    false,
    ['time'],
  ],
  ['Lightning', csv(lightning), 0, true, ['train_loss_step']],
  [
    'Hugging Face, CSV',
    csv([...hugging, huggingEnd]),
    1,
    false,
    ['grad_norm', 'learning_rate', 'eval_runtime', 'train_loss', 'train_runtime', 'total_flos'],
  ],
  [
    'Hugging Face, trainer_state.json',
    JSON.stringify({ best_metric: null, epoch: 7, log_history: [...hugging, huggingEnd] }, null, 2),
    1,
    false,
    ['grad_norm', 'learning_rate', 'eval_runtime', 'train_loss', 'train_runtime', 'total_flos'],
  ],
  [
    'Ultralytics',
    csv(
      rowsOf(e => ({
        epoch: e + 1,
        time: 9,
        'train/loss': loss[e]!,
        'metrics/accuracy_top1': valAccuracy[e]!,
        'metrics/accuracy_top5': 1,
        'val/loss': valLoss[e]!,
        'lr/pg0': 0.1,
      })),
      { pad: 23 },
    ),
    1,
    false,
    ['time', 'metrics/accuracy_top5', 'lr/pg0'],
  ],
  [
    'timm',
    csv(
      rowsOf(e => ({
        epoch: e,
        train_loss: loss[e]!,
        eval_loss: valLoss[e]!,
        eval_top1: 100 * valAccuracy[e]!,
        eval_top5: 99,
      })),
    ),
    0,
    false,
    ['eval_top5'],
  ],
  [
    'a script after PyTorch’s examples',
    csv(
      rowsOf(e => ({
        Epoch: e + 1,
        'Train Loss': loss[e]!,
        'Train Acc.': 100 * accuracy[e]!,
        'Test Loss': valLoss[e]!,
        'Test Acc.': 100 * valAccuracy[e]!,
      })),
      { separator: '\t' },
    ),
    1,
    true,
    [],
  ],
  [
    'tags of TensorBoard',
    csv(
      rowsOf(e => ({
        epoch: e,
        'Loss/train': loss[e]!,
        'Accuracy/train': accuracy[e]!,
        'Loss/val': valLoss[e]!,
        'Accuracy/val': valAccuracy[e]!,
      })),
    ),
    0,
    true,
    [],
  ],
  [
    'Keras’s history as JSON',
    JSON.stringify({ loss, accuracy, val_loss: valLoss, val_accuracy: valAccuracy }),
    0,
    true,
    [],
  ],
  [
    'pandas, JSON',
    JSON.stringify(
      Object.fromEntries(
        Object.entries({ loss, accuracy, val_loss: valLoss, val_accuracy: valAccuracy }).map(([name, values]) => [
          name,
          Object.fromEntries(values.entries()),
        ]),
      ),
    ),
    0,
    true,
    [],
  ],
  [
    'pandas, JSON split',
    JSON.stringify({
      columns: ['loss', 'accuracy', 'val_loss', 'val_accuracy'],
      index: [...loss.keys()],
      data: loss.map((value, e) => [value, accuracy[e], valLoss[e], valAccuracy[e]]),
    }),
    0,
    true,
    [],
  ],
  [
    'Weights & Biases',
    csv(
      rowsOf(e => ({
        Step: e,
        'sun-7 - loss': loss[e]!,
        'sun-7 - loss__MIN': 0,
        'sun-7 - val_loss': valLoss[e]!,
        'sun-7 - val_accuracy': valAccuracy[e]!,
      })),
      { quote: true },
    ),
    0,
    false,
    ['Step', 'sun-7 - loss__MIN'],
  ],
  [
    'our result.json',
    JSON.stringify({
      recipe: 'x',
      history: rowsOf(e => ({
        epoch: e + 1,
        loss: loss[e]!,
        accuracy: accuracy[e]!,
        valLoss: valLoss[e]!,
        valAccuracy: valAccuracy[e]!,
        seconds: 1,
      })),
    }),
    1,
    true,
    ['seconds'],
  ],
]

describe('histories of other tools', () => {
  it.each(tools)('%s', (_, text, first, knowsTraining, passedOver) => {
    const { curves, columns } = historyOfText(text, 'history')
    expect(curves).toEqual({
      epochs: loss.map((_, epoch) => epoch + first),
      loss,
      ...(knowsTraining && { accuracy }),
      valLoss,
      valAccuracy,
    })
    expect(columns.passedOver).toEqual(passedOver)
    expect(new Set(columns.read.map(({ role }) => role))).toEqual(
      new Set([
        ...Object.keys(curves).filter(name => name !== 'epochs'),
        ...columns.read.map(({ role }) => role).filter(role => role === 'epoch' || role === 'step'),
      ]),
    )
    expect(diagnose(curves)).toMatchObject([{ kind: 'overfitting', epoch: first + 1 }])
  })

  it('whatever separates, quotes, pads, ends lines and stands for what was not measured', () => {
    const blank = keras.map((row, e) =>
      e % 2 ? row : { epoch: row['epoch']!, loss: row['loss']!, accuracy: row['accuracy']! },
    )
    const results = ['', 'NA', 'na', 'N/A', 'None', 'null', '-'].flatMap(absent =>
      [',', ';', '\t', '|'].flatMap(separator =>
        ['\n', '\r\n', '\r'].flatMap(end =>
          [false, true].map(
            quote =>
              historyOfText(
                csv(blank, { absent, separator, end, quote, pad: quote ? 0 : 9 }).replace(/[\r\n]+$/, ''),
                'x',
              ).curves,
          ),
        ),
      ),
    )
    for (const curves of results) {
      expect(curves).toEqual({ ...results[0], valLoss: valLoss.map((value, e) => (e % 2 ? value : undefined)) })
    }
  })

  it('a comma in a number, where cells are separated by something else', () => {
    expect(historyOfText('epoch;loss\n0;1,5\n1;0,25\n', 'x').curves.loss).toEqual([1.5, 0.25])
  })

  it('numbers that are none are evidence, in CSV and in the JSON that Python writes', () => {
    const words = ['nan', 'NaN', 'inf', '-inf', 'Infinity']
    const values = [
      Number.NaN,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]
    expect(historyOfText(`loss\n${words.join('\n')}`, 'x').curves.loss).toEqual(values)
    expect(
      historyOfText('{"loss": [1, NaN, Infinity, -Infinity], "note": ["NaN, \\"Infinity\\""]}', 'x').curves.loss,
    ).toEqual([1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
  })

  it('columns and epochs without a value are none', () => {
    const text = 'epoch,loss,accuracy,val_loss\n0,1,NA,NA\n1,,,\n2,0.5,NA,NA\n'
    const { curves, columns } = historyOfText(text, 'x')
    expect(curves).toEqual({ epochs: [0, 2], loss: [1, 0.5] })
    expect(columns.empty).toEqual(['accuracy', 'val_loss'])
  })

  it('an epoch that was trained again: the later, whether lines say all at once or a part each', () => {
    const again = 'epoch,loss,val_loss\n0,4,4\n1,3,3\n2,9,9\n2,2,2\n1,1.5,\n3,1,1\n'
    expect(historyOfText(again, 'x').curves).toEqual({
      epochs: [0, 1, 2, 3],
      loss: [4, 1.5, 2, 1],
      valLoss: [4, 3, 2, 1],
    })
    const apart = 'epoch,step,train_loss,val_loss\n0,9,4,\n0,9,,3\n1,19,9,\n1,19,,9\n0,9,2,\n0,9,,1\n'
    expect(historyOfText(apart, 'x').curves).toEqual({ epochs: [0, 1], loss: [2, 9], valLoss: [1, 9] })
  })

  it('of a run the later line of an epoch, with metrics under other names too', () => {
    const line = (epoch: number, logs: object) => ({ type: 'epoch-end', epoch, logs }) as never
    const records = [line(1, { loss: 3 }), line(2, { loss: 'NaN' }), line(2, { loss: 1, val_acc: 0.5 })]
    expect(curvesOfRun(records, 'run')).toEqual({ epochs: [1, 2], loss: [3, 1], valAccuracy: [undefined, 0.5] })
  })

  it.each([
    ['no losses', 'epoch,acc\n0,1\n', /no column of losses.*received: epoch, acc/s],
    ['losses without a value', 'epoch,loss\n0,NA\n', /no value in its column loss/],
    ['no lines', 'epoch,loss\n', /no epochs/],
    ['nothing', '', /no column of losses.*an empty file/s],
    ['a word for a loss', 'epoch,loss\n0,1\n1,much\n', /line 3: the loss is not a number.*received: much/s],
    ['a loss without an epoch', 'epoch,loss\n0,1\n,2\n', /line 3: the epoch is missing/],
    ['JSON cut off', '{"log_history": [', /not JSON/],
    ['JSON of something else', '{"name": "x"}', /holds no history/],
    [
      'one curve of TensorBoard',
      'Wall time,Step,Value\n1700000000.5,0,1.2\n',
      /does not say which[\s\S]*call the column/i,
    ],
    ['one curve of TensorBoard, JSON', '[[1700000000.5, 0, 1.2], [1700000001.5, 1, 0.8]]', /does not say which/],
    ['a dictionary as Python prints it', "{'loss': [1.2, 0.8]}", /not JSON[\s\S]*json\.dump/],
    ['an entry with a word', '{"log_history": [{"loss": 1}, {"loss": "much"}]}', /entry 2: the loss is not a number/],
  ])('%s: says so', (_, text, message) => {
    expect(() => historyOfText(text, 'x')).toThrow(message)
  })

  it('a history of 200,000 lines', () => {
    const lines = Array.from({ length: 200_000 }, (_, index) => `${index},${1 + 1 / (index + 1)}`)
    const { curves } = historyOfText(`epoch,loss\n${lines.join('\n')}`, 'x')
    expect(curves.epochs).toHaveLength(200_000)
    expect(diagnose(curves)[0]!.evidence).toMatch(/\d/)
  })
})
