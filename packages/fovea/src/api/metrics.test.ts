/** Every metric there is goes wherever accuracy goes: compile, training and validation, callbacks, evaluate, files, checkpoints. */
import { describe, expect, it } from 'vitest'
import { dense } from '../layers/dense.ts'
import { dropout } from '../layers/noise.ts'
import { apply } from '../layers/tensor.ts'
import { input } from '../network/functional.ts'
import { classScores, confusionMatrix, predictedClasses } from '../objectives/classification-report.ts'
import {
  auc,
  f1Score,
  falseNegatives,
  falsePositives,
  fBetaScore,
  precision,
  precisionAtRecall,
  recall,
  sensitivityAtSpecificity,
  topKCategoricalAccuracy,
} from '../objectives/metric-factories.ts'
import { metric, metricFromConfig } from '../objectives/metrics.ts'
import { weightsSha256 } from '../store/weights-hash.ts'
import { csvLogger } from '../train/callbacks/csv-logger.ts'
import { earlyStopping } from '../train/callbacks/early-stopping.ts'
import { reduceLROnPlateau } from '../train/callbacks/learning-rate.ts'
import { modelCheckpoint } from '../train/callbacks/model-checkpoint.ts'
import { tensorBoard } from '../train/callbacks/tensor-board.ts'
import { classes as labels, points } from '../train/tiny.testing.ts'
import { compiled, place, quiet, tiny } from './tiny-classifier.testing.ts'

const classes = Array.from(labels)
const oneHot = classes.map(label => [1 - label, label])

/** Every class of metrics over predictions, with its spellings. */
const families = [
  ['Precision', 'precision'],
  ['Recall', 'recall'],
  ['AUC', 'auc'],
  ['F1Score', 'f1Score', 'f1_score', 'f1'],
  ['FBetaScore', 'fBetaScore', 'fbeta_score'],
  ['TruePositives', 'truePositives', 'true_positives'],
  ['FalsePositives', 'falsePositives', 'false_positives'],
  ['TrueNegatives', 'trueNegatives', 'true_negatives'],
  ['FalseNegatives', 'falseNegatives', 'false_negatives'],
  ['SensitivityAtSpecificity', 'sensitivityAtSpecificity', 'sensitivity_at_specificity'],
  ['SpecificityAtSensitivity', 'specificityAtSensitivity', 'specificity_at_sensitivity'],
  ['PrecisionAtRecall', 'precisionAtRecall', 'precision_at_recall'],
  ['RecallAtPrecision', 'recallAtPrecision', 'recall_at_precision'],
  ['RootMeanSquaredError', 'rootMeanSquaredError', 'root_mean_squared_error', 'rmse'],
  ['CalibrationError', 'calibrationError', 'calibration_error', 'ece'],
]

/** What the metric gives for these predictions, asked directly. */
function direct(type: string, rows: ArrayLike<number>, units: number): number {
  const state = metricFromConfig(type)
  state.update({ shape: [classes.length], data: classes }, { shape: [classes.length, units], data: rows })
  const result = state.result()
  return typeof result === 'number' ? result : (result as number[]).reduce((sum, value) => sum + value, 0) / units
}

describe.each([
  ['class numbers', 'sparseCategoricalCrossentropy', classes],
  ['class numbers for a dense loss', 'categoricalCrossentropy', classes],
  ['one-hot rows', 'categoricalCrossentropy', oneHot],
  ['one-hot rows for a sparse loss', 'sparseCategoricalCrossentropy', oneHot],
] as const)('with %s', (_, loss, given) => {
  it.each(families)('%s is trained with and validated under the word that was used', async (type, ...words) => {
    for (const word of [type, ...words]) {
      const { model } = tiny()
      model.compile({ ...compiled, loss, metrics: [word] })
      const { history } = await model.fit(points, given, {
        validationData: [points, given],
        epochs: 2,
        batchSize: 5,
        ...quiet,
      })
      const { data } = await model.predict(points)
      const expected = direct(type, data, 2)
      expect(history[`val_${word}`]!.at(-1), word).toBeCloseTo(expected, 6)
      expect((await model.evaluate(points, given, { batchSize: 4 }))[word]).toBeCloseTo(expected, 6)
      expect(history[word]!.every(Number.isFinite)).toBe(true)
      await model.dispose()
    }
  })
})

