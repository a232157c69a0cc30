/** Files of other formats are known by their first bytes, whoever reads them, and told in words instead of lengths. */
import { describe, expect, it } from 'vitest'
import { UserError } from '../base/errors.ts'
import { addModelFormats } from './added-formats.ts'
import { decodeCheckpoint } from './checkpoint.ts'
import { encodeModelFile } from './model-encoder.ts'
import { decodeModelFile } from './model-file.ts'
import { availableFormats, type ModelFormat, openedBytes, readModel } from './model-formats.ts'
import { writerFor } from './model-writers.ts'

const latin = (text: string): Uint8Array => Uint8Array.from(text, sign => sign.charCodeAt(0))
const padded = (text: string, length = 600): Uint8Array => {
  const bytes = new Uint8Array(length)
  bytes.set(latin(text))
  return bytes
}
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

const files: [string, Uint8Array, RegExp, RegExp][] = [
  ['.keras', padded('PK\x03\x04\x14\0\0\0\0\0metadata.json'), /a Keras file/, /loadModel|npm install @fovea\/formats/],
  ['.pt', padded('PK\x03\x04\0\0\x08\x08archive/data.pkl'), /a PyTorch file/, /onnx\.export[\s\S]*loadTorchWeights/],
  ['.npz', padded('PK\x03\x04arr_0.npy'), /\.npz/, /setWeights/],
  ['.zip', padded('PK\x03\x04'), /a zip archive that is cut off/, /Fetch or save it anew/],
  ['.h5', padded('\x89HDF\r\n\x1a\n'), /HDF5/, /loadModel|npm install @fovea\/formats/],
  ['LFS', latin('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'), /Git LFS/, /git lfs pull/],
  ['.onnx', padded('\x08\x07\x12\x07pytorch'), /ONNX/, /loadModel|npm install @fovea\/formats/],
  ['.tflite', padded('\x1c\0\0\0TFL3'), /TensorFlow Lite/, /--tflite/],
  ['.pb', padded('\x08\x01\x12\xff'), /SavedModel/, /--saved-model/],
  ['.pth', padded('\x80\x02\x8a\x0a'), /pickle/, /loadTorchWeights/],
  ['.npy', padded('\x93NUMPY\x01\0'), /NumPy array/, /setWeights/],
  ['.gz', padded('\x1f\x8b\x08'), /gzip/, /Unpack/],
  ['.tar', (() => padded(`${'name'.padEnd(257, '\0')}ustar`))(), /tar archive/, /Unpack/],
  ['page', latin('<!DOCTYPE html>\n<html><body>Sign in</body></html>'), /web page/, /sign in/],
  ['page after a mark', latin('\xef\xbb\xbf\n <HTML><body>Sign in</body></html>'), /web page/, /sign in/],
  [
    'tfjs',
    json({ format: 'layers-model', modelTopology: {}, weightsManifest: [] }),
    /TensorFlow\.js/,
    /loadModel|npm install @fovea\/formats/,
  ],
  ['recipe', json({ name: 'mnist-cnn', layers: [] }), /JSON file/, /\.json/],
  ['picture', padded('\x89PNG\r\n\x1a\n'), /picture/, /model first/],
  ['program', padded('\x7fELF\x02'), /program/, /model file/],
  ['text', latin('epoch,loss\n0,1.5\n'), /text file/, /model file/],
  ['nothing', new Uint8Array(), /empty file/, /Fetch or save it anew/],
]

