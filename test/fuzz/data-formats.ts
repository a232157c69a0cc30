/** Formats of data sets and pictures, and the files of a run directory. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { decodePicture } from '@fovea/pictures/internal/pictures'
import { readIndex } from '@fovea/pictures/internal/pixel-index'
import { readCsv } from 'fovea/internal/base/csv'
import { parseJson } from 'fovea/internal/base/strict-json'
import { textOf as textFile } from 'fovea/internal/base/text-file'
import { cifarRowsOfPickle, readCifarBatch } from 'fovea/internal/data/cifar'
import { parseIdxLabels, parseIdxPictures } from 'fovea/internal/data/idx'
import { idxOfNpy } from 'fovea/internal/data/npy'
import { curvesOfRun, historyOfText } from 'fovea/internal/diagnosis/history-files'
import { readArchive, readUnpacked } from 'fovea/internal/host/node/unpack'
import { zipMember } from 'fovea/internal/host/node/zip'
import { recipeFromJson } from 'fovea/internal/recipes/recipe-json'
import { recipes } from 'fovea/internal/recipes/recipes'
import { labelLines, labelsAfter } from 'fovea/internal/run/label-log'
import { movesBack, movesToLabels } from 'fovea/internal/run/moved-files'
import { reportFromJson } from 'fovea/internal/run/report-json'
import { decodeEmbeddings, encodeEmbeddings } from 'fovea/internal/run/run-embeddings'
import { readRunFile } from 'fovea/internal/run/run-file'
import { beginningOf } from 'fovea/internal/run/run-log'
import { decodeRunPictures } from 'fovea/internal/run/run-pictures'
import { decodeSamples } from 'fovea/internal/run/samples'
import { decodeTestFile } from 'fovea/internal/run/test-file'
import { encodeSafetensors } from 'fovea/internal/store/safetensors-encoder'
import sharp from 'sharp'
import { sweepDocument } from '../../packages/cli/src/sweep/document.ts'
import { stateOf } from '../../packages/cli/src/sweep/journal.ts'
import { heldOutRecipe, planLine } from '../../packages/cli/src/sweep/plan.ts'
import { dimensionOf } from '../../packages/cli/src/sweep/space.ts'
import { sweepText } from '../../packages/cli/src/terminal/sweep-text.ts'
import { npy, pickledBatch, zipped } from '../../packages/fovea/src/host/node/pickled.testing.ts'
import { bytesOf, type FuzzFormat, jsonBytes, textOf } from './format.ts'
import { changedBytes, joined } from './mutate-bytes.ts'
import { changedJson } from './mutate-json.ts'
import { changedJpeg, changedPng, changedSafetensors, changedTar, changedZip } from './mutate-parts.ts'
import type { Draws } from './random.ts'
import { tarMember } from './tar-file.ts'

const numbers = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, at) => (at * 77) % 256)
const jsonIn = (bytes: Uint8Array, draws: Draws): Uint8Array => bytesOf(changedJson(textOf(bytes), draws))
const tensors = (bytes: Uint8Array, draws: Draws): Uint8Array =>
  changedSafetensors(bytes, draws, text => changedJson(text, draws))

const idxPictures = joined(Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 4), numbers(32))
const idxLabels = joined(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2), Uint8Array.of(1, 2))
const cifarRows = joined(...[3, 7].map(label => joined(Uint8Array.of(label), numbers(3072))))
const batch = { rows: 2, labelBytes: 1, classes: 10 }
const readBatch = (bytes: Uint8Array, name: string): void =>
  readCifarBatch(bytes, name, batch, new Uint8Array(2 * 3072), new Uint8Array(2), 0)

/** Reads a file in the box: most readers of archives take a path. */
async function inFile(bytes: Uint8Array, box: string, read: (path: string) => Promise<unknown>): Promise<void> {
  const path = join(box, 'file')
  writeFileSync(path, bytes)
  try {
    await read(path)
  } finally {
    rmSync(path)
  }
}

const tar = joined(
  tarMember('cifar/batches.meta.txt', bytesOf('airplane\n')),
  tarMember('cifar/data_batch_1.bin', cifarRows),
  new Uint8Array(1024),
)

const arrays = { 'x_train.npy': npy([2, 4, 4], numbers(32)), 'y_train.npy': npy([2], Uint8Array.of(1, 2)) }