describe('one sigmoid', () => {
  it.each(families)('%s', async type => {
    const model = place().sequential([dense({ units: 1, activation: 'sigmoid', inputShape: [2] })])
    model.compile({ optimizer: 'sgd', loss: 'binaryCrossentropy', metrics: [type] })
    const scores = await model.evaluate(points, classes)
    const { data } = await model.predict(points)
    expect(scores[type]).toBeCloseTo(direct(type, data, 1), 6)
  })

  it('F1 decides at 0.5: a single output has no other to be larger than', () => {
    const state = metric('f1')
    state.update({ shape: [4], data: [1, 1, 0, 0] }, { shape: [4, 1], data: [0.9, 0.1, 0.2, 0.8] })
    expect(state.result()).toBeCloseTo(0.5, 12)
  })
})

describe('training metrics', () => {
  it('see each batch as it was when it was trained', async () => {
    const { model } = tiny()
    model.compile({ ...compiled, metrics: ['accuracy', precision({ topK: 1, name: 'top' })] })
    // The share of right choices, counted both ways.
    const { history } = await model.fit(points, classes, { epochs: 3, batchSize: 2, ...quiet })
    for (const [epoch, accuracy] of history['accuracy']!.entries()) {
      expect(history['top']![epoch]).toBeCloseTo(accuracy, 6)
    }
  })

  it('do not change a bit of what is trained', async () => {
    const hash = async (metrics: string[]) => {
      const model = place().sequential(
        [
          dense({ units: 8, activation: 'relu', inputShape: [2] }),
          dropout({ rate: 0.3 }),
          dense({ units: 2, activation: 'softmax' }),
        ],
        { seed: 5 },
      )
      model.compile({ ...compiled, optimizer: 'adam', metrics })
      await model.fit(points, classes, { epochs: 3, batchSize: 5, seed: 2, ...quiet })
      return weightsSha256(await model.getWeights())
    }
    expect(await hash(['accuracy', 'precision', 'auc', 'confusionMatrix'])).toBe(await hash(['accuracy']))
  })

  it('go on from a checkpoint within an epoch as if nothing had happened', async () => {
    const metrics = ['accuracy', 'auc', 'confusionMatrix', f1Score()]
    const whole = tiny({ seed: 1 })
    whole.model.compile({ ...compiled, metrics })
    const { history } = await whole.model.fit(points, classes, { epochs: 2, batchSize: 2, seed: 3, ...quiet })

    const { model, files } = tiny({ seed: 1 })
    model.compile({ ...compiled, metrics })
    const stop = new AbortController()
    await model.fit(points, classes, {
      epochs: 2,
      batchSize: 2,
      seed: 3,
      signal: stop.signal,
      checkpoint: 'last.ckpt',
      callbacks: [{ onBatchEnd: batch => (batch === 2 ? stop.abort() : undefined) }],
      ...quiet,
    })
    const options = { epochs: 2, batchSize: 2, seed: 3, resumeFrom: await files.read('last.ckpt'), ...quiet }
    const other = tiny({ seed: 2 })
    other.model.compile({ ...compiled, metrics })
    expect((await other.model.fit(points, classes, options)).history).toEqual(history)

    const different = tiny()
    different.model.compile({
      ...compiled,
      metrics: ['accuracy', auc({ numThresholds: 7 }), 'confusionMatrix', 'f1Score'],
    })
    await expect(different.model.fit(points, classes, options)).rejects.toThrow('with other metrics within an epoch')
  })

  it('come out of a single step', async () => {
    const { model } = tiny()
    model.compile({ ...compiled, metrics: ['recall', 'accuracy'] })
    const { recall: value, accuracy } = await model.trainOnBatch(points, classes)
    expect(value).toBeCloseTo(accuracy!, 6)
  })
})

