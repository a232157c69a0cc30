import { describe, expect, it } from 'vitest'
import { UserError } from '../../base/errors.ts'
import type { Files } from '../../base/host.ts'
import { memoryFiles } from '../../store/memory-files.ts'
import type { NamedWeight } from '../../store/model-file.ts'
import type { Logs } from '../events.ts'
import type { Callback, Training } from './callback.ts'
import { csvLogger } from './csv-logger.ts'
import { earlyStopping } from './early-stopping.ts'
import { learningRateScheduler, reduceLROnPlateau } from './learning-rate.ts'
import { modelCheckpoint } from './model-checkpoint.ts'
import { checkMonitor, monitor, monitorName } from './monitor.ts'
import { tensorBoard } from './tensor-board.ts'
import { terminateOnNaN } from './terminate-on-nan.ts'

/** A training that consists of given logs. Weights are one number: the epoch. */
function makeTraining(texts = new Map<string, string>()) {
  const said: string[] = []
  const saved: string[] = []
  let stopped: string | undefined
  let weights: NamedWeight[] = []
  const files: Files = {
    read: async path => new TextEncoder().encode(texts.get(path)),
    write: async (path, bytes) => void texts.set(path, new TextDecoder().decode(bytes)),
    append: async (path, text) => void texts.set(path, `${texts.get(path) ?? ''}${text}`),
    exists: async path => texts.has(path),
    remove: async path => void texts.delete(path),
    list: async () => [],
    join: (...parts) => parts.join('/'),
  }
  const training: Training = {
    epochs: 100,
    batches: 1,
    monitors: [],
    hasten: () => {},
    learningRate: 0.1,
    stop: because => {
      stopped = because
    },
    say: async text => void said.push(text),
    weights: async () => structuredClone(weights),
    setWeights: async given => {
      weights = [...given]
    },
    renewStatistics: async () => {},
    interrupted: false,
    save: async path => void saved.push(path),
    files,
  }
  /** Runs the epochs until the callback stops; gives how many. */
  async function run(callback: Callback, epochs: readonly Logs[], from = 0): Promise<number> {
    await callback.onTrainBegin?.(training)
    let epoch = from
    for (const logs of epochs) {
      await callback.onEpochBegin?.(epoch, training)
      weights = [{ name: 'w', shape: [1], data: Float32Array.of(epoch) }]
      const { epochs, learningRate } = training
      const timing = { seconds: 1, msPerStep: 1 }
      await callback.onEvent?.({ type: 'epoch-end', epoch: epoch + 1, epochs, logs, learningRate, ...timing }, training)
      await callback.onEpochEnd?.(epoch, logs, training)
      epoch++
      if (stopped !== undefined) break
    }
    await callback.onTrainEnd?.(training)
    return epoch - from
  }
  return { training, said, saved, texts, run, stopped: () => stopped, weight: () => weights[0]!.data[0] }
}
const losses = (...values: number[]): Logs[] => values.map(val_loss => ({ val_loss, loss: 1 }))

describe('earlyStopping', () => {
  it.each([
    // Keras's own behaviour on the same sequences, worked out by hand from its rules.
    ['stops after `patience` epochs without improvement', { patience: 2 }, [5, 4, 4, 4, 3], 4],
    ['begins to wait anew after an improvement', { patience: 2 }, [5, 6, 4, 5, 5, 1], 5],
    ['with patience 0 ends at the first epoch that is no better', {}, [5, 4, 4, 3], 3],
    ['does not end at the very first epoch', { baseline: 1 }, [5, 4, 3], 3],
    ['counts only improvements beyond minDelta', { patience: 2, minDelta: 0.5 }, [5, 4.6, 4.5, 4], 3],
    ['takes minDelta without its sign', { patience: 2, minDelta: -0.5 }, [5, 4.6, 4.5, 4], 3],
    ['waits for the baseline to be beaten', { patience: 3, baseline: 2 }, [5, 4, 3.5, 3.4, 3.4, 1], 5],
    ['looks at nothing before startFromEpoch', { patience: 1, startFromEpoch: 3 }, [1, 2, 3, 4, 5], 5],
    ['treats NaN as no improvement', { patience: 2 }, [5, Number.NaN, Number.NaN, 1], 3],
    ['goes on while it gets better', { patience: 1 }, [5, 4, 3, 2], 4],
  ])('%s', async (_, options, values, epochs) => {
    expect(await makeTraining().run(earlyStopping(options), losses(...values))).toBe(epochs)
  })

  it('knows that accuracy is better when larger', async () => {
    const logs = [0.5, 0.6, 0.6, 0.7].map(val_accuracy => ({ val_accuracy }))
    expect(await makeTraining().run(earlyStopping({ monitor: 'valAccuracy', patience: 1 }), logs)).toBe(3)
  })

  it('restores the best weights, and says so', async () => {
    const { run, weight, said } = makeTraining()
    await run(earlyStopping({ patience: 2, restoreBestWeights: true, verbose: 1 }), losses(5, 3, 4, 4, 1))
    expect(weight()).toBe(1)
    expect(said).toEqual(['Epoch 4: early stopping', 'Restoring model weights from the end of the best epoch: 2.'])
  })

  it('restores the best weights also when all epochs were trained', async () => {
    const { run, weight } = makeTraining()
    await run(earlyStopping({ patience: 9, restoreBestWeights: true }), losses(5, 3, 4))
    expect(weight()).toBe(1)
  })

  it('goes on after a restoration as if it had not stopped', async () => {
    const first = earlyStopping({ patience: 3, restoreBestWeights: true })
    await makeTraining().run(first, losses(5, 3, 4))
    const second = earlyStopping({ patience: 3, restoreBestWeights: true })
    const { run, training, weight } = makeTraining()
    await training.setWeights([{ name: 'w', shape: [1], data: Float32Array.of(9) }])
    await second.onTrainBegin?.(training)
    await second.restore?.(structuredClone(first.state!()), training)
    const { onTrainBegin: _, ...rest } = second
    expect(await run(rest, losses(4, 4, 4, 4), 3)).toBe(2)
    expect(weight()).toBe(1)
  })
})

