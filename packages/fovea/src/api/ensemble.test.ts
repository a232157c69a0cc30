/** Several classifiers as one: means by class name, each with its own preprocessing, and how good they are together. */
import { describe, expect, it } from 'vitest'
import { memorySource } from '../data/memory-source.ts'
import { dense } from '../layers/dense.ts'
import { rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import { ensembleScores } from '../objectives/ensemble-scores.ts'
import type { Classifier } from './classifier.ts'
import { ensemble } from './ensemble.ts'
import { place } from './tiny-classifier.testing.ts'

const names = ['cat', 'dog', 'bird']

function member(seed: number, classNames: readonly string[] | undefined = names, side = 4): Classifier {
  const model = place().sequential(
    [rescaling({ scale: 1 / 255, inputShape: [side, side, 3] }), flatten(), dense({ units: 3, activation: 'softmax' })],
    { seed },
  )
  model.classNames = classNames
  model.preprocess = { shape: [side, side, 3], channels: 'rgb', resize: 'stretch' }
  return model
}

const count = 12
const images = Uint8Array.from({ length: count * 48 }, (_, index) => (index * 7919 + (index >> 4) * 31) % 251)
const labels = Int32Array.from({ length: count }, (_, index) => index % 3)
const source = memorySource({ images, labels, shape: [4, 4, 3], classNames: names })
const photo = {
  width: 9,
  height: 7,
  channels: 3 as const,
  data: Uint8Array.from({ length: 189 }, (_, at) => (at * 37) % 256),
}

describe('an ensemble', () => {
  it('says the mean of what its members say, class by class, whatever their order and size', async () => {
    const [one, two] = [member(1), member(2, ['dog', 'bird', 'cat'], 6)]
    const both = ensemble([one, two])
    expect(both.classNames).toEqual(names)
    const [first, second] = [await one.classify(photo), await two.classify(photo)]
    const of = (answer: typeof first, name: string) => answer.find(({ className }) => className === name)!.probability
    const said = await both.classify(photo)
    for (const { className, probability } of said)
      expect(probability).toBe((of(first, className) + of(second, className)) / 2)
    expect(said.map(({ probability }) => probability)).toEqual(
      said.map(({ probability }) => probability).sort((a, b) => b - a),
    )
    expect(await both.classify([photo, photo], { top: 1 })).toEqual([[said[0]], [said[0]]])
    await expect(both.classify(photo, { top: 0 })).rejects.toThrow(/top/)
    await expect(both.classify(photo, { tops: 1 } as never)).rejects.toThrow(/tops/)
  })

  it('predicts rows in the order of the first, of arrays and of pictures that are made to fit', async () => {
    const [one, two] = [member(1), member(2, ['dog', 'bird', 'cat'])]
    const { data: first } = await one.predict(source)
    const { data: second } = await two.predict(source)
    const { shape, data } = await ensemble([one, two]).predict({ shape: [count, 4, 4, 3], data: images })
    expect(shape).toEqual([count, 3])
    const mean = first.map((value, at) => (value + second[3 * Math.floor(at / 3) + [2, 0, 1][at % 3]!]!) / 2)
    expect(data).toEqual(mean)
    const small = ensemble([one, member(2, names, 6)])
    expect((await small.predict(source, { views: 'mirror' })).shape).toEqual([count, 3])
    expect(await ensemble([one]).predict(source)).toEqual({ shape: [count, 3], data: first })
  })

  it('is measured with its members on labelled pictures, by the names of their classes', async () => {
    const [one, two] = [member(1), member(5)]
    const scores = await ensemble([one, two]).evaluate(source)
    const rows = [await one.predict(source), await two.predict(source)].map(({ data }) => data)
    expect(scores).toEqual(ensembleScores(labels, rows, 3))
    const classNames = ['bird', 'cat', 'dog']
    const renumbered = memorySource({
      images,
      labels: labels.map(label => (label + 1) % 3),
      shape: [4, 4, 3],
      classNames,
    })
    expect(await ensemble([one, two]).evaluate(renumbered)).toEqual(scores)
    const dataset = { name: 'set', shape: source.shape, classNames: names, train: source, test: source }
    expect(await ensemble([one, two]).evaluate(dataset)).toEqual(scores)
    await expect(ensemble([one]).evaluate(images as never)).rejects.toThrow(/evaluated on labelled pictures/)
  })

  it('is of classifiers that tell the same classes apart', () => {
    expect(() => ensemble([member(1), member(2, ['cat', 'dog', 'fish'])])).toThrow(
      /classifier 1 tells other classes apart than classifier 0[\s\S]*cat, dog, bird[\s\S]*cat, dog, fish/,
    )
    expect(() => ensemble([member(1), member(2, ['cat', 'dog', 'dog'])])).toThrow(/tells other classes apart/)
    expect(() => ensemble([])).toThrow(/at least 1/)
    expect(() => ensemble([member(1), {} as never])).toThrow(/a classifier/)
  })
})

it('scores: each, the mean, how often they differ', () => {
  const one = Float32Array.of(0.9, 0.1, 0.6, 0.4, 0.4, 0.6)
  const two = Float32Array.of(0.8, 0.2, 0.1, 0.9, 0.7, 0.3)
  const scores = ensembleScores([0, 1, 1], [one, two], 2)
  expect(scores).toMatchObject({ pictures: 3, disagreement: 2 / 3, anyRight: 1 })
  expect(scores.members.map(({ accuracy }) => accuracy)).toEqual([2 / 3, 2 / 3])
  expect(scores.mean.accuracy).toBeCloseTo(2 / 3, 12)
  expect(scores.mean.logLoss).toBeCloseTo(-(Math.log(0.85) + Math.log(0.65) + Math.log(0.45)) / 3, 6)
})
