import { describe, expect, it } from 'vitest'
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import { readRunFile, readRunLines, runFile, runLine } from '../run/run-file.ts'
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts'
import { memoryFiles } from './memory-files.ts'
import { encodeModelFile } from './model-encoder.ts'
import { decodeModelFile, matchWeights } from './model-file.ts'
import { encodeSafetensors } from './safetensors-encoder.ts'
import { sha256 } from './sha256.ts'
import { decodeSafetensors } from './tensor-file.ts'
import { weightsSha256 } from './weights-hash.ts'

const weights = [
  { name: 'dense/kernel', shape: [2, 1], data: Float32Array.of(1, 2) },
  { name: 'dense/bias', shape: [1], data: Float32Array.of(3) },
]
const file = {
  weights,
  model: { type: 'Sequential', layers: [] },
  preprocess: { shape: [28, 28, 1] },
  classNames: ['zero', 'one'],
}

describe('model file', () => {
  it('keeps weights, configuration, preprocessing and class names', () => {
    expect(decodeModelFile(encodeModelFile(file))).toEqual(file)
  })
  it('reads weights without a configuration', () => {
    expect(decodeModelFile(encodeSafetensors({ metadata: {}, tensors: weights }))).toEqual({ weights })
  })
  it('says when metadata are damaged or of another version', () => {
    const damaged = encodeSafetensors({ metadata: { model: '{' }, tensors: [] })
    expect(() => decodeModelFile(damaged, 'm')).toThrow(/metadata of m are damaged[\s\S]*"model"/)
    const newer = encodeSafetensors({ metadata: { format: 'fovea', version: '2' }, tensors: [] })
    expect(() => decodeModelFile(newer)).toThrow(/version 1[\s\S]*version 2/)
  })
  it('matches weights to a model and lists every difference', () => {
    expect(Object.keys(matchWeights(weights, weights))).toEqual(['dense/kernel', 'dense/bias'])
    const expected = [
      { name: 'dense/kernel', shape: [1, 2] },
      { name: 'out/bias', shape: [1] },
    ]
    expect(() => matchWeights(weights, expected)).toThrow(
      /"dense\/kernel" should have shape \(1, 2\), not \(2, 1\), "out\/bias" \(1,\) is missing, "dense\/bias" \(1,\) is not in the model/,
    )
  })
})

describe('checkpoint', () => {
  const checkpoint = {
    file,
    states: { 'dense/kernel@velocity': Float64Array.of(0.1, 0.2) },
    kept: { 'dense/kernel': Float32Array.of(5, 6) },
    progress: {
      seed: 7,
      batchSize: 32,
      epoch: 2,
      batch: 11,
      step: 40,
      learningRate: 0.001,
      sums: { loss: 12.5, penalty: Number.POSITIVE_INFINITY },
      rows: 352,
      history: [1, 2].map(epoch => ({ epoch, learningRate: 0.01, seconds: 0.5, loss: 0.5, val_loss: Number.NaN })),
      callbacks: { earlyStopping: { wait: 1 } },
    },
  }
  it('keeps everything', () => {
    expect(decodeCheckpoint(encodeCheckpoint(checkpoint))).toEqual(checkpoint)
  })
  const withProgress = (changes: Record<string, unknown>): Uint8Array => {
    const { metadata: whole, tensors } = decodeSafetensors(encodeCheckpoint(checkpoint))
    const { checksum: _, checkpoint: __, ...metadata } = whole
    const progress = { ...JSON.parse(metadata['progress']!), ...changes }
    return encodeSafetensors({ metadata: { ...metadata, progress: JSON.stringify(progress) }, tensors })
  }
  const refused = (changes: Record<string, unknown>): void => {
    expect(() => decodeCheckpoint(withProgress(changes), 'last.ckpt'), JSON.stringify(changes)).toThrow(UserError)
  }
  it('takes no number that training cannot have come to', () => {
    const bad = [null, -1, 0.5, 1e300, 'NaN', '3', true, [], {}]
    for (const name of ['seed', 'batchSize', 'epoch', 'batch', 'step', 'rows']) {
      for (const value of bad) refused({ [name]: value })
      expect(() => decodeCheckpoint(withProgress({ [name]: -1 }))).toThrow(`"${name}" of the progress`)
    }
    for (const value of [null, -0.1, 'NaN', '0.1', 1e300, [], {}]) refused({ learningRate: value })
    refused({ batchSize: 0 })
    refused({ epoch: 1e9 })
  })
  it('takes no history with holes or of other epochs, and no sums that are none', () => {
    const [first, second] = checkpoint.progress.history
    for (const history of [
      null,
      {},
      [null, second],
      [first, null],
      [second, first],
      [first, first],
      [first],
      [{ ...first, epoch: 0 }, second],
    ]) {
      refused({ history })
    }
    for (const change of [
      { learningRate: -1 },
      { seconds: 'NaN' },
      { seconds: undefined },
      { loss: null },
      { loss: '1' },
    ]) {
      refused({ history: [{ ...first, ...change }, second] })
    }
    for (const sums of [null, [], { loss: null }, { loss: '1' }]) refused({ sums })
    for (const callbacks of [null, [], { earlyStopping: null }, { earlyStopping: 3 }]) refused({ callbacks })
    for (const rows of [0, 320, 353]) refused({ rows })
    refused({ step: 10 })
    refused({ another: 1 })
  })
  it('is a model file as well', () => {
    expect(decodeModelFile(encodeCheckpoint(checkpoint))).toEqual(file)
  })
  it('says when a file is a model only', () => {
    expect(() => decodeCheckpoint(encodeModelFile(file), 'best.safetensors')).toThrow(
      /best\.safetensors is not a checkpoint/,
    )
  })
})