/** Instructions of a pickle left out, doubled and put elsewhere: those without operands are one byte. */
function changedPickle(bytes: Uint8Array, draws: Draws): Uint8Array {
  const code = draws.of([...'(0N\x88\x89]})aesubtRl.\x85\x86\x87\x93\x94'].map(sign => sign.charCodeAt(0)))
  const at = draws.below(Math.min(bytes.length, 200))
  const more = draws.of([
    Uint8Array.of(code),
    bytesOf('cos\nsystem\n'),
    Uint8Array.of(0x68, draws.below(8)),
    Uint8Array.of(0x71, draws.below(8)),
    Uint8Array.of(0x8c, 4, 0x65, 0x76, 0x61, 0x6c),
    new Uint8Array(draws.of([10, 2000])).fill(code),
  ])
  return joined(bytes.subarray(0, at), more, bytes.subarray(draws.once(2) ? at : at + 1))
}

function changedText(bytes: Uint8Array, draws: Draws): Uint8Array {
  const text = textOf(bytes)
  const at = draws.below(text.length + 1)
  const more = draws.of([
    ',',
    '"',
    '\n',
    '\r',
    ';',
    '""',
    'NaN',
    '1e999',
    '\0',
    '__proto__',
    ' '.repeat(3000),
    '"'.repeat(999),
    'é',
    '=1+1',
  ])
  return draws.once(3)
    ? jsonIn(bytes, draws)
    : bytesOf(text.slice(0, at) + more + text.slice(draws.once(2) ? at : at + 3))
}

/** JSON a line: one of the lines is changed. */
function changedLines(bytes: Uint8Array, draws: Draws): Uint8Array {
  const lines = textOf(bytes).split('\n')
  const at = draws.below(lines.length)
  return bytesOf(lines.with(at, changedJson(lines[at]!, draws)).join('\n'))
}

const runLines = [
  { type: 'run', recipe: JSON.parse(JSON.stringify(recipes[0])), date: '2026-01-01T00:00:00Z' },
  { type: 'epoch-end', epoch: 1, logs: { loss: 1, accuracy: 0.5, val_loss: 1.1 } },
  { type: 'epoch-end', epoch: 2, logs: { loss: 'NaN', accuracy: 0.6, val_loss: 1.2 } },
]
const labelLog = [
  { type: 'relabel', files: ['a/1.png'], from: ['a'], to: 'b', date: 'x' },
  { type: 'set-aside', files: ['b/2.png'], date: 'x' },
  { type: 'move', file: 'a/1.png', to: 'b/1.png', date: 'x' },
  { type: 'undo', date: 'x' },
]
const pictures = {
  ...{ folder: 'pictures', classNames: ['a', 'b'] },
  parts: { train: { files: ['a/1.png', 'b/2.png'], labels: [0, 1] }, test: { files: ['a/3.png'], labels: [0] } },
}
const epoch = { epoch: 1, loss: 1, accuracy: 0.5, valLoss: 1, valAccuracy: 0.5, learningRate: 0.1, seconds: 1 }
const result = {
  ...{ recipe: 'mnist-mlp', dataset: 'mnist', seed: 1, threads: 1, epochs: 1, params: 10, history: [epoch] },
  ...{ best: { epoch: 1, valLoss: 1 }, test: { loss: 1, accuracy: 0.5 }, seconds: 1, compileSeconds: 1, msPerStep: 1 },
  ...{ peakBytes: 1, weightsSha256: 'a', runDir: null },
}
const piece = { trial: 0, rung: 0, worker: 'host 1-a word', time: 1 }
const journal = [
  planLine({
    ...{
      recipe: heldOutRecipe(recipes[0]!, 60_000),
      seed: 1,
      trials: 9,
      rungs: 3,
      limit: null,
      minutes: 2,
      trainsWinner: true,
    },
    dimensions: ['learningRate=1e-4..1e-2', 'momentum=lin:0..0.9'].map(each => dimensionOf(each, recipes[0]!)),
  }),
  { type: 'claim', ...piece },
  { type: 'alive', worker: piece.worker, time: 2 },
  ...[0, 1].map(trial => ({
    ...{ type: 'done', ...piece, trial, seconds: 3 },
    result: { value: 0.5, epochs: 3, curve: [{ epoch: 1, loss: 2, valLoss: 1, valAccuracy: 0.5 }] },
  })),
  { type: 'release', ...piece },
  { type: 'done', ...piece, rung: -1, report: result },
]
const index = {
  ...{ version: 2, pixels: '1.pixels', rows: 1 },
  files: [{ name: 'a/1.png', size: 1, time: 1, sha256: 'x', width: 1, height: 1, isGrey: false, row: 0 }],
}
const lines = (list: readonly object[]): Uint8Array => bytesOf(list.map(each => `${JSON.stringify(each)}\n`).join(''))
const run = decodeRunPictures(jsonBytes(pictures), 'pictures.json')

