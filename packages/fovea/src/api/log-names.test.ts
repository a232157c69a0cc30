/** Metrics are logged under the name they were asked by, and found by every other word for them: in monitors, file names, CSV. */
import { describe, expect, it } from 'vitest'
import { dense } from '../layers/dense.ts'
import { apply } from '../layers/tensor.ts'
import { input } from '../network/functional.ts'
import { topKCategoricalAccuracy } from '../objectives/metric-factories.ts'
import { csvLogger } from '../train/callbacks/csv-logger.ts'
import { earlyStopping } from '../train/callbacks/early-stopping.ts'
import { reduceLROnPlateau } from '../train/callbacks/learning-rate.ts'
import { modelCheckpoint } from '../train/callbacks/model-checkpoint.ts'
import { logNamed, monitor } from '../train/callbacks/monitor.ts'
import { tensorBoard } from '../train/callbacks/tensor-board.ts'
import { classes, points } from '../train/tiny.testing.ts'
import { compiled, place, quiet, tiny } from './tiny-classifier.testing.ts'

/** Words for one metric each. */
const families = [
  ['acc', 'accuracy', 'Accuracy'],
  ['mse', 'MSE', 'mean_squared_error', 'meanSquaredError', 'MeanSquaredError'],
  ['mae', 'MAE', 'mean_absolute_error', 'meanAbsoluteError'],
  ['mape', 'MAPE', 'mean_absolute_percentage_error', 'meanAbsolutePercentageError'],
  ['msle', 'mean_squared_logarithmic_error', 'MeanSquaredLogarithmicError'],
  ['bce', 'BCE', 'binary_crossentropy', 'binaryCrossentropy'],
  ['kld', 'kl_divergence', 'KLDivergence', 'kullback_leibler_divergence'],
  ['sparse_categorical_accuracy', 'sparseCategoricalAccuracy', 'SparseCategoricalAccuracy'],
  ['top_k_categorical_accuracy', 'topKCategoricalAccuracy'],
  ['sparse_categorical_crossentropy', 'sparseCategoricalCrossentropy'],
  ['cosine_similarity', 'cosineSimilarity'],
  ['log_cosh', 'logcosh', 'LogCosh'],
]
const words = families.flat()

describe('metrics', () => {
  it.each(families)('%s … are logged under the word that was used', async (...family) => {
    const values = new Set<number>()
    for (const word of family) {
      const { model } = tiny()
      model.compile({ ...compiled, metrics: [word] })
      const { history } = await model.fit(points, classes, { validationSplit: 0.25, ...quiet })
      expect(Object.keys(history)).toEqual(['loss', word, 'val_loss', `val_${word}`])
      values.add(history[word]![0]!)
    }
    expect(values.size).toBe(1)
  })

  it('of an output are logged under its name', async () => {
    const x = input({ shape: [2] })
    const outputs = ['left', 'right'].map(name => apply(dense({ units: 2, activation: 'softmax', name }), x))
    const model = place().model({ inputs: x, outputs })
    model.compile({
      ...compiled,
      metrics: { left: 'acc', right: ['mse', topKCategoricalAccuracy({ k: 1, name: 'top1' })] },
    })
    const stop = earlyStopping({ monitor: 'val_left_accuracy', patience: 9 })
    const { history } = await model.fit(points, [classes, classes], {
      validationSplit: 0.25,
      callbacks: [stop],
      ...quiet,
    })
    const own = ['loss', 'left_loss', 'right_loss', 'left_acc', 'right_mse', 'right_top1']
    expect(Object.keys(history)).toEqual([...own, ...own.map(name => `val_${name}`)])
  })

  it.each([
    [1, 'sigmoid', 'binaryCrossentropy'],
    [2, 'softmax', 'categoricalCrossentropy'],
  ] as const)('crossentropy and ce are the one that suits %i units', async (units, activation, loss) => {
    for (const word of ['crossentropy', 'ce']) {
      const model = place().sequential([dense({ units, activation, inputShape: [2] })])
      model.compile({ optimizer: 'sgd', loss, metrics: [word] })
      const scores = await model.evaluate(points, classes)
      expect(scores[word]).toBeCloseTo(scores.loss, 6)
      model.compile({ optimizer: 'sgd', loss: word, metrics: [] })
      expect((await model.evaluate(points, classes)).loss).toBeCloseTo(scores.loss, 6)
    }
  })
})

describe('a log', () => {
  it('is found by every word for its metric, and by no other', () => {
    for (const before of ['', 'val_', 'left_', 'val_left_out_']) {
      for (const log of words) {
        for (const word of words) {
          const same = families.some(family => family.includes(log) && family.includes(word))
          expect(logNamed(before + word, ['loss', before + log]), `${before + word} in ${before + log}`).toBe(
            same ? before + log : undefined,
          )
        }
        expect(logNamed(`val_${log}`, [log, `right_${log}`])).toBeUndefined()
        expect(logNamed(`other_${log}`, [`left_${log}`])).toBeUndefined()
      }
    }
    expect(logNamed('valAcc', ['val_accuracy'])).toBe('val_accuracy')
    expect(logNamed('valLoss', ['loss', 'val_loss'])).toBe('val_loss')
    expect(logNamed('acc', ['accuracy', 'acc'])).toBe('acc')
  })

  it.each(families)('%s … has one direction', (...family) => {
    const directions = new Set(family.map(word => monitor(`val_${word}`).direction))
    expect(directions.size).toBe(1)
    const larger = /acc|top|cosine/.test(family[0]!)
    expect([...directions]).toEqual([larger ? 'max' : 'min'])
  })

  it.each([
    ['acc', 'val_accuracy'],
    ['accuracy', 'val_acc'],
    ['accuracy', 'valAcc'],
    ['acc', 'val_acc'],
  ])('of metrics [%s] is watched as %s', async (metric, watched) => {
    const here = tiny()
    here.model.compile({ ...compiled, metrics: [metric] })
    const short = `{${watched.startsWith('val_') ? watched : 'val_acc'}:.2f}`
    const { history, because } = await here.model.fit(points, classes, {
      epochs: 6,
      validationSplit: 0.25,
      callbacks: [
        earlyStopping({ monitor: watched, patience: 1, baseline: 2 }),
        reduceLROnPlateau({ monitor: watched, patience: 1 }),
        modelCheckpoint({ filepath: `best-${short}.safetensors`, monitor: watched, verbose: 0 }),
        csvLogger('log.csv'),
        tensorBoard({ logDir: 'tb' }),
      ],
      verbose: 2,
    })
    expect(because).toContain('did not improve')
    const best = history[`val_${metric}`]![0]!
    expect(await here.files.exists(`best-${best.toFixed(2)}.safetensors`)).toBe(true)
    const [header] = new TextDecoder().decode(await here.files.read('log.csv')).split('\n')
    expect(header).toBe(`epoch,${[metric, 'learning_rate', 'loss', `val_${metric}`, 'val_loss'].join(',')}`)
    expect(here.printed()).toContain(` - ${metric}: `)
    expect(here.printed()).toContain(` - val_${metric}: `)
    const [events] = await here.files.list('tb/validation')
    const bytes = await here.files.read(here.files.join('tb', 'validation', events!))
    expect(new TextDecoder('latin1').decode(bytes)).toContain(`epoch_${metric}`)
  })

  it('that is none is still refused, with what there is', async () => {
    const { model } = tiny()
    const fit = model.fit(points, classes, { callbacks: [earlyStopping({ monitor: 'val_acc' })], ...quiet })
    await expect(fit).rejects.toThrow(/watches "val_acc"[\s\S]*loss, accuracy[\s\S]*validation data/)
  })
})
