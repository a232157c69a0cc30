/**
 * Picture sources through the whole house: what is read from a file by position trains, evaluates and predicts with the bits of the same
 * pictures in memory; what cannot be read breaks nothing; and what is larger than memory never lies in it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  apply,
  type Callback,
  type Classifier,
  concatenate,
  conv2d,
  dense,
  flatten,
  model as functional,
  generatedSource,
  globalAveragePooling2d,
  input,
  memorySource,
  openModel,
  type PictureSource,
  rescaling,
  sequential,
  splitValidation,
  strongestPatches,
  takeFirst,
  UserError,
} from '../packages/fovea/src/index.ts'
import { weightsSha256 } from '../packages/fovea/src/store/weights-hash.ts'
import { type FileSource, fileSource } from './file-source.testing.ts'

const shape = [6, 5, 3] as const
const size = 90
const classNames = ['dark', 'bright', 'striped']
const count = 110

/** Dark, bright or striped pixels with noise. */
const pixel = (index: number, at: number): number => {
  const noise = (index * 7919 + at * 104729) % 61
  return noise + [20, 170, at % 6 < 3 ? 20 : 170][index % 3]!
}
const pictures = {
  images: Uint8Array.from({ length: count * size }, (_, at) => pixel(Math.floor(at / size), at % size)),
  labels: Uint8Array.from({ length: count }, (_, index) => index % 3),
  shape,
  classNames,
}
const inMemory = memorySource(pictures)

let folder: string
let file: FileSource
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-sources-'))
  file = await fileSource(join(folder, 'pictures.bin'), pictures)
})
afterAll(async () => {
  await file.close()
  await rm(folder, { recursive: true })
})