/** A plain picture by whoever writes the format. */
const drawn = () => sharp(Buffer.from(numbers(20 * 12 * 3)), { raw: { width: 20, height: 12, channels: 3 } })
const picture = (bytes: Uint8Array): Promise<unknown> => decodePicture(bytes, 'picture')
const pictureFormat = (
  name: string,
  encode: (file: ReturnType<typeof drawn>) => ReturnType<typeof drawn>,
  change = changedBytes,
): FuzzFormat => ({
  name,
  seeds: async () => [new Uint8Array(await encode(drawn()).toBuffer())],
  change,
  read: picture,
})

function bmp(): Uint8Array {
  const header = new DataView(new ArrayBuffer(54))
  header.setUint16(0, 0x424d)
  for (const [at, value] of [
    [2, 54 + 16 * 4],
    [10, 54],
    [14, 40],
    [18, 4],
    [22, 4],
  ] as const)
    header.setUint32(at, value, true)
  header.setUint16(26, 1, true)
  header.setUint16(28, 32, true)
  return joined(new Uint8Array(header.buffer), numbers(64))
}

export const fuzzedData: readonly FuzzFormat[] = [
  {
    name: 'idx',
    seeds: async () => [idxPictures, idxLabels],
    change: changedBytes,
    read: bytes => (bytes[3] === 1 ? parseIdxLabels(bytes, 'labels', 10) : parseIdxPictures(bytes, 'pictures')),
  },
  {
    name: 'gzip',
    seeds: async () => [new Uint8Array(gzipSync(idxPictures)), new Uint8Array(gzipSync(new Uint8Array(1 << 20)))],
    change: changedBytes,
    read: (bytes, box) => inFile(bytes, box, path => readUnpacked(path, 2 << 20)),
  },
  { name: 'cifar', seeds: async () => [cifarRows], change: changedBytes, read: bytes => readBatch(bytes, 'batch') },
  {
    name: 'tar',
    seeds: async () => [tar, new Uint8Array(gzipSync(tar))],
    change: (bytes, draws) =>
      bytes[0] === 0x1f ? new Uint8Array(gzipSync(changedTar(tar, draws), { level: 1 })) : changedTar(bytes, draws),
    read: (bytes, box) =>
      inFile(bytes, box, path =>
        readArchive(
          path,
          name => (name === 'data_batch_1.bin' ? cifarRows.length : undefined),
          (name, each) => readBatch(each, name),
        ),
      ),
  },
  {
    name: 'npy',
    seeds: async () => Object.values(arrays),
    change: changedBytes,
    read: bytes => idxOfNpy(bytes, 'x.npy'),
  },
  {
    name: 'npz',
    seeds: async () => [zipped(Object.entries(arrays)), zipped(Object.entries(arrays), { deflate: true })],
    change: (_, draws) => changedZip(arrays, draws, (_, bytes) => changedBytes(bytes, draws)),
    read: async bytes => idxOfNpy(await zipMember(bytes, 'x_train.npy', 4096, 'mnist.npz'), 'x_train.npy'),
  },
  {
    name: 'pickle',
    seeds: async () => [pickledBatch(cifarRows, ['labels']), pickledBatch(cifarRows, ['labels'], true)],
    change: changedPickle,
    read: bytes => readBatch(cifarRowsOfPickle(bytes, 'data_batch_1', ['labels']), 'data_batch_1'),
  },
  pictureFormat('png', file => file.png(), changedPng),
  pictureFormat('jpeg', file => file.jpeg(), changedJpeg),
  pictureFormat('webp', file => file.webp()),
  pictureFormat('gif', file => file.gif()),
  pictureFormat('tiff', file => file.tiff()),
  pictureFormat('avif', file => file.avif({ effort: 0 })),
  { name: 'bmp', seeds: async () => [bmp()], change: changedBytes, read: picture },
  {
    name: 'csv',
    seeds: async () => [bytesOf('file,label\na/1.png,a\n"b/2,.png","b ""x"""\n')],
    change: changedText,
    read: bytes => readCsv(textFile(bytes, 'table.csv'), 'table.csv'),
  },
  {
    name: 'history',
    seeds: async () => [
      bytesOf('epoch,loss,val_loss\n1,1.5,1.7\n2,1.2,NaN\n'),
      jsonBytes({
        log_history: [
          { loss: 1, epoch: 1 },
          { eval_loss: 2, epoch: 2 },
        ],
      }),
      jsonBytes({ loss: [1, 2], val_loss: { 0: 1, 1: 2 } }),
      jsonBytes({ columns: ['loss'], data: [[1], [2]] }),
    ],
    change: changedText,
    read: bytes => historyOfText(textFile(bytes, 'history'), 'history'),
  },
  {
    name: 'recipe',
    seeds: async () => [jsonBytes(recipes[0]), jsonBytes(recipes.at(-1))],
    change: jsonIn,
    read: bytes => recipeFromJson(strict(bytes)),
  },
  {
    name: 'run',
    seeds: async () => [lines(runLines)],
    change: changedLines,
    read(bytes) {
      const records = readRunFile(bytes, 'run.jsonl')
      beginningOf(records, 'run.jsonl')
      return curvesOfRun(records, 'run.jsonl')
    },
  },
  {
    name: 'result',
    seeds: async () => [jsonBytes(result)],
    change: jsonIn,
    read: bytes => reportFromJson(textFile(bytes, 'r'), 'r'),
  },
  {
    name: 'sweep-journal',
    seeds: async () => [lines(journal)],
    change: changedLines,
    read(bytes) {
      const state = stateOf(textFile(bytes, 'journal.jsonl'), 'journal.jsonl')
      return (
        state.plan && sweepText(sweepDocument(state.plan, state, { folder: 'sweep', winnerFolder: 'sweep/winner' }))
      )
    },
  },
  {
    name: 'run-pictures',
    seeds: async () => [jsonBytes(pictures)],
    change: jsonIn,
    read: bytes => decodeRunPictures(bytes, 'pictures.json'),
  },
  {
    name: 'labels',
    seeds: async () => [lines(labelLog)],
    change: changedLines,
    async read(bytes, box) {
      const log = labelLines(readRunFile(bytes, 'labels.jsonl'), 'labels.jsonl')
      const exists = async (): Promise<boolean> => false
      const there = async (place: string): Promise<boolean> => !place.includes('(')
      const plans = [
        await movesBack(log, there),
        await movesToLabels(labelsAfter(log, run), log, run.classNames, there),
      ]
      await movesBack(log, exists)
      for (const { from, to } of plans.flatMap(({ moves }) => moves))
        for (const place of [from, to])
          if (!join(box, place).startsWith(box)) throw new Error(`a file is moved out of the folder: ${place}`)
    },
  },
  {
    name: 'run-tensors',
    seeds: async () => [samples(), tested(), embedded()],
    change: tensors,
    read(bytes) {
      const text = textOf(bytes.subarray(8, 4096))
      if (text.includes('testCount')) return decodeSamples(bytes, 'samples')
      return text.includes('thumbnail') ? decodeEmbeddings(bytes, 'embeddings', run) : decodeTestFile(bytes, 'test')
    },
  },
  {
    name: 'pixel-index',
    seeds: async () => [jsonBytes(index)],
    change: jsonIn,
    async read(bytes, box) {
      const home = join(box, 'cache')
      mkdirSync(home, { recursive: true })
      writeFileSync(join(home, 'index.json'), bytes)
      const read = await readIndex(home)
      if (read && !join(home, read.pixels).startsWith(home)) throw new Error(`pixels are read from ${read.pixels}`)
    },
  },
]