describe('modelCheckpoint', () => {
  it("saves the best only, with Keras's messages", async () => {
    const { run, said, saved } = makeTraining()
    await run(modelCheckpoint({ filepath: 'best.safetensors' }), losses(0.05, 0.06, 0.04))
    expect(said).toEqual([
      'Epoch 1: val_loss improved from inf to 0.05000, saving model to best.safetensors',
      'Epoch 2: val_loss did not improve from 0.05000',
      'Epoch 3: val_loss improved from 0.05000 to 0.04000, saving model to best.safetensors',
    ])
    expect(saved).toEqual(['best.safetensors', 'best.safetensors'])
  })
  it('saves every epoch, under names of its values', async () => {
    const { run, saved } = makeTraining()
    await run(modelCheckpoint({ filepath: 'm-{epoch:02d}-{val_loss:.2f}', saveBestOnly: false }), losses(0.051, 0.06))
    expect(saved).toEqual(['m-01-0.05', 'm-02-0.06'])
  })
  it('says nothing when told so, and saves nothing below its threshold', async () => {
    const { run, said, saved } = makeTraining()
    await run(modelCheckpoint({ filepath: 'b', verbose: 0, initialValueThreshold: 0.045 }), losses(0.05, 0.04))
    expect(said).toEqual([])
    expect(saved).toEqual(['b'])
  })
  it('says which names a file name can use', async () => {
    const wrong = modelCheckpoint({ filepath: 'm-{val_los}', verbose: 0 })
    await expect(makeTraining().run(wrong, losses(1))).rejects.toThrow(/epoch, val_loss, loss/)
  })
})

describe('learning rate', () => {
  it('follows a function of the epoch', async () => {
    const { run, training, said } = makeTraining()
    const rates: number[] = []
    const schedule = learningRateScheduler((epoch, rate) => (epoch > 1 ? rate / 2 : rate), { verbose: 1 })
    const noted = { ...schedule, onEpochEnd: () => void rates.push(training.learningRate) }
    await run(noted, losses(1, 1, 1, 1))
    expect(rates).toEqual([0.1, 0.1, 0.05, 0.025])
    expect(said[0]).toBe('Epoch 1: LearningRateScheduler setting learning rate to 0.1.')
    const broken = learningRateScheduler(() => Number.NaN)
    await expect(run(broken, losses(1))).rejects.toThrow(/gave no usable value[\s\S]*NaN for epoch 0/)
  })

  it.each([
    ['falls after `patience` epochs', { patience: 2, factor: 0.5 }, [5, 5, 5, 5, 5], 0.025],
    ['ignores gains below minDelta', { patience: 1, factor: 0.5, minDelta: 0.1 }, [5, 4.95, 4.94], 0.025],
    ['rests after a fall', { patience: 1, factor: 0.5, cooldown: 2 }, [5, 5, 5, 5], 0.025],
    ['stays above minLr', { patience: 1, factor: 0.1, minLr: 0.05 }, [5, 5, 5], 0.05],
    ['stays while it gets better', { patience: 1 }, [5, 4, 3], 0.1],
  ])('on a plateau %s', async (_, options, values, rate) => {
    const { run, training } = makeTraining()
    await run(reduceLROnPlateau(options), losses(...values))
    expect(training.learningRate).toBeCloseTo(rate, 12)
  })
  it('refuses a factor that would not reduce it', () => {
    expect(() => reduceLROnPlateau({ factor: 1 })).toThrow(UserError)
  })
})

