import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../base/json.ts'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import { add } from '../layers/merging.ts'
import { dropout } from '../layers/noise.ts'
import { l2 } from '../layers/regularizers.ts'
import { upSampling2d } from '../layers/resizing.ts'
import { apply } from '../layers/tensor.ts'
import { input } from '../network/functional.ts'
import { customLoss } from '../objectives/losses.ts'
import { precision } from '../objectives/metric-factories.ts'
import { adam, sgd } from '../optimizer/factories.ts'
import { byEpoch } from '../optimizer/schedules.ts'
import type { Device } from '../runtime/device.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { encodeModelFile } from '../store/model-encoder.ts'
import { decodeModelFile } from '../store/model-file.ts'
import { csvLogger } from '../train/callbacks/csv-logger.ts'
import { earlyStopping } from '../train/callbacks/early-stopping.ts'
import { learningRateScheduler, reduceLROnPlateau } from '../train/callbacks/learning-rate.ts'
import { modelCheckpoint } from '../train/callbacks/model-checkpoint.ts'
import { tensorBoard } from '../train/callbacks/tensor-board.ts'
import { classes, points } from '../train/tiny.testing.ts'
import { compiled, place, quiet, tiny } from './tiny-classifier.testing.ts'

// What a user without types may write. Every case would else be a crash inside, or silently do nothing.
const untyped = (value: unknown): never => value as never

describe('compile', () => {
  it.each([
    ['nothing', undefined, /compile takes a record of options/],
    ['no optimizer', { loss: 'mse' }, /no optimizer[\s\S]*'adam'/],
    ['a record that is none', { ...compiled, optimizer: { learningRate: 1 } }, /no optimizer[\s\S]*learningRate/],
    ['no loss', { optimizer: 'adam' }, /'loss'[\s\S]*categoricalCrossentropy/],
    ['a function as loss', { ...compiled, loss: () => 0 }, /a function[\s\S]*customLoss/],
    ['metrics as a word', { ...compiled, metrics: 'accuracy' }, /\['accuracy'\]/],
    ['no metrics', { ...compiled, metrics: null }, /"metrics" of compile[\s\S]*leave metrics out/],
    ['a metric twice', { ...compiled, metrics: ['accuracy', 'accuracy'] }, /Two metrics are reported as 'accuracy'/],
    ['a function as metric', { ...compiled, metrics: [() => 0] }, /metric cannot be used[\s\S]*function/],
    ['a metric that does not exist', { ...compiled, metrics: ['precison'] }, /Did you mean 'precision'/],
    ['a class that is none', { ...compiled, metrics: [{ type: 'Precison' }] }, /Did you mean 'precision'/],
    ['an option that is none', { ...compiled, metrics: [{ type: 'AUC', config: { curv: 'PR' } }] }, /"curve"/],
    ['a class beyond the last', { ...compiled, metrics: [precision({ classId: 2 })] }, /classId from 0 to 1/],
    [
      'one metric weighted twice',
      { ...compiled, weightedMetrics: ['mse', 'mse'] },
      /Two metrics are reported as 'mse'/,
    ],
    ['weighted metrics as a word', { ...compiled, weightedMetrics: 'mse' }, /"weightedMetrics"[\s\S]*\['accuracy'\]/],
    [
      'a value of a list by the name of another metric',
      { ...compiled, metrics: ['f1Score', precision({ name: 'f1Score_1' })] },
      /Two metrics are reported as 'f1Score_1'/,
    ],
    ['a weight that is not a number', { ...compiled, lossWeights: [Number.NaN] }, /lossWeights[\s\S]*NaN/],
    ['numerics', { ...compiled, numerics: 'slow' }, /"reproducible", "fast"[\s\S]*"slow"/],
    ['no device', { ...compiled, device: 'gpu' }, /wasmDevice/],
  ])('%s: a clear error', (_, options, message) => {
    expect(() => tiny().model.compile(untyped(options))).toThrow(message)
  })

  it.each(['loss', 'epoch', 'learning_rate', 'val_loss'])('no metric may be called %s', name => {
    expect(() => tiny().model.compile({ ...compiled, metrics: [precision({ name })] })).toThrow(
      /calls a value of its own/,
    )
  })

  it('takes one metric for an output by name', async () => {
    const { model } = tiny()
    const [output] = model.model.outputs
    model.compile({ ...compiled, metrics: { [output!.name]: 'accuracy' } })
    expect(Object.keys(await model.evaluate(points, classes))).toEqual(['loss', 'accuracy'])
  })
})

