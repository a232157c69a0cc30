/** What files are, by their first bytes: one line a kind, the name a reader says and the group it goes by. */
import { describe, expect, it } from 'vitest'
import { type KindGroup, kindOfFile, kindOfText } from './file-kind.ts'

const latin = (text: string): Uint8Array => Uint8Array.from(text, sign => sign.charCodeAt(0))
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf16le'))
/** Followed by bytes that say nothing. */
const followed = (text: string): Uint8Array => latin(text.padEnd(600, '\xee'))
const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value, null, 2))
/** Members one after the other, and the end of the archive. */
const zip = (...names: string[]): Uint8Array =>
  latin(`${names.map(name => `PK\x03\x04${'\0'.repeat(26)}${name}\xee`).join('')}PK\x05\x06${'\0'.repeat(18)}`)
/** Version, and the length of the file where that version keeps it. */
function hdf5(version: number, length: bigint): Uint8Array {
  const bytes = new Uint8Array(100)
  bytes.set(latin('\x89HDF\r\n\x1a\n'))
  bytes[8] = version
  new DataView(bytes.buffer).setBigUint64(version < 2 ? 40 : 28, length, true)
  return bytes
}

const kinds: readonly (readonly [bytes: Uint8Array, name: string | undefined, group?: KindGroup])[] = [
  [new Uint8Array(), 'an empty file', 'instead'],
  [new Uint8Array(5000), 'a file of zeros, whose content was never written', 'instead'],
  [latin('version https://git-lfs.github.com/spec/v1\noid'), 'a pointer of Git LFS, not the file itself', 'instead'],
  [utf8('<!DOCTYPE html><p>'), 'a web page', 'instead'],
  [utf8('\uFEFF\n<!-- hello -->\n <HTML>'), 'a web page', 'instead'],
  [utf16('\uFEFF<html>'), 'a web page', 'instead'],
  [utf8('<?xml version="1.0"?>\n<Error><Code>AccessDenied'), 'an error message of a server', 'instead'],
  [utf8('404: Not Found'), 'an error message of a server', 'instead'],
  [latin('\x10\x01\0\0\0\0\0\0{"a":'), 'a safetensors file', 'model'],
  [zip('metadata.json', 'config.json', 'model.weights.h5'), 'a Keras file (.keras, a zip archive)', 'model'],
  [zip('model.json', 'weights.bin', 'metadata.json'), 'a model of Teachable Machine (a zip archive)', 'model'],
  [zip('labels.txt', 'keras_model.h5'), 'a model of Teachable Machine (a zip archive)', 'model'],
  [zip('archive/data.pkl', 'archive/data/0'), 'a PyTorch file (a zip archive)', 'model'],
  [followed('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j'), 'a PyTorch file (pickled)', 'model'],
  [zip('x_train.npy'), 'a NumPy archive (.npz)', 'model'],
  [followed('\x93NUMPY\x01\0'), 'a NumPy array (.npy)', 'model'],
  [hdf5(0, 100n), 'an HDF5 file (.h5, as Keras writes it)', 'model'],
  [hdf5(2, 100n), 'an HDF5 file (.h5, as Keras writes it)', 'model'],
  [hdf5(0, 101n), 'an HDF5 file (.h5, as Keras writes it) that is cut off', 'model'],
  [hdf5(3, 101n), 'an HDF5 file (.h5, as Keras writes it) that is cut off', 'model'],
  [followed('\x1c\0\0\0TFL3'), 'a TensorFlow Lite file', 'model'],
  [followed('\x08\x07\x12\x07pytorch'), 'an ONNX file', 'model'],
  [followed('\x08\x01\x12\xff'), 'a TensorFlow SavedModel', 'model'],
  [followed('GGUF\x03'), 'a GGUF file', 'model'],
  ...['\x80\x02}q', '\x80\x05\x95', '}q\x01', '(dp0\nS', 'ccopy_reg\n_reconstructor\n'].map(
    start => [followed(start), 'a pickle file of Python', 'model'] as const,
  ),
  [followed('\0\0\x08\x03\0\0'), 'pictures of an MNIST-like data set (IDX)', 'data'],
  [zip('[Content_Types].xml', 'xl/workbook.xml'), 'a workbook (.xlsx)', 'data'],
  [zip('[Content_Types].xml', 'word/document.xml'), 'a document of Word (.docx)', 'other'],
  [zip('cats/1.jpg'), 'a zip archive', 'packed'],
  [zip('cats/1.jpg').subarray(0, 40), 'a zip archive that is cut off', 'instead'],
  [zip('metadata.json').subarray(0, 43), 'a Keras file (.keras, a zip archive) that is cut off', 'model'],
  [followed('\x1f\x8b\x08'), 'a gzip archive', 'packed'],
  [latin(`${'name'.padEnd(257, '\0')}ustar`), 'a tar archive', 'packed'],
  [followed('\x89PNG\r\n\x1a\n'), 'a PNG picture', 'picture'],
  [followed('\0\0\0\x1cftypavif'), 'an AVIF picture', 'picture'],
  [followed('\0\0\0\x18ftypisom'), 'a video', 'other'],
  [followed('%PDF-1.7'), 'a PDF file', 'other'],
  [followed('\x7fELF'), 'a program', 'other'],
  [
    json({ format: 'layers-model', modelTopology: {} }),
    'a model of TensorFlow.js (JSON, with its weights in files beside it)',
    'model',
  ],
  [json({ tmVersion: '2.4.5', labels: ['a'] }), 'the metadata of a Teachable Machine model (JSON)', 'model'],
  [
    json({ class_name: 'Sequential', config: {} }),
    'the configuration of a Keras model (JSON, without weights)',
    'model',
  ],
  [json({ format: 'fovea-model', layers: [] }), 'the configuration of a model of Fovea (JSON)', 'configuration'],
  [json({ name: 'a', dataset: 'mnist', model: 'mnist-cnn' }), 'a recipe of Fovea (JSON)', 'configuration'],
  [
    utf16(`\uFEFF${JSON.stringify({ name: 'a', dataset: 'm', model: 'm' })}`),
    'a recipe of Fovea (JSON)',
    'configuration',
  ],
  [json({ log_history: [] }), 'a history of training (JSON)', 'text'],
  [json({ metadata: {}, weight_map: {} }), 'the index of a model in several files (JSON)', 'model'],
  [json({ cells: [], nbformat: 4 }), 'a Jupyter notebook', 'other'],
  [json({ message: 'Not Found' }), 'an error message of a server (JSON)', 'other'],
  [json([1, 2]), 'a JSON file', 'text'],
  [utf8('<?xml version="1.0"?><a>'), 'an XML file', 'text'],
  [utf8('<svg xmlns="x">'), 'an SVG drawing', 'picture'],
  [utf16('epoch,loss'), 'text in UTF-16 without a byte order mark', 'text'],
  [utf8('epoch,loss\n0,1'), 'a text file', 'text'],
  [followed('\xee\xee'), undefined],
  [Uint8Array.of(200, 1), undefined],
]

