/** Formats of models: each is read as `loadModel` reads it, up to the network and the shapes of its weights. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { modelFormats } from '@fovea/formats'
import { jsonRecordOf } from '@fovea/formats/internal/containers/json-text'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { conv2d } from 'fovea/internal/layers/conv'
import { dense } from 'fovea/internal/layers/dense'
import { flatten } from 'fovea/internal/layers/shaping'
import { modelFromConfig, modelToConfig } from 'fovea/internal/network/config'
import { sequential } from 'fovea/internal/network/sequential'
import { decodeCheckpoint, encodeCheckpoint } from 'fovea/internal/store/checkpoint'
import { encodeModelFile } from 'fovea/internal/store/model-encoder'
import { type ModelFile, matchWeights } from 'fovea/internal/store/model-file'
import { keepFormats, type OpenedFile, openedBytes, readModel } from 'fovea/internal/store/model-formats'
import { openedAmong, openedFile } from 'fovea/internal/store/opened-file'
import { encodeSafetensors } from 'fovea/internal/store/safetensors-encoder'
import { decodeSafetensors } from 'fovea/internal/store/tensor-file'
import { smallClassifier } from '../../packages/formats/src/onnx/onnx-bytes.testing.ts'
import {
  browserFiles,
  keras,
  network as kerasNetwork,
  legacy,
  placed,
  teachable,
} from '../../packages/formats/src/small-files.testing.ts'
import { bytesOf, type FuzzFormat, jsonBytes, limits, textOf } from './format.ts'
import { changedBytes } from './mutate-bytes.ts'
import { changedJson } from './mutate-json.ts'
import { changedMessage, changedSafetensors, changedZip } from './mutate-parts.ts'
import type { Draws } from './random.ts'

keepFormats(modelFormats)

async function read(opened: OpenedFile): Promise<void> {
  const { model, weights } = await readModel({ ...opened, limits })
  if (model) matchWeights(weights, modelFromConfig(model).weights)
}

const ofBytes = (name: string) => (bytes: Uint8Array) => read(openedBytes(bytes, name))
const bytesIn = (bytes: Uint8Array, draws: Draws): Uint8Array => changedBytes(bytes, draws)
const jsonIn = (bytes: Uint8Array, draws: Draws): Uint8Array => bytesOf(changedJson(textOf(bytes), draws))

const network = sequential([
  conv2d({ filters: 2, kernelSize: 3, inputShape: [6, 6, 1], activation: 'relu' }),
  flatten(),
  dense({ units: 2, activation: 'softmax' }),
])
const modelFile: ModelFile = {
  model: JSON.parse(JSON.stringify(modelToConfig(network))),
  weights: network.weights.map(({ name, shape }) => ({
    name,
    shape,
    data: new Float32Array(shape.reduce((product, extent) => product * extent, 1)),
  })),
  classNames: ['a', 'b'],
  preprocess: { shape: [6, 6, 1], channels: 'grey', resize: 'fill' },
}
const checkpoint = encodeCheckpoint({
  file: modelFile,
  states: { 'dense/kernel@momentum': new Float32Array(64) },
  kept: { best: new Float32Array(3) },
  progress: {
    ...{ seed: 7, batchSize: 4, epoch: 1, batch: 2, step: 6, learningRate: 0.01, sums: { loss: 1 }, rows: 8 },
    history: [{ epoch: 1, learningRate: 0.01, seconds: 1, loss: 2 }],
    callbacks: { EarlyStopping: { best: 1 } },
  },
})

function withoutChecksum(): Uint8Array {
  const { metadata, tensors } = decodeSafetensors(checkpoint)
  const { checksum: _, checkpoint: __, ...others } = metadata
  return encodeSafetensors({ metadata: others, tensors })
}

/** A header's text, or the text of one of its metadata, which are JSON in JSON. */
function safetensorsText(text: string, draws: Draws): string {
  if (draws.once(2)) return changedJson(text, draws)
  const header = JSON.parse(text) as { __metadata__?: Record<string, string> }
  const metadata = header.__metadata__ ?? {}
  const name = draws.of(Object.keys(metadata))
  if (name === undefined) return changedJson(text, draws)
  return JSON.stringify({ ...header, __metadata__: { ...metadata, [name]: changedJson(metadata[name]!, draws) } })
}
const tensors = (bytes: Uint8Array, draws: Draws): Uint8Array =>
  changedSafetensors(bytes, draws, text => {
    try {
      return safetensorsText(text, draws)
    } catch {
      return text
    }
  })