describe('a file of another format', () => {
  it.each(files)('%s', async (name, bytes, kind, advice) => {
    const readOpened = (content: Uint8Array, source: string) => readModel(openedBytes(content, source))
    for (const read of [decodeModelFile, decodeCheckpoint, readOpened]) {
      const failure = await (async () => read(bytes, name))().catch(error => error)
      expect(failure).toBeInstanceOf(UserError)
      const { message } = failure as UserError
      expect(message).toMatch(kind)
      expect(message).toMatch(advice)
      expect(message).not.toMatch(/\d+ bytes/)
    }
  })

  it('that is no copy of a model, but is called like one of another program, has both ways told', async () => {
    const cut = padded('PK\x03\x04')
    await expect(readModel(openedBytes(cut, 'm.keras'))).rejects.toThrow(
      /cut off[\s\S]*Fetch or save it anew[\s\S]*setWeights/,
    )
    await expect(readModel(openedBytes(cut, 'm.safetensors'))).rejects.not.toThrow(/setWeights/)
  })

  it('that looks like none is said to be none', () => {
    const noise = Uint8Array.from(
      { length: 64 },
      (_, index) => 129 + ((index * 37) % 120) - (index % 3 === 0 ? 128 : 0),
    )
    expect(() => decodeModelFile(noise, 'noise')).toThrow(/noise is not a valid safetensors file/)
    return expect(readModel(openedBytes(noise, 'noise'))).rejects.toThrow(
      /noise is not a model[\s\S]*64 bytes of no format/,
    )
  })

  it('is not looked for in a file that can be read, whatever its length looks like', () => {
    // A header of 0x5a4d bytes begins as a program does, one of 0x8b1f as gzip.
    for (const length of [0x5a4d, 0x8b1f]) {
      const weights = [{ name: 'w'.repeat(length - 300), shape: [1], data: new Float32Array(1) }]
      const short = encodeModelFile({ weights })
      const bytes = encodeModelFile({
        weights: [{ ...weights[0]!, name: 'w'.repeat(length - 300 + (length - headerOf(short))) }],
      })
      expect(Math.abs(headerOf(bytes) - length)).toBeLessThan(8)
      expect(decodeModelFile(bytes, 'odd').weights).toHaveLength(1)
    }
  })
})

describe('formats of models', () => {
  const file = { weights: [{ name: 'w', shape: [2], data: Float32Array.of(1, 2) }] }
  const other: ModelFormat = {
    name: 'other',
    endings: ['.other'],
    matches: bytes => bytes[0] === 0x6f,
    read: async ({ bytes }) => ({ weights: [{ name: `${bytes.length}`, shape: [0], data: new Float32Array() }] }),
    write: () => ({ bytes: Uint8Array.of(0x6f) }),
  }
  const written = async (name: string) => (await (await writerFor(name))(file, name)).bytes

  it('are added, found by what the bytes are, and listed where no one fits', async () => {
    await expect(readModel(openedBytes(Uint8Array.of(0x6f), 'm'))).rejects.toThrow(
      /expected: safetensors \(\.safetensors, \.ckpt\)/,
    )
    await expect(writerFor('a.keras')).rejects.toThrow(
      /a\.keras would not be a \.keras file[\s\S]*call it a\.safetensors/,
    )
    addModelFormats(other, { ...other, name: 'read only', endings: ['.h5'], write: undefined })
    expect(await readModel(openedBytes(encodeModelFile(file), 'm.other'))).toEqual(file)
    expect(await readModel(openedBytes(Uint8Array.of(0x6f, 0), 'm.safetensors'))).toMatchObject({
      weights: [{ name: '2' }],
    })
    await expect(readModel(openedBytes(Uint8Array.of(1), 'm'))).rejects.toThrow(/other \(\.other\)/)
    expect(await written('a.OTHER')).toEqual(Uint8Array.of(0x6f))
    for (const name of ['a.safetensors', 'a', 'a.b', 'a.ckpt'])
      expect(await written(name)).toEqual(encodeModelFile(file))
    await expect(writerFor('a.h5')).rejects.toThrow(/would not be/)
    addModelFormats({ ...other, write: () => ({ bytes: Uint8Array.of(1) }) })
    expect(await written('a.other')).toEqual(Uint8Array.of(1))
    expect((await availableFormats()).map(({ name }) => name)).toEqual(['safetensors', 'other', 'read only'])
  })

  it('that are damaged say what is wrong with them, not that they are unknown', async () => {
    const bytes = encodeModelFile(file)
    await expect(readModel(openedBytes(bytes.subarray(0, 60), 'm'))).rejects.toThrow(
      /m is not a valid safetensors file/,
    )
    await expect(readModel(openedBytes(bytes.subarray(0, -1), 'm'))).rejects.toThrow(/length does not agree/)
  })
})

const headerOf = (bytes: Uint8Array): number => Number(new DataView(bytes.buffer).getBigUint64(0, true))