describe('factories', () => {
  it.each([
    [
      'a seed of its own',
      () => dropout(untyped({ rate: 0.5, seed: 3 })),
      /no option "seed"[\s\S]*seed of the whole model/,
    ],
    ['an option that is none', () => earlyStopping(untyped({ patiance: 3 })), /no option "patiance"[\s\S]*"patience"/],
    [
      'a number as text',
      () => earlyStopping(untyped({ patience: '3' })),
      /"patience"[\s\S]*whole number of at least 0[\s\S]*"3"/,
    ],
    ['a mode that is none', () => earlyStopping(untyped({ mode: 'up' })), /"mode"[\s\S]*"auto", "min", "max"/],
    ['another spelling', () => reduceLROnPlateau(untyped({ minLR: 0 })), /did you mean "minLr"/],
    ['what Keras has besides', () => modelCheckpoint(untyped({ filepath: 'a', saveFreq: 2 })), /no option "saveFreq"/],
    ['a record as file name', () => csvLogger(untyped({ filename: 'a.csv' })), /csvLogger\('log.csv'\)/],
    ['a rate as schedule', () => learningRateScheduler(untyped(0.1)), /needs a function/],
    ['a folder alone', () => tensorBoard(untyped('logs')), /tensorBoard takes a record[\s\S]*logDir/],
    ['another spelling of logDir', () => tensorBoard(untyped({ logdir: 'a' })), /did you mean "logDir"/],
    ['no steps of an epoch', () => byEpoch(() => 0.1, untyped(undefined)), /the steps of an epoch[\s\S]*undefined/],
    ['a momentum above 1', () => sgd({ momentum: 9 }), /"momentum"[\s\S]*0 to 1/],
    ['a penalty as text', () => l2(untyped('0.01')), /l2 takes a record/],
    ['a loss without formula', () => customLoss('mine', untyped(undefined)), /needs a name and a formula/],
  ])('%s: a clear error', (_, make, message) => {
    expect(make).toThrow(message)
  })
})

describe('fit', () => {
  class Watcher {
    onTrainBatchEnd() {}
  }
  it.each([
    ['options that are labels', classes, /not a record[\s\S]*an Int32Array/],
    ['a word as verbose', { verbose: 'auto' }, /0, 1 or 2[\s\S]*"auto"/],
    ['a word as shuffle', { shuffle: 'batch' }, /true or false/],
    ['a controller as signal', { signal: new AbortController() }, /signal of an AbortController/],
    ['one callback', { callbacks: { onEpochEnd() {} } }, /put it into a list/],
    [
      'a file of another format',
      { callbacks: [modelCheckpoint({ filepath: 'best.pt', monitor: 'loss' })] },
      /call it best\.safetensors/,
    ],
    ['a function as callback', { callbacks: [() => {}] }, /at position 0: a function/],
    ['a method of Keras', { callbacks: [new Watcher()] }, /onTrainBatchEnd, which is never called[\s\S]*onBatchEnd/],
    ['a misspelt method', { callbacks: [{ onEpochEnds() {} }] }, /did you mean onEpochEnd/],
    ['validation without labels', { validationData: points }, /\[x, y\][\s\S]*a Float32Array/],
    ['a list of one', { validationData: [points] }, /a list of 1/],
  ])('%s: a clear error', async (_, options, message) => {
    await expect(tiny().model.fit(points, classes, untyped(options))).rejects.toThrow(message)
  })

  it('takes a part of a data set for validation', async () => {
    const both = await Promise.all(
      [{ images: points, labels: classes }, [points, classes] as const].map(validationData =>
        tiny().model.fit(points, classes, { validationData: untyped(validationData), ...quiet }),
      ),
    )
    expect(both[0]!.history['val_loss']).toHaveLength(1)
    expect(both[0]!.history).toEqual(both[1]!.history)
  })
})

