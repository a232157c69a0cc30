/**
 * Fovea in browsers: the same as in Node, but that models and data come and go as bytes. Threads are used where the page is
 * cross-origin isolated, else one.
 */

import { createModels } from './api/models.ts'
import type { Host } from './base/host.ts'
import type { OpenPicture } from './base/picture.ts'
import type { Dataset } from './data/dataset.ts'
import { type Openable, type OpenModel, openClassifier } from './explain/open-model.ts'
import { offerDownload } from './host/browser/download.ts'
import { browserHost } from './host/browser/host.ts'
import { consoleOutput } from './host/browser/text-output.ts'
import { wasmDevice } from './predictor.ts'
import type { ChosenFile, FilesDataset, FilesDatasetOptions } from './preprocess/dataset-from-files.ts'
import type { RecipeConfig } from './recipes/recipe.ts'
import type { RunRecipeOptions } from './runner/recipe-job.ts'
import { type RecipeRun, runRecipe as runRecipeOn } from './runner/run-recipe.ts'

export * from './api/vocabulary.ts'
export * from './explain/vocabulary.ts'
export { loadDataset } from './host/browser/datasets.ts'
export { type ClassifyStreamOptions, classifyStream, decodePicture, loadPredictor, wasmDevice } from './predictor.ts'
export type { ChosenFile, FilesDataset, FilesDatasetOptions } from './preprocess/dataset-from-files.ts'

// Marked as pure, here and below: a bundle has only what its page uses.
const host: Host = /* @__PURE__ */ browserHost()

// Loaded with the first picture: a page that gives pixels needs nothing of it.
const openPicture: OpenPicture = async (given, name) =>
  (await import('./host/browser/pictures.ts')).openPicture(given, name)

/**
 * A data set of the files that somebody chose in the page (`<input type="file" webkitdirectory multiple>`), in memory: a folder is a class,
 * decoded by the browser beside the page, made to the size that the model takes; what cannot be read is listed. Folders called
 * `train`, `valid` and `test` are its parts. Throws UserError where no file is a picture of a class.
 */
export async function datasetFromFiles(
  files: Iterable<ChosenFile>,
  options: FilesDatasetOptions,
): Promise<FilesDataset> {
  const { datasetOfChosen } = await import('./preprocess/dataset-from-files.ts')
  const { pictureWorker } = await import('./host/browser/picture-worker.ts')
  const worker = pictureWorker(host, openPicture)
  try {
    return await datasetOfChosen({ ...worker, yieldToEvents: host.yieldToEvents }, files, options)
  } finally {
    await worker.close()
  }
}

const models = /* @__PURE__ */ createModels({
  clock: host,
  device: wasmDevice,
  output: /* @__PURE__ */ consoleOutput(),
  offer: offerDownload,
  openPicture,
})

export const sequential = /* @__PURE__ */ (() => models.sequential)()
export const model = /* @__PURE__ */ (() => models.model)()
export const classifier = /* @__PURE__ */ (() => models.classifier)()
export const loadModel = /* @__PURE__ */ (() => models.loadModel)()
export const transferFrom = /* @__PURE__ */ (() => models.transferFrom)()

/**
 * A classifier opened up as it stands: the value of every layer for a picture, and how a class's score depends on it (`gradCamOf`,
 * `guidedGradient`, `occlusion`, `strongestPatches`, `convolutionByHand`). It has a program of its own: `dispose` it afterwards.
 */
export const openModel = (classifier: Openable): Promise<OpenModel> => openClassifier(classifier, wasmDevice())

/**
 * A recipe from the data to the test accuracy, by default on WebAssembly; it leaves a run directory where `files` and `out` say.
 * Throws UserError when recipe, data set and options do not go together.
 */
export const runRecipe = (
  recipe: RecipeConfig,
  dataset: Dataset,
  options: { readonly [K in keyof RunRecipeOptions]?: RunRecipeOptions[K] | undefined } = {},
): Promise<RecipeRun> =>
  runRecipeOn(recipe, dataset, { ...options, device: options.device ?? wasmDevice(), clock: options.clock ?? host })