describe('run file', () => {
  it('gives back its records and leaves out a cut-off last line', () => {
    const records = [
      { type: 'train-begin', epochs: 3 },
      { type: 'epoch-end', loss: Number.NaN },
    ]
    const text = records.map(runLine).join('')
    expect(readRunLines(`${text}{"type":"epo`)).toEqual([records[0], { type: 'epoch-end', loss: 'NaN' }])
  })
  it('says which line is damaged', () => {
    expect(() => readRunLines('{"type":"a"}\n{oops\n{"type":"b"}\n')).toThrow(/line 2 of run\.jsonl/)
    expect(() => readRunLines('{"kind":"a"}\n')).toThrow(/line 1/)
  })
  it('adds lines in the order of the calls', async () => {
    const files = memoryFiles()
    const append = async (path: string, line: string | Uint8Array): Promise<void> => {
      await new Promise(resolve => setTimeout(resolve, String(line).includes('first') ? 10 : 0))
      await files.append(path, line)
    }
    const run = runFile({ ...files, append }, 'run.jsonl')
    await Promise.all([run.add({ type: 'first' }), run.add({ type: 'second' })])
    expect(await typesIn(files)).toEqual(['first', 'second'])
  })
  it('goes on behind its last whole line where a crash cut one off', async () => {
    const files = memoryFiles()
    await runFile(files, 'run.jsonl').add({ type: 'first' })
    await files.append('run.jsonl', '{"type":"epo')
    const resumed = runFile(files, 'run.jsonl')
    await Promise.all([resumed.add({ type: 'second' }), resumed.add({ type: 'third' })])
    expect(await typesIn(files)).toEqual(['first', 'second', 'third'])
  })
  it('is read and gone on with however another program saved it, with a last line that has no end too', async () => {
    const encodings = [
      (text: string) => new TextEncoder().encode(text),
      (text: string) => new TextEncoder().encode(`\uFEFF${text}`),
      (text: string) => new Uint8Array(Buffer.from(`\uFEFF${text}`, 'utf16le')),
    ]
    for (const encode of encodings) {
      for (const end of ['\n', '\r\n', '\r']) {
        for (const last of [end, '', `${end}{"type":"cu`]) {
          const files = memoryFiles()
          const text = ['{"type":"first","of":"größer"}', '{"type":"second"}'].join(end) + last
          await files.write('run.jsonl', encode(text))
          expect(await typesIn(files)).toEqual(['first', 'second'])
          await runFile(files, 'run.jsonl').add({ type: 'third' })
          expect(await typesIn(files)).toEqual(['first', 'second', 'third'])
        }
      }
    }
  })
  it('cut off within a character, it loses that line alone; of other bytes it says that they are no text', async () => {
    const whole = new TextEncoder().encode('{"type":"first"}\n{"type":"ä')
    expect(readRunFile(whole.subarray(0, -1), 'run.jsonl')).toEqual([{ type: 'first' }])
    expect(() => readRunFile(Uint8Array.of(0x7b, 0xff, 0x0a), 'run.jsonl')).toThrow(/run.jsonl is not a text file/)
  })
  const typesIn = async (files: Files): Promise<string[]> =>
    readRunFile(await files.read('run.jsonl'), 'run.jsonl').map(record => record.type)
})

describe('sha256', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('of the published examples', (text, expected) => {
    const bytes = new TextEncoder().encode(text)
    expect(sha256(bytes)).toBe(expected)
    const cut = Math.floor(bytes.length / 3)
    expect(sha256([bytes.subarray(0, cut), bytes.subarray(cut)])).toBe(expected)
  })
  it('of weights: their little-endian bytes in order', () => {
    expect(weightsSha256([{ data: Float32Array.of(1) }, { data: Float32Array.of(-2) }])).toBe(
      sha256(Uint8Array.of(0, 0, 128, 63, 0, 0, 0, 192)),
    )
  })
})