describe('while it is trained', () => {
  it('a model cannot be trained again, changed or disposed', async () => {
    const { model } = tiny()
    const again: Record<string, () => unknown> = {
      fit: () => model.fit(points, classes, quiet),
      trainOnBatch: () => model.trainOnBatch(points, classes),
      compile: () => model.compile(compiled),
      setTrainable: () => model.setTrainable(false),
      add: () => model.add(dense({ units: 2 })),
      dispose: () => model.dispose(),
    }
    const summary = model.summary()
    const said: Record<string, string> = {}
    const onEpochEnd = async (): Promise<void> => {
      for (const [name, call] of Object.entries(again)) {
        try {
          await call()
        } catch (error) {
          said[name] = String(error)
        }
      }
    }
    await model.fit(points, classes, { callbacks: [{ onEpochEnd }], ...quiet })
    expect(Object.keys(said)).toEqual(Object.keys(again))
    for (const text of Object.values(said)) expect(text).toMatch(/must wait: the model is being trained[\s\S]*await/)
    expect(model.summary()).toBe(summary)
    const plain = tiny().model
    await plain.fit(points, classes, quiet)
    expect(await model.getWeights()).toEqual(await plain.getWeights())
    await model.dispose()
  })

  it('goes on after a callback failed', async () => {
    const { model } = tiny()
    const failing = {
      onEpochEnd() {
        throw new Error('mine')
      },
    }
    await expect(model.fit(points, classes, { callbacks: [failing], ...quiet })).rejects.toThrow('mine')
    const history = await model.fit(points, classes, quiet)
    expect(history.steps).toBe(1)
    await model.dispose()
  })

  it('can be compiled again after a run broke the program', async () => {
    const reference = referenceDevice({ round: Math.fround })
    let disposed = 0
    let failing = false
    const device: Device = {
      name: 'breaking',
      async compile(entries, options) {
        const program = await reference.compile(entries, options)
        let broken: Error | undefined
        const checked = async <T>(call: () => Promise<T>): Promise<T> => {
          if (failing) broken = new Error('a trap')
          if (broken) throw broken
          return call()
        }
        return {
          ...program,
          run: (...step) => checked(() => program.run(...step)),
          readStates: names => checked(() => program.readStates(names)),
          async dispose() {
            disposed++
            await program.dispose()
          },
        }
      },
    }
    const { model } = tiny()
    model.compile({ ...compiled, device })
    const before = await model.getWeights()
    await model.fit(points, classes, quiet)
    failing = true
    await expect(model.fit(points, classes, quiet)).rejects.toThrow('a trap')
    failing = false
    await expect(model.predict(points)).rejects.toThrow('a trap')
    await expect(model.getWeights()).rejects.toThrow('a trap')
    // Another batch size needs another program; that of the broken one must not begin with old weights unasked.
    await expect(model.fit(points, classes, { batchSize: 3, ...quiet })).rejects.toThrow('a trap')
    await expect(model.predict(points)).rejects.toThrow('a trap')
    model.compile({ ...compiled, device })
    expect(await model.getWeights()).toEqual(before)
    await model.fit(points, classes, quiet)
    await model.dispose()
    expect(disposed).toBe(2)
  })

  it('single steps at once are one after the other', async () => {
    const run = async (atOnce: boolean) => {
      const { model } = tiny()
      model.compile({ ...compiled, optimizer: 'adam' })
      const step = () => model.trainOnBatch(points, classes)
      if (atOnce) await Promise.all([step(), step(), step()])
      else for (let count = 0; count < 3; count++) await step()
      return model.getWeights()
    }
    expect(await run(true)).toEqual(await run(false))
  })
})