function untrained(): Classifier {
  const model = sequential(
    [
      rescaling({ scale: 1 / 255, inputShape: shape }),
      conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
    { seed: 5 },
  )
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy', 'auc'] })
  return model
}

const settings = { epochs: 2, batchSize: 16, seed: 9, verbose: 0 } as const
const dataset = (part: PictureSource) => {
  const { train, validation: test } = splitValidation(part, { count: 30, kind: 'seeded', seed: 4 })
  return { name: 'pictures', shape, classNames, train, test }
}

/** All that is computed of a part by every way through it. */
async function allOf(part: PictureSource) {
  const model = untrained()
  try {
    const whole = dataset(part)
    const { history } = await model.fit(whole, { ...settings, validation: { fraction: 0.25, kind: 'stratified' } })
    const again = await model.fit(takeFirst(part, 70), { ...settings, validationSplit: 0.2, classWeight: { 1: 2 } })
    const tested = await model.fit(whole, { ...settings, epochs: 1, validation: 'test' })
    const held = await model.fit(whole.train, { ...settings, epochs: 1, validationData: whole.test })
    return {
      histories: [history, again.history, tested.history, held.history],
      scores: [await model.evaluate(whole), await model.evaluate(part)],
      predictions: [await model.predict(part), await model.predict(whole)],
      weights: weightsSha256(await model.getWeights()),
    }
  } finally {
    await model.dispose()
  }
}

it('a file is trained on, evaluated and predicted with the bits of memory', async () => {
  const fromMemory = await allOf(inMemory)
  expect(fromMemory.histories[0]!['accuracy']!.length).toBe(2)
  expect(await allOf(file)).toEqual(fromMemory)
  expect(file.bytesRead).toBeGreaterThan(7 * count * size)
})

it('arrays, a data set of arrays and sources are the same to it', async () => {
  const trained = async (train: (model: Classifier) => Promise<unknown>) => {
    const model = untrained()
    await train(model)
    const { classNames, preprocess } = model
    const known = { classNames, preprocess, weights: weightsSha256(await model.getWeights()) }
    await model.dispose()
    return known
  }
  const { images, labels } = pictures
  const split = { images, labels, count }
  const byArray = await trained(model => model.fit({ shape: [count, ...shape], data: images }, labels, settings))
  const bySplit = await trained(model => model.fit({ images, labels }, settings))
  const bySource = await trained(model => model.fit(file, settings))
  const byDataset = await trained(model => model.fit({ name: 'any', shape, classNames, train: split }, settings))
  expect(new Set([byArray, bySplit, bySource, byDataset].map(({ weights }) => weights)).size).toBe(1)
  expect(bySource).toEqual(byDataset)
  expect(bySource.classNames).toEqual(classNames)
})

it('the parts that excite a filter most are found in a source as in a list', async () => {
  const model = untrained()
  const opened = await openModel(model)
  const list = Array.from({ length: count }, (_, index) => pictures.images.subarray(index * size, (index + 1) * size))
  const found = await strongestPatches(opened, 'conv2d', list, { count: 3 })
  expect(found.flatMap(({ patches }) => patches).length).toBeGreaterThan(3)
  expect(await strongestPatches(opened, 'conv2d', file, { count: 3 })).toEqual(found)
  await opened.dispose()
  await model.dispose()
})

it('bytes that nothing rescales are told of a source too, and it is read for that only then', async () => {
  const told: string[] = []
  const onEvent = (event: { readonly type: string }) =>
    void (event.type === 'message' && told.push((event as unknown as { readonly text: string }).text))
  const asked: number[] = []
  const source = generatedSource({
    ...{ shape, classNames, labels: pictures.labels },
    picture(index) {
      asked.push(index)
      return pictures.images.subarray(index * size, (index + 1) * size)
    },
  })
  const raw = sequential([flatten({ inputShape: shape }), dense({ units: 3, activation: 'softmax' })])
  raw.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' })
  await raw.fit(source, { ...settings, epochs: 1, onEvent })
  expect(told.join()).toContain('values up to 230, and nothing rescales them')
  await raw.dispose()
  asked.length = 0
  const model = untrained()
  await model.fit(source, { ...settings, epochs: 1 })
  await model.dispose()
  expect(asked.length).toBe(count)
})

describe('what cannot be read', () => {
  /** `onRead` is told of every read that goes well. */
  const failing = (at: number, how: 'at once' | 'later', onRead = () => {}): PictureSource => {
    const { read, ...about } = inMemory
    const guarded = (indices: Int32Array, into: Uint8Array) => {
      if (indices.includes(at)) throw new Error('the disk is gone')
      read(indices, into)
      onRead()
    }
    return { ...about, read: how === 'at once' ? guarded : async (...given) => guarded(...given) }
  }

  it.each(['at once', 'later'] as const)('%s ends the training after whole steps, and the model goes on', async how => {
    const model = untrained()
    let steps = 0
    const source = failing(73, how, () => {
      steps++
    })
    await expect(model.fit(source, settings)).rejects.toThrow('the disk is gone')
    // In the order of this seed 73 is neither in the first batch of the epoch nor in the last.
    expect(steps).toBeGreaterThan(0)
    expect(steps).toBeLessThan(6)
    // As if it had been stopped there.
    const stopped = untrained()
    const stopper: Callback = {
      name: 'stopper',
      onBatchEnd(batch, _, training) {
        if (batch + 1 === steps) training.stop('as many steps')
      },
    }
    await stopped.fit(inMemory, { ...settings, callbacks: [stopper] })
    expect(weightsSha256(await model.getWeights())).toBe(weightsSha256(await stopped.getWeights()))
    // And both go on alike.
    for (const each of [model, stopped]) await each.fit(inMemory, { ...settings, epochs: 1 })
    expect(weightsSha256(await model.getWeights())).toBe(weightsSha256(await stopped.getWeights()))
    await model.dispose()
    await stopped.dispose()
  })

  it.each(['at once', 'later'] as const)('%s ends evaluation and prediction, which go on later', async how => {
    const model = untrained()
    const before = await model.evaluate(inMemory)
    const bad = failing(100, how)
    await expect(model.evaluate(bad)).rejects.toThrow('the disk is gone')
    await expect(model.predict(bad)).rejects.toThrow('the disk is gone')
    expect(await model.evaluate(inMemory)).toEqual(before)
    await model.dispose()
  })

  it.each(['at once', 'later'] as const)(
    '%s is nothing to the predictions that are asked for together with it',
    async how => {
      const model = untrained()
      const alone = await model.predict(inMemory)
      const [first, bad, second] = await Promise.allSettled([
        model.predict(takeFirst(inMemory, 50)),
        model.predict(failing(20, how)),
        model.predict(inMemory),
      ])
      expect(bad).toMatchObject({ status: 'rejected', reason: { message: 'the disk is gone' } })
      expect(first).toEqual({ status: 'fulfilled', value: { shape: [50, 3], data: alone.data.slice(0, 150) } })
      expect(second).toEqual({ status: 'fulfilled', value: alone })
      await model.dispose()
    },
  )

  it('of a file that was cut short is a sentence, not pictures of before', async () => {
    const cut = await fileSource(join(folder, 'cut.bin'), pictures, size + 7)
    const model = untrained()
    const training = model.fit(cut, settings)
    await expect(training).rejects.toThrow(UserError)
    await expect(training).rejects.toThrow(/does not fill picture 10[89]/)
    expect((await model.evaluate(takeFirst(cut, 100))).loss).toBeGreaterThan(0)
    await cut.close()
    await model.dispose()
  })
})

function twoInputs() {
  const [one, other] = [input({ shape: [2] }), input({ shape: [3] })]
  return functional({ inputs: [one, other], outputs: apply(dense({ units: 2 }), apply(concatenate(), [one, other])) })
}

describe('is told in a sentence', () => {
  const { images, labels } = pictures
  const split = { images, labels, count }
  const about = { name: 'any', shape, classNames }
  const empty = memorySource({ shape, classNames, images: new Uint8Array(), labels: new Uint8Array() })
  const other = memorySource({ ...pictures, shape: [5, 6, 3] })
  const renamed = memorySource({ ...pictures, classNames: ['a', 'b', 'c'] })
  const wrong = { ...inMemory, labels: Uint8Array.of(1, 2) }
  it.each([
    [
      'evaluation without a test part',
      (model: Classifier) => model.evaluate({ ...about, train: split }),
      /no test part/,
    ],
    ['prediction without one', (model: Classifier) => model.predict({ ...about, train: inMemory }), /no test part/],
    [
      'validation on it',
      (model: Classifier) => model.fit({ ...about, train: split }, { ...settings, validation: 'test' }),
      /no test part[\s\S]*splitValidation/,
    ],
    ['no pictures', (model: Classifier) => model.fit(empty, settings), /no samples/],
    ['no pictures to evaluate', (model: Classifier) => model.evaluate(empty), /no samples/],
    ['pictures of another shape', (model: Classifier) => model.fit(other, settings), /another shape[\s\S]*\(6, 5, 3\)/],
    [
      'a part of another shape',
      (model: Classifier) => model.fit({ ...about, train: other }, settings),
      /train part.*another shape[\s\S]*6×5×3[\s\S]*5×6×3/,
    ],
    [
      'a part of other classes',
      (model: Classifier) => model.evaluate({ ...about, train: split, test: renamed }),
      /test part.*classes[\s\S]*dark[\s\S]*a, b, c/,
    ],
    ['too few labels', (model: Classifier) => model.fit(wrong, settings), /110 labels[\s\S]*2/],
    ['a model of two inputs', () => twoInputs().predict(inMemory as never), /2 inputs/],
  ])('%s', async (_, call, message) => {
    const model = untrained()
    await expect((async () => call(model))()).rejects.toThrow(UserError)
    await expect((async () => call(model))()).rejects.toThrow(message)
    await model.dispose()
  })
})

it('any field that cannot be is a sentence, in every method', async () => {
  const model = untrained()
  const values = [undefined, null, Number.NaN, -1, 1.5, '', [], {}, [null], new Float32Array(2), Symbol('s'), () => 1]
  const faults: string[] = []
  for (const field of ['shape', 'classNames', 'count', 'labels', 'read'] as const) {
    for (const value of values) {
      if (field === 'read' && typeof value === 'function') continue
      const odd = { ...inMemory, [field]: value } as never
      const calls = [
        () => model.fit(odd, settings),
        () => model.evaluate(odd),
        () => model.predict(odd),
        () => model.fit(inMemory, { ...settings, validationData: odd }),
        () => model.evaluate({ name: 'any', shape, classNames, train: inMemory, test: odd }),
        async () => splitValidation(odd, { count: 1 }),
      ]
      for (const [at, call] of calls.entries()) {
        const outcome = await call().then(
          () => 'taken',
          error => (error instanceof UserError ? '' : String(error)),
        )
        if (outcome !== '') faults.push(`${field} ${String(value)} in call ${at}: ${outcome}`)
      }
    }
  }
  // Without a function to read it is the array of bytes that it has too.
  expect(faults.filter(fault => !fault.startsWith('read '))).toEqual([])
  expect(new Set(faults.map(fault => fault.replace(/.*: /, '')))).toEqual(new Set(['taken']))
  await model.dispose()
})

it('hundreds of megabytes pass through the buffer of a batch', async () => {
  const side = 64
  const one = side * side * 3
  let [made, mostAtOnce] = [0, 0]
  const source: PictureSource = {
    shape: [side, side, 3],
    classNames: ['dark', 'bright'],
    count: 16_000,
    labels: Uint8Array.from({ length: 16_000 }, (_, index) => index % 2),
    read(indices, into) {
      for (const [row, index] of indices.entries()) into.fill(50 + 100 * (index % 2), row * one, (row + 1) * one)
      made += into.length
      mostAtOnce = Math.max(mostAtOnce, into.length)
    },
  }
  const model = sequential([
    rescaling({ scale: 1 / 255, inputShape: source.shape }),
    globalAveragePooling2d(),
    dense({ units: 2, activation: 'softmax' }),
  ])
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
  const held = () => process.memoryUsage().arrayBuffers
  const before = held()
  let most = 0
  await model.fit(source, {
    ...{ epochs: 1, batchSize: 32, verbose: 0 },
    onEvent({ type }) {
      if (type === 'batch-end') most = Math.max(most, held() - before)
    },
  })
  await model.dispose()
  expect(made).toBe(16_000 * one)
  expect(made).toBeGreaterThan(190e6)
  expect(mostAtOnce).toBe(32 * one)
  expect(most).toBeLessThan(40e6)
})
