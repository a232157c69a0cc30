/** `classify` of models in memory, on pixels: what holds a picture elsewhere is opened by the host (host/node/pictures.test.ts). */
import { expect, it, test } from 'vitest'
import { createModels } from '../api/models.ts'
import { place } from '../api/tiny-classifier.testing.ts'
import type { PreprocessSpec } from '../base/preprocess-spec.ts'
import { generatedSource } from '../data/generated-source.ts'
import { memorySource } from '../data/memory-source.ts'
import { splitValidation } from '../data/split.ts'
import { activation } from '../layers/activation-layers.ts'
import { dense } from '../layers/dense.ts'
import { rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import { input } from '../network/functional.ts'
import { pictureToInput } from '../preprocess/input.ts'
import { viewsOf } from '../preprocess/views.ts'
import { answersOf } from './classify.ts'
import { loadPredictor } from './load-predictor.ts'

const head = (units: number, last = 'softmax', shape = [4, 4, 3]) => [
  rescaling({ scale: 1 / 255, inputShape: shape }),
  flatten(),
  dense({ units, activation: last as 'softmax' }),
]
const photo = (seed: number) => ({
  width: 9,
  height: 7,
  channels: 3 as const,
  data: Uint8Array.from({ length: 9 * 7 * 3 }, (_, at) => (at * 37 * seed) % 256),
})

it('gives the classes by name, the most probable first, with the probabilities of predict', async () => {
  const model = place().sequential(head(3), { seed: 2 })
  model.classNames = ['cat', 'dog', 'bird']
  model.preprocess = { shape: [4, 4, 3], channels: 'rgb', resize: 'stretch' }
  const answer = await model.classify(photo(1))
  const { pixels } = pictureToInput(photo(1), model.preprocess)
  const { data } = await model.predict({ shape: [1, 4, 4, 3], data: pixels })
  expect(answer.map(({ probability }) => probability)).toEqual([...data].sort((a, b) => b - a))
  for (const { className, probability } of answer) expect(data[model.classNames.indexOf(className)]).toBe(probability)
})

it('ends with the reason of an aborted signal, and opens no further picture', async () => {
  const model = place().sequential(head(3))
  await expect(model.classify(photo(1), { signal: AbortSignal.abort('enough') })).rejects.toBe('enough')
  const controller = new AbortController()
  let opened = 0
  const asked = {
    ...{ model: model.model, classNames: undefined, preprocess: undefined },
    async openPicture() {
      if (++opened === 4) controller.abort('gone')
      return { width: 4, height: 4, channels: 3 as const, data: new Uint8Array(48) }
    },
    predict: () => Promise.reject(new Error('it is asked all the same')),
  }
  const pictures = Array.from({ length: 12 }, () => photo(1))
  await expect(answersOf(asked, pictures, { signal: controller.signal })).rejects.toBe('gone')
  expect(opened).toBe(4)
})

it('gives a list of answers for a list, each as if asked alone, and as many classes as are wanted', async () => {
  const model = place().sequential(head(3))
  const answers = await model.classify([photo(1), photo(2), photo(3), photo(4), photo(5)], { top: 2 })
  expect(answers).toHaveLength(5)
  for (const [index, answer] of answers.entries())
    expect(answer).toEqual(await model.classify(photo(index + 1), { top: 2 }))
  expect(answers[0]).toHaveLength(2)
  expect(await model.classify([])).toEqual([])
})

it('averages over several views of a picture where that is asked for', async () => {
  const model = place().sequential(head(3), { seed: 2 })
  model.preprocess = { shape: [4, 4, 3], channels: 'rgb', resize: 'stretch' }
  const [one, both] = [await model.classify(photo(2), { augment: true }), [photo(1), photo(2)]]
  const inputs = viewsOf(photo(2), model.preprocess).map(({ pixels }) => [...pixels])
  const { data } = await model.predict({ shape: [10, 4, 4, 3], data: Uint8Array.from(inputs.flat()) })
  for (const { className, probability } of one) {
    const views = [...data].filter((_, at) => at % 3 === Number(className))
    expect(probability).toBeCloseTo(views.reduce((sum, value) => sum + value) / 10, 12)
  }
  expect((await model.classify(both, { augment: true }))[1]).toEqual(one)
  expect(one).not.toEqual(await model.classify(photo(2)))
})

it('is the same of a saved model that is only asked', async () => {
  const { sequential, platform } = place()
  const model = sequential(head(2))
  model.classNames = ['no', 'yes']
  const saved = await loadPredictor(platform, await model.toBytes())
  expect(await saved.classify(photo(3))).toEqual(await model.classify(photo(3)))
})

it('takes what a canvas gives: clamped bytes, their channels by their number', async () => {
  const model = place().sequential(head(3))
  const { width, height, data } = photo(1)
  const rgba = new Uint8ClampedArray(4 * width * height).fill(255)
  for (let pixel = 0; pixel < width * height; pixel++) rgba.set(data.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel)
  const image = { width, height, data: rgba, colorSpace: 'srgb' }
  expect(await model.classify(image)).toEqual(await model.classify(photo(1)))
})

it('calls classes by their numbers and fills the input where the file says nothing', async () => {
  const model = place().sequential(head(2, 'softmax', [4, 4, 1]))
  const answer = await model.classify(photo(1))
  expect(answer.map(({ className }) => className).sort()).toEqual(['0', '1'])
})

it('tells two classes apart by one number', async () => {
  const model = place().sequential(head(1, 'sigmoid'))
  model.classNames = ['no', 'yes']
  const [first, second] = await model.classify(photo(1))
  expect(first.probability + second!.probability).toBe(1)
})

test.each([
  ['no pixels', { width: 2, height: 2 }, /the picture has no pixels/],
  [
    'too few bytes',
    { width: 9, height: 7, channels: 3, data: new Uint8Array(5) },
    /no pixels[\s\S]*a Uint8Array of 5 values/,
  ],
  ['a list with a gap', [photo(1), undefined], /picture 1 has no pixels/],
])('%s: refused', async (_, given, says) => {
  await expect(
    place()
      .sequential(head(3))
      .classify(given as never),
  ).rejects.toThrow(says)
})

test('scores, as networks of PyTorch end in, are answered as probabilities', async () => {
  const { sequential } = place()
  const scores = sequential(head(3, 'linear'), { seed: 1 })
  const softened = sequential(head(3), { seed: 1 })
  const [one, two] = [await scores.classify(photo(1)), await softened.classify(photo(1))]
  expect(one.map(({ className }) => className)).toEqual(two.map(({ className }) => className))
  for (const [index, { probability }] of one.entries()) expect(probability).toBeCloseTo(two[index]!.probability, 6)
})

test('a model without probabilities, of another input or with too few names says so', async () => {
  const { sequential, model } = place()
  await expect(
    sequential([...head(3), rescaling({ scale: 9 }), activation({ activation: 'exponential' })]).classify(photo(1)),
  ).rejects.toThrow(/no probabilities[\s\S]*softmax/)
  await expect(sequential([dense({ units: 2, inputShape: [4] })]).classify(photo(1))).rejects.toThrow(
    /one picture[\s\S]*predict/,
  )
  const x = input({ shape: [4, 4, 1] })
  const y = flatten()(x)
  await expect(
    model({ inputs: x, outputs: [y, activation({ activation: 'softmax' })(y)] }).classify(photo(1)),
  ).rejects.toThrow(/inputs of \(4, 4, 1\), outputs of \(16,\) and \(16,\)/)
  const named = sequential(head(3))
  named.classNames = ['a', 'b']
  await expect(named.classify(photo(1))).rejects.toThrow(/2 names/)
  await expect(sequential(head(3)).classify(photo(1), { first: 1 } as never)).rejects.toThrow(/first/)
})

const colour = { shape: [4, 4, 3], channels: 'rgb' } as const
test.each<PreprocessSpec>([
  { ...colour, resize: 'stretch' },
  { ...colour, resize: 'cover' },
  { ...colour, resize: 'contain' },
  { shape: [4, 4, 1], channels: 'grey', resize: 'stretch' },
  { shape: [8, 8, 1], channels: 'grey', resize: 'cover', pad: 2 },
])('is asked about pictures as they were when it was trained: %j', async spec => {
  const { sequential, platform } = place()
  const photos = Array.from({ length: 12 }, (_, index) => photo(index + 1))
  const made = photos.map(each => pictureToInput(each, spec).pixels)
  const images = Uint8Array.from(made.flatMap(pixels => [...pixels]))
  const about = { shape: spec.shape, classNames: ['a', 'b'], labels: Uint8Array.from(photos, (_, at) => at % 2) }
  const source = memorySource({ ...about, images, preprocess: spec })
  const generated = generatedSource({ ...about, picture: index => made[index]!, preprocess: spec })
  const own = { ...about, count: photos.length, preprocess: spec, read: source.read }
  const { train, validation } = splitValidation(source, { fraction: 0.25, kind: 'stratified' })
  for (const part of [source, train, validation, splitValidation(generated, { count: 3 }).train, own]) {
    const model = sequential(head(2, 'softmax', [...spec.shape]))
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
    await model.fit(part, { verbose: 0 })
    const loaded = await loadPredictor(platform, await model.toBytes())
    expect(loaded.preprocess).toEqual(spec)
    const answers = await loaded.classify(photos)
    const right = answers.filter(([{ className }], index) => className === about.classNames[index % 2]).length
    expect((await model.evaluate(source))['accuracy']).toBeCloseTo(right / photos.length, 6)
    const { data } = await model.predict(source)
    for (const [index, answer] of answers.entries())
      for (const { className, probability } of answer)
        expect(probability).toBe(data[2 * index + about.classNames.indexOf(className)])
  }
})

test('a model saves how its pictures were made, never a guess', async () => {
  const { sequential, loadModel } = place()
  const about = { shape: [4, 4, 3] as const, classNames: ['a', 'b'], labels: Uint8Array.of(0, 1) }
  const images = new Uint8Array(2 * 48)
  const trained = async (spec: PreprocessSpec | undefined, given?: PreprocessSpec) => {
    const model = sequential(head(2))
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' })
    model.preprocess = given
    await model.fit(memorySource({ ...about, images, ...(spec && { preprocess: spec }) }), { verbose: 0 })
    return model
  }
  expect((await loadModel(await (await trained(undefined)).toBytes())).preprocess).toBeUndefined()
  const [stretch, cover] = [{ ...colour, resize: 'stretch' } as const, { ...colour, resize: 'cover' } as const]
  expect((await trained(stretch, cover)).preprocess).toEqual(cover)
  // Trained further on pictures made in another way, a model takes theirs.
  const further = await loadModel(await (await trained(cover)).toBytes())
  expect(further.preprocess).toEqual(cover)
  further.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' })
  await further.fit(memorySource({ ...about, images, preprocess: stretch }), { verbose: 0 })
  expect(further.preprocess).toEqual(stretch)
  const dataset = { name: 'own', ...about, train: { images, labels: about.labels, count: 2 }, preprocess: cover }
  const ofDataset = sequential(head(2))
  ofDataset.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' })
  await ofDataset.fit(dataset, { verbose: 0 })
  expect(ofDataset.preprocess).toEqual(cover)
})

test('a source refuses a specification that gives other pictures', () => {
  const about = { shape: [4, 4, 3] as const, classNames: ['a'], labels: Uint8Array.of(0) }
  const preprocess = { ...colour, shape: [5, 5, 3], resize: 'cover' } as const
  expect(() => memorySource({ ...about, images: new Uint8Array(48), preprocess })).toThrow(/4×4×3[\s\S]*5×5×3/)
  expect(() => generatedSource({ ...about, picture: () => new Uint8Array(48), preprocess })).toThrow(/another shape/)
  const wrong = { resize: 'crop' } as never
  expect(() => memorySource({ ...about, images: new Uint8Array(48), preprocess: wrong })).toThrow(/Field "resize"/)
})

test('four pictures are decoded at a time, however many calls ask, and one that fails keeps no place', async () => {
  let open = 0
  let most = 0
  const openPicture = async (given: unknown) => {
    most = Math.max(most, ++open)
    await new Promise(resolve => setTimeout(resolve))
    open--
    if (given === 'damaged') throw new Error('damaged')
    return photo(1)
  }
  const model = createModels({ ...place().platform, openPicture }).sequential(head(2))
  model.preprocess = { shape: [4, 4, 3], channels: 'rgb', resize: 'stretch' }
  const calls = Array.from({ length: 20 }, (_, index) => model.classify(index % 3 === 0 ? ['damaged'] : ['a', 'b']))
  const outcomes = (await Promise.allSettled(calls)).map(({ status }) => status)
  expect([most, outcomes.filter(status => status === 'rejected').length]).toEqual([4, 7])
})