describe('building', () => {
  const x = input({ shape: [3] })
  const { sequential, model } = place()
  it.each([
    ['no options', () => dense(untyped(undefined)), /Dense takes a record of options[\s\S]*units/],
    ['a number as options', () => dense(untyped(3)), /Dense takes a record of options/],
    ['a rate as options', () => adam(untyped(0.1)), /learningRate/],
    ['one layer', () => sequential(untyped(dense({ units: 2 }))), /not a layer[\s\S]*not a list/],
    ['nothing as layer', () => sequential([dense({ units: 2, inputShape: [2] }), untyped(undefined)]), /at position 1/],
    ['a shape that does not arrive', () => stack(4), /another inputShape[\s\S]*\(3,\)[\s\S]*\(4,\)/],
    [
      'another inputShape',
      () => apply(dense({ units: 2, inputShape: [4] }), x),
      /another inputShape[\s\S]*\(3,\)[\s\S]*\(4,\)/,
    ],
    ['a layer on a layer', () => apply(dense({ units: 2 }), untyped(dense({ units: 2 }))), /Dense is applied to/],
    ['a tensor as layer', () => apply(untyped(x), x), /not a layer/],
    ['a list as input', () => input(untyped([28, 28])), /fix: input\(\{shape/],
    ['a model without inputs', () => model(untyped({ outputs: x })), /no input[\s\S]*`inputs`/],
  ])('%s: a clear error', (_, build, message) => {
    expect(build).toThrow(message)
  })

  function stack(second: number) {
    return sequential([dense({ units: 3, inputShape: [3] }), dense({ units: 2, inputShape: [second] })])
  }

  it('names a layer once in its errors', () => {
    const problem = (build: () => unknown): string => {
      try {
        build()
      } catch (error) {
        return String(error).split('\n')[0]!
      }
      return ''
    }
    const flat = () => sequential([conv2d({ filters: 2, kernelSize: 3, name: 'first', inputShape: [6] })])
    expect(problem(flat)).toBe("UserError: Layer 'first' (Conv2D): cannot take inputs of shape (None, 6).")
    const misfit = () => apply(add(), [x, input({ shape: [2] })])
    expect(problem(misfit)).toBe('UserError: Layer Add: the inputs do not fit together.')
  })

  it('takes a penalty factor as a number, as Keras does', () => {
    expect(l2(0.1)).toEqual(l2({ l2: 0.1 }))
    expect(stack(3).countParams().total).toBe(20)
  })

  it('refuses what no address reaches, window by window and layer by layer', () => {
    const upwards = () => sequential([upSampling2d({ size: 60_000, inputShape: [4, 4, 1] })])
    expect(upwards).toThrow(/Layer 'up_sampling2d'[\s\S]*1 GiB[\s\S]*57600000000/)
    const far = { filters: 1, kernelSize: 3, padding: 'same', inputShape: [4, 4, 1] } as const
    expect(() => sequential([conv2d({ ...far, dilationRate: 2 ** 31 - 1 })])).toThrow(/at most 65536/)
    expect(() => sequential([conv2d({ ...far, filters: 4e9 })])).toThrow(/below 2³¹/)
  })

  it('refuses weights beyond 4 GiB before it draws them', async () => {
    const wide = sequential([dense({ units: 40_000, inputShape: [40_000] })])
    await expect(wide.predict(new Float32Array(40_000))).rejects.toThrow(/at most 4 GiB[\s\S]*5\.96 GiB/)
  })
})

describe('weights', () => {
  it('are asked without a word: verbose is no option', async () => {
    await expect(tiny().model.predict(points, untyped({ verbose: 0 }))).rejects.toThrow(/nothing is printed/)
  })

  it('are not saved under the name of another format', async () => {
    await expect(tiny().model.save('model.pt')).rejects.toThrow(/saved as safetensors[\s\S]*model\.safetensors/)
  })

  it('are read as views with strides and tensors show them', async () => {
    const { model } = tiny()
    const plain = await model.getWeights()
    const transposed = plain.map(({ name, shape, data }) => {
      if (shape.length === 1) return { name, shape, data: Array.from(data) }
      const [rows, columns] = shape as [number, number]
      const turned = Float32Array.from(
        { length: data.length },
        (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!,
      )
      return { name, shape, stride: [1, rows], offset: 0, data: turned }
    })
    const tensors = plain.map(({ name, shape, data }) => ({
      name,
      shape,
      dataSync: () => data,
      data: async () => data,
    }))
    for (const given of [transposed, tensors]) {
      const other = tiny({ seed: 9 }).model
      await other.setWeights(untyped(given))
      expect(await other.getWeights()).toEqual(plain)
    }
    const text = plain.map(weight => ({ ...weight, data: Array.from(weight.data, String) }))
    await expect(model.setWeights(untyped(text))).rejects.toThrow(/not a number/)
    await expect(model.setWeights(untyped(plain.map(weight => ({ ...weight, strides: [9] }))))).rejects.toThrow(
      /strides/,
    )
  })

  it('lists every difference', async () => {
    const { sequential } = place()
    const wide = sequential(
      [7, 7, 7, 7, 7, 7].map((units, index) => dense({ units, ...(index === 0 && { inputShape: [7] }) })),
    )
    const { model } = tiny()
    const weights = await model.getWeights()
    const error = await wide.setWeights(weights).catch(String)
    for (let layer = 0; layer < 6; layer++) {
      for (const name of ['kernel', 'bias']) expect(error).toContain(`"dense${layer ? `_${layer}` : ''}/${name}"`)
    }
    await expect(model.setWeights([...weights, weights[0]!])).rejects.toThrow(/"dense\/kernel" is given twice/)
    for (const bad of [undefined, {}, [undefined], [{ name: 'dense/kernel' }], weights.map(({ data }) => data)]) {
      await expect(model.setWeights(untyped(bad))).rejects.toThrow(/list of \{name, shape, data\}/)
    }
    expect(await model.getWeights()).toEqual(weights)
  })
})

describe('a model file with a damaged configuration', () => {
  const { sequential, loadModel } = place()
  const damage: [string, (config: Record<string, unknown>) => void, RegExp][] = [
    ['no layer type', config => (layersOf(config)[0]!['type'] = undefined), /needs the field "type"/],
    ['an unknown layer', config => (layersOf(config)[0]!['type'] = 'Dens'), /did you mean "Dense"/],
    ['a layer without options', config => (layersOf(config)[0]!['config'] = {}), /Layer 'dense': .*units/],
    [
      'a shape that is none',
      config => (config['inputs'] = [{ name: 'x', shape: 'x' }]),
      /"inputs\[0\].shape"[\s\S]*positive whole numbers/,
    ],
    ['calls that are none', config => (config['calls'] = [{ layer: 'a' }]), /"calls\[0\].layer"[\s\S]*"a"/],
    ['outputs that are none', config => (config['outputs'] = ['a']), /"outputs\[0\]"[\s\S]*whole number/],
    ['an unknown kind', config => (config['kind'] = 'other'), /"sequential", "functional"/],
    ['no layers', config => (config['layers'] = []), /"layers"[\s\S]*1 to 4096/],
  ]
  const layersOf = (config: Record<string, unknown>) => config['layers'] as Record<string, unknown>[]

  it.each(damage)('%s: a clear error', async (_, spoil, message) => {
    const model = sequential([dense({ units: 2, inputShape: [3] })])
    const file = decodeModelFile(await model.toBytes())
    const config = structuredClone(file.model) as Record<string, unknown>
    spoil(config)
    await expect(loadModel(encodeModelFile({ ...file, model: config as JsonRecord }))).rejects.toThrow(message)
  })
})
