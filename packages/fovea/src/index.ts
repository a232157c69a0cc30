/**
 * Fovea in Node: image classifiers built, trained, asked and saved. Models compute in WebAssembly on all cores; paths are those of
 * the file system.
 */

import { createModels } from './api/models.ts'
import type { Host } from './base/host.ts'
import type { Dataset } from './data/dataset.ts'
import { type Openable, type OpenModel, openClassifier } from './explain/open-model.ts'
import { nodeFiles } from './host/node/files.ts'
import { nodeHost } from './host/node/host.ts'
import { streamOutput } from './host/node/text-output.ts'
import type { RecipeConfig } from './recipes/recipe.ts'
import { type RecipeRun, type RunRecipeOptions, runRecipe as runRecipeOn } from './runner/run-recipe.ts'
import type { Device } from './runtime/device.ts'
import { wasmDevice as makeWasmDevice } from './runtime/wasm-device.ts'

export * from './api/vocabulary.ts'
export type { Dataset, LoadedDataset, Split } from './data/dataset.ts'
export { pictureOf, takeFirst } from './data/dataset.ts'
export type { DatasetChoice } from './data/dataset-choice.ts'
export type { GeneratedPictures } from './data/generated-source.ts'
export { generatedSource } from './data/generated-source.ts'
export type { MemoryPictures, MemorySource } from './data/memory-source.ts'
export { memorySource } from './data/memory-source.ts'
export { toCategorical } from './data/one-hot.ts'
export type { PictureShape, PictureSource } from './data/picture-source.ts'
export { generateShapes } from './data/shapes.ts'
export { splitValidation } from './data/split.ts'
export * from './explain/vocabulary.ts'
export type { LoadDatasetOptions } from './host/node/datasets.ts'
export { datasetNames, loadDataset } from './host/node/datasets.ts'
export { nodeFiles } from './host/node/files.ts'
export { pictureToInput } from './preprocess/input.ts'
export type { Picture } from './preprocess/picture.ts'
export type { PreprocessSpec } from './preprocess/spec.ts'
export { parseSpec, specOf } from './preprocess/spec.ts'

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

/**
 * A classifier opened up as it stands: the value of every layer for a picture, and how a class's score depends on it (`gradCamOf`,
 * `guidedGradient`, `occlusion`, `strongestPatches`, `convolutionByHand`). It has a program of its own: `dispose` it afterwards.
 */
export const openModel = (classifier: Openable): Promise<OpenModel> => openClassifier(classifier, wasmDevice())

/**
 * A recipe from the data to the test accuracy, by default on WebAssembly; it leaves a run directory where `runDir` says. Throws UserError
 * when recipe, data set and options do not go together, and when another run lies there already.
 */
export const runRecipe = (
  recipe: RecipeConfig,
  dataset: Dataset,
  options: Partial<RunRecipeOptions> = {},
): Promise<RecipeRun> =>
  runRecipeOn(recipe, dataset, { device: wasmDevice(), clock: host, files: nodeFiles, ...options })