describe('csvLogger', () => {
  it('writes one line per epoch, sorted by name', async () => {
    const { run, texts } = makeTraining()
    await run(csvLogger('log.csv'), losses(0.5, 0.25))
    expect(texts.get('log.csv')).toBe('epoch,learning_rate,loss,val_loss\n0,0.1,1,0.5\n1,0.1,1,0.25\n')
  })
  it('starts anew, or adds to the columns that are there', async () => {
    const texts = new Map([['log.csv', 'epoch;val_loss;accuracy\n0;3;0.5\n']])
    await makeTraining(texts).run(csvLogger('log.csv', { append: true, separator: ';' }), losses(2), 1)
    expect(texts.get('log.csv')).toBe('epoch;val_loss;accuracy\n0;3;0.5\n1;2;NA\n')
    await makeTraining(texts).run(csvLogger('log.csv'), losses(2))
    expect(texts.get('log.csv')).toBe('epoch,learning_rate,loss,val_loss\n0,0.1,1,2\n')
  })
  it('says before training that its file cannot be written, and leaves lines that are there', async () => {
    const texts = new Map([['log.csv', 'epoch,loss\n0,3\n']])
    const { training } = makeTraining(texts)
    await csvLogger('log.csv', { append: true }).onTrainBegin?.(training)
    expect(texts.get('log.csv')).toBe('epoch,loss\n0,3\n')
    const append = async () => {
      throw new UserError('logs cannot be written: a folder')
    }
    const refusing = { ...training, files: { ...training.files!, append } }
    await expect(csvLogger('logs').onTrainBegin?.(refusing)).rejects.toThrow(/cannot be written/)
  })
  it('says before training that there are no files', async () => {
    const { files: _, ...training } = makeTraining().training
    expect(() => csvLogger('log.csv').onTrainBegin?.(training)).toThrow(/no files/)
  })
})

describe('terminateOnNaN', () => {
  it('stops at the first loss that is not a number', async () => {
    const { training, stopped, said } = makeTraining()
    const callback = terminateOnNaN()
    const batch = { type: 'batch-end', epoch: 1, batches: 9, step: 1, rows: 1, logs: {} } as const
    for (const [index, loss] of [0.5, Number.NaN, Number.NaN].entries()) {
      await callback.onEvent?.({ ...batch, batch: index + 1, batchLogs: { loss } }, training)
    }
    expect(stopped()).toBe('the loss of batch 2 is NaN')
    expect(said).toEqual(['Batch 2: Invalid loss, terminating training'])
  })
})

describe('monitor', () => {
  it('knows which direction is better', () => {
    expect(['val_loss', 'loss', 'head_loss', 'meanSquaredError'].map(name => monitor(name).direction)).toEqual(
      Array(4).fill('min'),
    )
    expect(
      ['val_accuracy', 'acc', 'val_topKCategoricalAccuracy', 'head_precision'].map(n => monitor(n).direction),
    ).toEqual(Array(4).fill('max'))
    expect(monitor('loss', 'max').better(2, 1)).toBe(true)
  })
  it('takes both spellings of a name', () => {
    expect(monitorName('valLoss')).toBe('val_loss')
    expect(monitorName('val_topKCategoricalAccuracy')).toBe('val_topKCategoricalAccuracy')
  })
  it('lists the names there are', () => {
    expect(() => checkMonitor('earlyStopping', 'val_los', ['loss', 'val_loss'])).toThrow(
      /earlyStopping watches "val_los"[\s\S]*loss, val_loss[\s\S]*did you mean "val_loss"/,
    )
  })
})

describe('tensorBoard', () => {
  it('writes training and validation under one tag, Keras’s way', async () => {
    const files = memoryFiles()
    const { training } = makeTraining()
    const board = tensorBoard({ logDir: 'logs' })
    const event = { type: 'epoch-end', epochs: 2, learningRate: 0.1, seconds: 1, msPerStep: 1 } as const
    await board.onTrainBegin?.({ ...training, files })
    for (const epoch of [1, 2])
      await board.onEvent?.({ ...event, epoch, logs: { loss: 1, val_loss: 2 } }, { ...training, files })
    expect(await files.list('logs')).toEqual(['train', 'validation'])
    const read = async (part: string): Promise<string> => {
      const [name] = await files.list(`logs/${part}`)
      expect(name).toMatch(/^events\.out\.tfevents\.\d+\.fovea$/)
      return new TextDecoder('latin1').decode(await files.read(`logs/${part}/${name}`))
    }
    expect((await read('train')).match(/epoch_(learning_rate|loss)/g)).toEqual([
      'epoch_loss',
      'epoch_learning_rate',
      'epoch_loss',
      'epoch_learning_rate',
    ])
    expect((await read('validation')).match(/epoch_(learning_rate|loss)/g)).toEqual(['epoch_loss', 'epoch_loss'])
  })
  it('says before training that there are no files', async () => {
    const { files: _, ...training } = makeTraining().training
    await expect(tensorBoard().onTrainBegin?.(training)).rejects.toThrow(/no files/)
  })
})