describe('lists', () => {
  it('are logged value by value, and as their mean under the name', async () => {
    const { model, printed } = tiny()
    model.compile({
      ...compiled,
      metrics: ['f1Score', precision({ thresholds: [0.2, 0.8], name: 'p' }), 'confusionMatrix'],
    })
    const { history } = await model.fit(points, classes, { validationData: [points, classes], verbose: 2 })
    const own = ['f1Score', 'f1Score_0', 'f1Score_1', 'p', 'p_0', 'p_1']
    const cells = ['0_0', '0_1', '1_0', '1_1'].map(cell => `confusionMatrix_${cell}`)
    const names = ['loss', ...own, ...cells]
    expect(Object.keys(history)).toEqual([...names, ...names.map(name => `val_${name}`)])
    const { data } = await model.predict(points)
    const matrix = confusionMatrix(classes, predictedClasses(data, 2), 2)
    expect(cells.map(cell => history[`val_${cell}`]![0])).toEqual(matrix.flat())
    const { classes: scores, macro } = classScores(matrix)
    expect([0, 1].map(label => history[`val_f1Score_${label}`]![0])).toEqual(scores.map(({ f1 }) => f1))
    expect(history['val_f1Score']![0]).toBeCloseTo(macro.f1, 12)
    // People see the mean.
    expect(printed()).toMatch(/ - f1Score: [\d.]+ - loss: [\d.]+ - p: [\d.]+ - val_f1Score: /)
    expect(printed()).not.toMatch(/f1Score_0|confusionMatrix/)
  })
})

describe('averages of F1', () => {
  it.each(['macro', 'micro', 'weighted'] as const)('%s is one number', async average => {
    const { model } = tiny()
    model.compile({ ...compiled, metrics: [f1Score({ average }), fBetaScore({ average, beta: 1, name: 'same' })] })
    const { f1Score: value, same, ...rest } = await model.evaluate(points, classes)
    expect(value).toBe(same)
    expect(Object.keys(rest)).toEqual(['loss'])
  })
})

describe('weighted metrics', () => {
  const sampleWeight = classes.map((_, index) => (index % 3 === 0 ? 0 : 2))
  const kept = classes.flatMap((_, index) => (index % 3 === 0 ? [] : [index]))

  it.each([...families.map(([type]) => type!), 'accuracy', 'mse', 'topKCategoricalAccuracy'])('%s', async type => {
    const { model } = tiny()
    model.compile({ ...compiled, metrics: [type], weightedMetrics: [type] })
    const scores = await model.evaluate(points, classes, { sampleWeight })
    const alone = await model.evaluate(
      kept.map(index => [points[2 * index]!, points[2 * index + 1]!]),
      kept.map(index => classes[index]!),
    )
    const scale = /Positives|Negatives/.test(type) ? 2 : 1
    expect(scores[`weighted_${type}`]).toBeCloseTo(scale * alone[type]!, 6)
    expect(scores[type]).toBeCloseTo((await model.evaluate(points, classes))[type]!, 6)
  })
})

describe('several outputs', () => {
  it('have their own metrics, logged under their names', async () => {
    const x = input({ shape: [2] })
    const outputs = ['left', 'right'].map(name => apply(dense({ units: 2, activation: 'softmax', name }), x))
    const model = place().model({ inputs: x, outputs })
    model.compile({
      ...compiled,
      metrics: { left: 'precision', right: ['auc', 'acc'] },
      weightedMetrics: { right: 'acc' },
    })
    const stop = earlyStopping({ monitor: 'val_left_precision', patience: 9 })
    const { history } = await model.fit(points, [classes, oneHot], {
      validationSplit: 0.25,
      callbacks: [stop],
      ...quiet,
    })
    const own = ['loss', 'left_loss', 'right_loss', 'left_precision', 'right_auc', 'right_acc', 'right_weighted_acc']
    expect(Object.keys(history)).toEqual([...own, ...own.map(name => `val_${name}`)])
  })
})