describe('what a file is', () => {
  it.each(kinds.map(([bytes, name, group]) => [name ?? 'unknown', bytes, name, group] as const))(
    '%s',
    (_, bytes, name, group) => {
      const kind = kindOfFile(bytes)
      expect(kind?.name).toBe(name)
      expect(kind?.group).toBe(group)
      // A part of a larger memory says the same.
      const larger = new Uint8Array(bytes.length + 8).fill(1)
      larger.set(bytes, 5)
      expect(kindOfFile(larger.subarray(5, 5 + bytes.length))).toEqual(kind)
    },
  )

  it('texts whose first letters are those of a format stay texts', () => {
    for (const text of [
      'BMI,age\n1,2',
      'BZh,a\n',
      'cost\n1\n2',
      '(description)\n',
      'MATLAB,1'.toLowerCase(),
      'II,1\n',
      '12: Ab',
    ])
      expect(kindOfFile(utf8(text))?.group, text).toBe('text')
  })

  it('whoever came in place of a file has a way to the file', () => {
    for (const [bytes] of kinds) {
      const kind = kindOfFile(bytes)
      if (kind?.group === 'instead' || kind?.group === 'packed') expect(kind.fix, kind.name).toMatch(/\.$/)
    }
  })

  it('bytes of any kind and length are looked at without an error', () => {
    for (const [bytes] of kinds)
      for (let length = 0; length < Math.min(60, bytes.length); length++) kindOfFile(bytes.subarray(0, length))
  })

  it('text that was read already', () => {
    expect(kindOfText('{"log_history": []}').name).toBe('a history of training (JSON)')
    expect(kindOfText('').name).toBe('a text file')
  })
})
