/** A model is opened by its path, its folder, its bytes, or files that were chosen in a page; notes of its format are told. */
import { describe, expect, it } from 'vitest'
import { addModelFormats } from '../store/added-formats.ts'
import { decodeModelFile } from '../store/model-file.ts'
import type { ModelFormat } from '../store/model-formats.ts'
import { tiny } from './tiny-classifier.testing.ts'

const { model, files, loadModel, printed } = tiny()
const saved = await model.toBytes()
await files.write('models/one/tiny.safetensors', saved)
await files.write('models/one/labels.txt', new Uint8Array(3))
await files.write('models/two/a.safetensors', saved)
await files.write('models/two/b.safetensors', saved)
await files.write('models/none/labels.txt', new Uint8Array(3))

const file = (name: string, bytes: Uint8Array, webkitRelativePath?: string) => ({
  name,
  arrayBuffer: async () => Uint8Array.from(bytes).buffer,
  ...(webkitRelativePath !== undefined && { webkitRelativePath }),
})
const isTheModel = async (source: Parameters<typeof loadModel>[0]): Promise<void> =>
  expect(await (await loadModel(source)).getWeights()).toEqual(await model.getWeights())

describe('a folder', () => {
  it('is the one model in it', () => isTheModel('models/one'))

  it('with several models, or none, is an error that lists what is there', async () => {
    await expect(loadModel('models/two')).rejects.toThrow(/several models[\s\S]*a\.safetensors, b\.safetensors/)
    await expect(loadModel('models/none')).rejects.toThrow(/holds no model[\s\S]*received: labels\.txt/)
  })
})

describe('files that were chosen', () => {
  it('are one file, whatever it is called, or several of which one is the model', async () => {
    await isTheModel([file('my model', saved)])
    await isTheModel(new Blob([saved]))
    await isTheModel([file('notes.txt', new Uint8Array(1)), file('m.safetensors', saved)])
    await isTheModel(new Set([file('m.safetensors', saved, 'folder/m.safetensors')]))
  })

  it('with no model among them, or several, are an error', async () => {
    const two = [file('a.safetensors', saved), file('b.safetensors', saved)]
    await expect(loadModel(two)).rejects.toThrow(/several models[\s\S]*a\.safetensors, b\.safetensors/)
    await expect(loadModel([file('a.txt', saved), file('b.txt', saved)])).rejects.toThrow(/no model/)
    await expect(loadModel([])).rejects.toThrow(/an empty list/)
    await expect(loadModel(['a.safetensors'] as never)).rejects.toThrow(/a list with/)
    for (const wrong of [7, null, undefined, '', {}]) await expect(loadModel(wrong as never)).rejects.toThrow(/source/)
  })

  it('are weights too', async () => {
    const other = tiny({ seed: 3 }).model
    await other.loadWeights([file('w.safetensors', saved)])
    expect(await other.getWeights()).toEqual(await model.getWeights())
  })
})

describe('a format with files beside', () => {
  const paired: ModelFormat = {
    name: 'paired',
    endings: ['.pair'],
    matches: bytes => bytes[0] === 0x70 && bytes.length === 4,
    read: async ({ source, beside }) => {
      const bytes = await beside('weights.bin')
      if (!bytes) throw new Error(`${source} lacks its weights`)
      return { ...decodeModelFile(bytes, source), notes: ['One thing is left out.'] }
    },
  }
  addModelFormats(paired)
  const main = new TextEncoder().encode('pair')

  it('finds them in the same folder, on disk or among the chosen ones, and its notes are told', async () => {
    await files.write('models/pair/m.pair', main)
    await files.write('models/pair/weights.bin', saved)
    await isTheModel('models/pair')
    expect(printed()).toMatch(/Warning: One thing is left out\./)
    await isTheModel([file('weights.bin', saved, 'x/weights.bin'), file('m.pair', main, 'x/m.pair')])
    await expect(
      loadModel([file('weights.bin', saved, 'y/weights.bin'), file('m.pair', main, 'x/m.pair')]),
    ).rejects.toThrow(/lacks its weights/)
  })
})

describe('weights that a file tells by their places', () => {
  it('are given the names that the model has', async () => {
    const placed: ModelFormat = {
      name: 'placed',
      endings: ['.placed'],
      matches: bytes => bytes[0] === 0x71,
      read: () => ({
        weights: [],
        weightsFor: layers =>
          layers.flatMap(layer =>
            layer.weights.map(({ name, shape }) => {
              const size = shape.reduce((product, extent) => product * extent, 1)
              return { name, shape, data: new Float32Array(size).fill(layer.name.length) }
            }),
          ),
      }),
    }
    addModelFormats(placed)
    const other = tiny().model
    await other.loadWeights(Uint8Array.of(0x71))
    const weights = await other.getWeights()
    expect(weights.map(({ name, data }) => [name, data[0]])).toEqual([
      ['dense/kernel', 5],
      ['dense/bias', 5],
      ['dense_1/kernel', 7],
      ['dense_1/bias', 7],
    ])
    await expect(loadModel(Uint8Array.of(0x71))).rejects.toThrow(/weights, but not the model/)
  })
})