const strict = (bytes: Uint8Array): unknown => {
  try {
    return parseJson(textFile(bytes, 'recipe.json'))
  } catch {
    return undefined
  }
}

const stack = (name: string, count: number) => ({ name, shape: [count, 4, 4, 1], data: numbers(16 * count) })
const whole = (name: string, list: readonly number[]) => ({ name, shape: [list.length], data: Int32Array.from(list) })
const samples = () =>
  encodeSafetensors({
    metadata: { testCount: '3' },
    tensors: [
      stack('first', 2),
      whole('firstLabels', [0, 1]),
      stack('drawn', 1),
      whole('drawnIndices', [2]),
      stack('pixels', 1),
    ],
  })
const tested = () =>
  encodeSafetensors({
    metadata: {},
    tensors: [
      { name: 'predictions', shape: [2, 2], data: Float32Array.of(0.1, 0.9, 0.8, 0.2) },
      ...[whole('labels', [0, 1]), stack('pictures', 1), whole('pictureIndices', [1])],
      ...[stack('mistakePictures', 1), whole('mistakeIndices', [0])],
    ],
  })
const embedded = () =>
  encodeEmbeddings(
    {
      ...{ count: 3, seen: 2, suggested: [0, 1, 0] },
      probabilities: Float32Array.of(0.1, 0.9, 0.8, 0.2, 0.5, 0.5),
      features: Float32Array.of(1, 2, 3, 4, 5, 6),
      support: Float32Array.of(1, 0, 1),
    },
    { name: 'thumbnails', shape: [1, 4, 4, 3], data: numbers(48) },
    Int32Array.of(1),
  )
