/** `compile({distillation})` and `fit(x, y, {teacher})`: a network learns what another says. */
import { describe, expect, it } from 'vitest'
import { memorySource } from '../data/memory-source.ts'
import { dense } from '../layers/dense.ts'
import { rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import { ensemble } from './ensemble.ts'
import { compiled, place, quiet } from './tiny-classifier.testing.ts'

const x = { shape: [8, 2], data: Float32Array.from({ length: 16 }, (_, at) => Math.sin(at * 5)) }
const labels = [0, 1, 0, 1, 1, 0, 1, 0]
const net = (seed: number) =>
  place().sequential([dense({ units: 2, activation: 'softmax', inputShape: [2] })], { seed })
const distillation = { temperature: 1, share: 1 }
const weightsOf = async (model: ReturnType<typeof net>) => (await model.getWeights()).map(({ data }) => [...data])

describe('a model compiled with distillation', () => {
  it('comes to say what its teacher says, whatever the labels', async () => {
    const [student, teacher] = [net(1), net(2)]
    student.compile({ ...compiled, distillation })
    const said = await teacher.predict(x)
    await student.fit(x, labels, { teacher: said, epochs: 400, batchSize: 8, ...quiet })
    const learned = await student.predict(x)
    for (const [index, value] of said.data.entries()) expect(learned.data[index]).toBeCloseTo(value, 2)
  })

  it('is taught the samples it is trained on, whichever are held out', async () => {
    const said = (await ensemble([net(2), net(3)]).predict(x)).data
    const own = { epochs: 2, batchSize: 4, ...quiet }
    const first = { shape: [6, 2], data: x.data.slice(0, 12) }
    const [whole, split] = [net(1), net(1)]
    for (const model of [whole, split]) model.compile({ ...compiled, distillation: { temperature: 2 } })
    await whole.fit(first, labels.slice(0, 6), { ...own, teacher: said.slice(0, 12) })
    await split.fit(x, labels, { ...own, teacher: said, validationSplit: 0.25 })
    expect(await weightsOf(split)).toEqual(await weightsOf(whole))
  })

  it('is taught pictures of a data set that are drawn for training', async () => {
    const images = Uint8Array.from({ length: 20 * 4 }, (_, at) => (at * 97) % 251)
    const numbers = Int32Array.from({ length: 20 }, (_, at) => at % 2)
    const source = memorySource({ images, labels: numbers, shape: [2, 2, 1], classNames: ['a', 'b'] })
    const dataset = { name: 'set', shape: source.shape, classNames: source.classNames, train: source }
    const pictureNet = (seed: number) =>
      place().sequential(
        [rescaling({ scale: 1 / 255, inputShape: [2, 2, 1] }), flatten(), dense({ units: 2, activation: 'softmax' })],
        { seed },
      )
    const said = await pictureNet(7).predict(source)
    const student = pictureNet(1)
    student.compile({ ...compiled, distillation })
    const validation = { count: 8, kind: 'stratified', seed: 3 } as const
    await student.fit({ ...dataset, test: source }, { teacher: said, validation, epochs: 300, batchSize: 12, ...quiet })
    const learned = await student.predict(source)
    for (const [index, value] of said.data.entries()) expect(learned.data[index]).toBeCloseTo(value, 1)
  })

  it('refuses what does not go together', async () => {
    const [taught, plain] = [net(1), net(1)]
    taught.compile({ ...compiled, distillation })
    plain.compile(compiled)
    const teacher = await net(2).predict(x)
    await expect(taught.fit(x, labels, quiet)).rejects.toThrow(/no teacher is given/)
    await expect(plain.fit(x, labels, { ...quiet, teacher })).rejects.toThrow(/compiled without distillation/)
    await expect(taught.fit(x, labels, { ...quiet, teacher: teacher.data.slice(4) })).rejects.toThrow(
      /what the teacher says/,
    )
    const odd = teacher.data.map(value => value * 3)
    await expect(taught.fit(x, labels, { ...quiet, teacher: odd })).rejects.toThrow(/no probabilities of these samples/)
    await expect(taught.trainOnBatch(x, labels)).rejects.toThrow(/trainOnBatch knows no teacher/)
    await expect(taught.gradients(x, labels)).rejects.toThrow(/gradients knows no teacher/)
    expect(() => plain.compile({ ...compiled, distillation: { share: 2 } })).toThrow(/share/)
    expect((await taught.evaluate(x, labels)).loss).toBeGreaterThan(0)
  })
})
