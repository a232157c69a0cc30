import { describe, expect, it } from 'vitest'
import { inMemory, memorySource } from '../data/memory-source.ts'
import { createEngine } from '../engine/engine.ts'
import { reLU } from '../layers/activation-layers.ts'
import { dense } from '../layers/dense.ts'
import type { Layer } from '../layers/layer.ts'
import { flatten } from '../layers/shaping.ts'
import { sequential } from '../network/sequential.ts'
import { initialWeights } from '../network/weights.ts'
import { readEmbeddings } from '../run/run-embeddings.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { memoryFiles } from '../store/memory-files.ts'
import { steppedClock } from '../train/tiny.testing.ts'
import { tinyDataset, tinyRecipe } from '../train/tiny-recipe.testing.ts'
import { embedPictures } from './embed-pictures.ts'
import { runRecipe } from './run-recipe.ts'

const base = () => ({ device: referenceDevice({ round: Math.fround }), clock: steppedClock(100) })

describe('a run on pictures with names', () => {
  it('keeps all of them as the trained network sees them, without changing the training', async () => {
    const files = memoryFiles()
    const { name, train, test, ...about } = tinyDataset()
    const named = (part: typeof train, called: string) =>
      memorySource({ ...about, ...part, names: Array.from(part.labels, (_, row) => `${called}/${row}.png`) })
    const data = { name, ...about, train: named(train, 'a'), test: named(test, 'b') }
    const { report } = await runRecipe(tinyRecipe(), data, { ...base(), files, out: 'run' })
    const unnamed = await runRecipe(tinyRecipe(), tinyDataset(), { ...base(), files, out: 'unnamed' })
    expect(report.weightsSha256).toBe(unnamed.report.weightsSha256)
    expect(await readEmbeddings(files, 'unnamed')).toBeUndefined()

    const kept = (await readEmbeddings(files, 'run'))!
    const rows = kept.pictures.map(({ part, file }) => `${part} ${file}`)
    expect(new Set(rows).size).toBe(train.count + test.count)
    expect(rows.at(-1)).toBe(`test b/${test.count - 1}.png`)
    expect([...kept.labels].slice(-test.count)).toEqual([...test.labels])
    // Of this network the head sees the pixels, which say what each row is of.
    expect([kept.count, kept.size, kept.seen]).toEqual([train.count + test.count, 4, 4])
    const most = Math.max(...train.images, ...test.images)
    for (const [row, { part, file }] of kept.pictures.entries()) {
      const index = Number(/\d+/.exec(file)![0])
      const pixels = [...(part === 'test' ? test : train).images.subarray(index * 4, index * 4 + 4)]
      const features = [...kept.features.subarray(row * 4, row * 4 + 4)]
      for (const [at, pixel] of pixels.entries()) expect(Math.abs(features[at]! * 255 - pixel)).toBeLessThan(most / 255)
      expect([...kept.thumbnails.get(row)!.data]).toEqual(pixels)
      expect(kept.suggested[row]).toBe(kept.labels[row])
    }
  })
})

describe('embedPictures', () => {
  /** 45 pictures of 20 × 20: more than a step has. */
  const shape = [20, 20, 1] as const
  const count = 45
  const images = Uint8Array.from({ length: count * 400 }, (_, at) => (Math.imul(at, 2654435761) >>> 24) % 256)
  const pictures = inMemory({ images, labels: new Uint8Array(count), shape, classNames: ['one', 'other'] })
  async function embedded(layers: readonly Layer[]) {
    const model = sequential([flatten({ inputShape: [...shape] }), ...layers])
    const { device, clock } = base()
    const engine = createEngine({ device, states: initialWeights(model, 1) })
    try {
      return (await embedPictures({ engine, model, clock }, pictures, 5))!
    } finally {
      await engine.dispose()
    }
  }

  it('takes what the last dense layer sees, whatever activations follow it', async () => {
    const head = [dense({ units: 7, activation: 'tanh' }), dense({ units: 2 }), reLU()]
    const { features, probabilities, seen } = await embedded(head)
    expect([seen, features.length, probabilities.length]).toEqual([7, count * 7, count * 2])
    expect(features.every(value => Math.abs(value) <= 1)).toBe(true)
  })

  it('has two probabilities of a model with one output', async () => {
    const { probabilities } = await embedded([dense({ units: 1, activation: 'sigmoid' })])
    for (let row = 0; row < count; row++)
      expect(probabilities[2 * row]! + probabilities[2 * row + 1]!).toBeCloseTo(1, 6)
  })

  it('adds up very many features so that distances nearly stay', async () => {
    const { features, seen } = await embedded([dense({ units: 2, activation: 'softmax' })])
    expect([seen, features.length]).toEqual([400, count * 128])
    const distance = (rows: ArrayLike<number>, size: number, a: number, b: number): number => {
      let sum = 0
      for (let at = 0; at < size; at++) sum += (rows[a * size + at]! - rows[b * size + at]!) ** 2
      return sum
    }
    const ratios = Array.from(
      { length: count - 1 },
      (_, row) => distance(features, 128, 0, row + 1) / distance(images, 400, 0, row + 1),
    )
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length
    expect(mean).toBeCloseTo(1, 1)
    for (const ratio of ratios) expect(Math.abs(ratio - mean)).toBeLessThan(0.5)
  })
})
