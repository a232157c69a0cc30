/**
 * Fovea in Node: image classifiers built, trained, asked and saved. Models compute in WebAssembly on all cores; paths are those of
 * the file system.
 */
import type { Host } from './base/host.ts'
import { createModels } from './classifier/models.ts'
import { nodeFiles } from './host/node/files.ts'
import { nodeHost } from './host/node/host.ts'
import { streamOutput } from './host/node/text-output.ts'
import type { Device } from './runtime/device.ts'
import { wasmDevice as makeWasmDevice } from './runtime/wasm-device.ts'

export * from './classifier/vocabulary.ts'
export type * from './cli/documents.ts'
export type { Dataset, Split } from './data/dataset.ts'
export { toCategorical } from './data/one-hot.ts'
export { generateShapes } from './data/shapes.ts'
export { splitValidation } from './data/split.ts'
export type { LoadDatasetOptions } from './host/node/datasets.ts'
export { datasetNames, loadDataset } from './host/node/datasets.ts'
export { nodeFiles } from './host/node/files.ts'
export { readPicture } from './host/node/pictures.ts'
export { pictureToInput } from './preprocess/input.ts'
export type { Picture } from './preprocess/picture.ts'
export type { PreprocessSpec } from './preprocess/spec.ts'
export { specOf } from './preprocess/spec.ts'

const host: Host = nodeHost()

/** The device that is used unless `compile` is given another: WebAssembly with threads. */
export const wasmDevice = (): Device => makeWasmDevice(host)

const models = createModels({
  clock: host,
  device: wasmDevice,
  output: streamOutput(process.stdout),
  files: nodeFiles,
})

export const { sequential, model, classifier, loadModel } = models