const kerasMembers = {
  'metadata.json': jsonBytes({ keras_version: '3.10.0' }),
  'config.json': jsonBytes(kerasNetwork),
  'model.weights.h5': placed,
}

/** What a file of several members is, as one: a record of names and base64. So the fuzzer keeps it like any other. */
const asOne = (files: Readonly<Record<string, Uint8Array>>): Uint8Array =>
  jsonBytes(
    Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')])),
  )
const asFiles = (bytes: Uint8Array): Record<string, Uint8Array> =>
  Object.fromEntries(
    Object.entries(JSON.parse(textOf(bytes)) as Record<string, string>).map(([name, each]) => [
      name,
      Buffer.from(each, 'base64'),
    ]),
  )
const changedFile = (name: string, bytes: Uint8Array, draws: Draws): Uint8Array =>
  name.endsWith('.json') && !draws.once(4) ? jsonIn(bytes, draws) : bytesIn(bytes, draws)
function isFiles(bytes: Uint8Array): boolean {
  try {
    return Object.values(asFiles(bytes)).length > 0
  } catch {
    return false
  }
}
/** Bytes of one member are changed, never those of the record. */
const ofFiles = (main: string): Pick<FuzzFormat, 'change' | 'read'> => ({
  change(bytes, draws) {
    if (!isFiles(bytes)) return bytes
    const files = asFiles(bytes)
    const name = draws.of(Object.keys(files))
    return asOne({ ...files, [name]: changedFile(name, files[name]!, draws) })
  },
  async read(bytes, box) {
    if (!isFiles(bytes)) return
    const files = asFiles(bytes)
    if (!files[main]) return
    await read(await openedAmong(async path => files[path], main))
    // Once more as files in a folder, whose paths may lead out of it.
    const folder = join(box, 'model')
    mkdirSync(folder, { recursive: true })
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
    try {
      await read(await openedFile(nodeFiles, join(folder, main)))
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
})

export const fuzzedModels: readonly FuzzFormat[] = [
  {
    name: 'safetensors',
    seeds: async () => [encodeModelFile(modelFile), encodeModelFile({ weights: modelFile.weights.slice(0, 1) })],
    change: tensors,
    read: ofBytes('model.safetensors'),
  },
  {
    name: 'checkpoint',
    // The second as older versions wrote them: without a checksum, which would stop every changed one at the door.
    seeds: async () => [checkpoint, withoutChecksum()],
    change: tensors,
    read: bytes => decodeCheckpoint(bytes, 'last.ckpt'),
  },
  {
    name: 'configuration',
    seeds: async () => [jsonBytes(modelFile.model)],
    change: jsonIn,
    read: bytes => modelFromConfig(jsonRecordOf(bytes, 'model.json', limits.configuration)),
  },
  {
    name: 'keras',
    seeds: async () => [keras],
    change: (_, draws) => changedZip(kerasMembers, draws, (name, bytes) => changedFile(name, bytes, draws)),
    read: ofBytes('model.keras'),
  },
  { name: 'hdf5', seeds: async () => [legacy, placed], change: bytesIn, read: ofBytes('model.h5') },
  { name: 'tensorflowjs', seeds: async () => [asOne(browserFiles)], ...ofFiles('model.json') },
  {
    name: 'teachable-machine',
    seeds: async () => [teachable],
    change: (_, draws) => changedZip(browserFiles, draws, (name, bytes) => changedFile(name, bytes, draws)),
    read: ofBytes('model.zip'),
  },
  { name: 'onnx', seeds: async () => [smallClassifier()], change: changedMessage, read: ofBytes('model.onnx') },
]
