/**
 * Fovea in Node: image classifiers built, trained, asked and saved. Models compute in WebAssembly on all cores; paths are those of
 * the file system.
 */

import { createModels } from './api/models.ts'
import type { Host } from './base/host.ts'
import type { Dataset } from './data/dataset.ts'
import {
  type LoadPredictorOptions,
  loadPredictor as loadPredictorOn,
  type SavedPredictor,
} from './engine/load-predictor.ts'
import type { Float32NdArray } from './engine/pass.ts'
import { type Openable, type OpenModel, openClassifier } from './explain/open-model.ts'
import { nodeFiles } from './host/node/files.ts'
import { nodeHost } from './host/node/host.ts'
import { installedFormats } from './host/node/installed-formats.ts'
import { openPicture } from './host/node/pictures.ts'
import { streamOutput } from './host/node/text-output.ts'
import type { ChosenFile, FilesDataset, FilesDatasetOptions } from './preprocess/dataset-from-files.ts'
import type { RecipeConfig } from './recipes/recipe.ts'
import type { RunRecipeOptions } from './runner/recipe-job.ts'
import { type RecipeRun, runRecipe as runRecipeOn } from './runner/run-recipe.ts'
import type { Device } from './runtime/device.ts'
import './runtime/at-once.ts'
import { wasmDevice as makeWasmDevice } from './runtime/wasm-device.ts'
import { searchModelFormats } from './store/model-formats.ts'
import { openedFile } from './store/opened-file.ts'

export * from './api/vocabulary.ts'
export * from './explain/vocabulary.ts'
export type { LoadDatasetOptions } from './host/node/datasets.ts'
export { datasetNames, loadDataset } from './host/node/datasets.ts'
export { nodeFiles } from './host/node/files.ts'
export { decodePicture, readPicture, writePng } from './host/node/pictures.ts'
export type { ChosenFile, FilesDataset, FilesDatasetOptions } from './preprocess/dataset-from-files.ts'

// Marked as pure, here and below: a bundle has only what its page uses.
const host: Host = /* @__PURE__ */ nodeHost()

/**
 * A data set of files that came with a request or a form, in memory: the folder in a file's name is its class (`cats/1.jpg`), pictures are
 * made to the size that the model takes, what cannot be read is listed. For folders on disk there is `datasetFromFolder` of
 * `@fovea/pictures`. Throws UserError where no file is a picture of a class.
 */
export async function datasetFromFiles(
  files: Iterable<ChosenFile>,
  options: FilesDatasetOptions,
): Promise<FilesDataset> {
  const { datasetOfChosen } = await import('./preprocess/dataset-from-files.ts')
  return datasetOfChosen({ openPicture, yieldToEvents: host.yieldToEvents }, files, options)
}

/** The device that is used unless `compile` is given another: WebAssembly with threads. */
export const wasmDevice = (): Device => makeWasmDevice(host)

const models = /* @__PURE__ */ createModels({
  clock: host,
  device: wasmDevice,
  output: /* @__PURE__ */ streamOutput(process.stdout),
  files: nodeFiles,
  modelFormats: installedFormats,
  openPicture,
})

export const sequential = /* @__PURE__ */ (() => models.sequential)()
export const model = /* @__PURE__ */ (() => models.model)()
export const classifier = /* @__PURE__ */ (() => models.classifier)()
export const loadModel = /* @__PURE__ */ (() => models.loadModel)()
export const transferFrom = /* @__PURE__ */ (() => models.transferFrom)()

/**
 * A saved model to be asked and nothing else: the path of a safetensors file or its bytes. A bundle that only loads and predicts has no
 * training in it. Throws UserError when the file is malformed or holds weights without a model.
 */
export const loadPredictor = <Output = Float32NdArray>(
  source: string | Uint8Array,
  options: LoadPredictorOptions = {},
): Promise<SavedPredictor<Output>> => {
  searchModelFormats(installedFormats)
  const open = (path: string) => openedFile(nodeFiles, path)
  return loadPredictorOn({ clock: host, device: wasmDevice, open, openPicture }, source, options)
}

/**
 * A classifier opened up as it stands: the value of every layer for a picture, and how a class's score depends on it (`gradCamOf`,
 * `guidedGradient`, `occlusion`, `strongestPatches`, `convolutionByHand`). It has a program of its own: `dispose` it afterwards.
 */
export const openModel = (classifier: Openable): Promise<OpenModel> => openClassifier(classifier, wasmDevice())

/**
 * A recipe from the data to the test accuracy, by default on WebAssembly; it leaves a run directory where `out` says. Throws UserError
 * when recipe, data set and options do not go together, and when another run lies there already.
 */
export const runRecipe = (
  recipe: RecipeConfig,
  dataset: Dataset,
  options: { readonly [K in keyof RunRecipeOptions]?: RunRecipeOptions[K] | undefined } = {},
): Promise<RecipeRun> =>
  runRecipeOn(recipe, dataset, {
    ...options,
    device: options.device ?? wasmDevice(),
    clock: options.clock ?? host,
    files: options.files ?? nodeFiles,
  })