describe('callbacks', () => {
  /** Values of the watched log, and in which of the epochs it is the best so far. */
  async function watched(chosen: ReturnType<typeof precision>, log: string) {
    const { model, files } = tiny()
    model.compile({ ...compiled, metrics: [chosen] })
    const { history } = await model.fit(points, classes, {
      validationData: [points, classes],
      epochs: 6,
      callbacks: [
        modelCheckpoint({ filepath: '{epoch}.safetensors', monitor: log, verbose: 0 }),
        earlyStopping({ monitor: log, patience: 50 }),
        reduceLROnPlateau({ monitor: log }),
        csvLogger('log.csv'),
        tensorBoard({ logDir: 'board' }),
      ],
      ...quiet,
    })
    const epochs = [1, 2, 3, 4, 5, 6]
    const exists = await Promise.all(epochs.map(epoch => files.exists(`${epoch}.safetensors`)))
    return { values: history[log]!, saved: epochs.filter((_, index) => exists[index]), files }
  }
  const larger = [precision(), recall(), auc(), f1Score(), sensitivityAtSpecificity({ specificity: 0.5 })]
  const smaller = [falsePositives(), falseNegatives(), metricFromConfig('calibrationError'), metric('rmse')]
  const named = [
    ['max', precision({ name: 'own' })],
    ['max', precisionAtRecall({ recall: 0.5, name: 'false_friend' })],
    ['max', topKCategoricalAccuracy({ k: 1, name: 'first' })],
    ['min', falseNegatives({ name: 'recall_loss' })],
    ['min', metricFromConfig('MeanSquaredError', { name: 'precision' })],
  ] as const
  it.each([
    ...larger.map(each => ['max', each.name, each] as const),
    ...smaller.map(each => ['min', each.name, each] as const),
    ...named.map(([direction, each]) => [direction, each.name, each] as const),
  ])('know that %s is better for %s', async (direction, name, chosen) => {
    const { values, saved } = await watched(chosen, `val_${name}`)
    const sign = direction === 'max' ? 1 : -1
    const best = values.flatMap((value, epoch) =>
      values.slice(0, epoch).every(before => sign * value > sign * before) ? [epoch + 1] : [],
    )
    expect(saved).toEqual(best)
  })

  it('write them to CSV and TensorBoard', async () => {
    const { files, values } = await watched(f1Score(), 'val_f1Score')
    const [header, ...lines] = new TextDecoder()
      .decode(await files.read('log.csv'))
      .trim()
      .split('\n')
    const columns = 'f1Score,f1Score_0,f1Score_1'.split(',')
    const all = [...columns, 'learning_rate', 'loss', ...columns.map(name => `val_${name}`), 'val_loss']
    expect(header!.split(',')).toEqual(['epoch', ...all])
    expect(lines.map(line => Number(line.split(',')[all.indexOf('val_f1Score') + 1]))).toEqual(values)
    const [name] = await files.list('board/validation')
    expect(new TextDecoder('latin1').decode(await files.read(`board/validation/${name}`))).toContain('epoch_f1Score_1')
  })

  it('may watch another word for the metric, and one value of a list', async () => {
    for (const monitor of ['val_f1_score', 'valF1Score', 'val_f1', 'val_f1Score_1']) {
      const { model } = tiny()
      model.compile({ ...compiled, metrics: ['f1Score'] })
      const callbacks = [earlyStopping({ monitor })]
      await model.fit(points, classes, { validationSplit: 0.25, callbacks, ...quiet })
    }
  })
})
