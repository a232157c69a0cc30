/** Commands to go on with: each is suggested only where it finds what it needs. */

import { join } from 'node:path'
import { nameOfDataset } from 'fovea/internal/base/dataset-choice'
import { shellWord } from 'fovea/internal/base/text'
import { datasetNames } from 'fovea/internal/host/node/datasets'
import { nodeFiles } from 'fovea/internal/host/node/files'
import type { Model } from 'fovea/internal/network/model'
import { runFiles } from 'fovea/internal/run/run-files'
import { type DataChoice, dataWords } from './dataset-options.ts'
import { recipeOf } from './recipe-options.ts'
import { begunRun } from './run-folder.ts'

/** After a look at a run. Its model can be evaluated here if its data set is one that the command line can open. */
export async function nextForRun(folder: string): Promise<string> {
  const begun = await begunRun(folder).catch(() => undefined)
  const saved = [runFiles.best, runFiles.model, runFiles.checkpoint].map(name => nodeFiles.exists(join(folder, name)))
  if (begun === undefined || !(await Promise.all(saved)).includes(true)) return 'recipes'
  return nextForTrained(folder, nameOfDataset(begun.recipe.dataset))
}

/** After training on this data set; own data are known only to the program that brought them. */
export function nextForTrained(folder: string, dataset: string, values: DataChoice = {}): string {
  const run = shellWord(folder)
  return datasetNames().includes(dataset) ? `evaluate ${run}${dataWords(values)}` : `report ${run}`
}

/** After a look at a model in a file or a run directory. A configuration can be trained if it is one of a recipe. */
export async function nextForModel(word: string, model: Model): Promise<string> {
  if (word.endsWith('.json')) {
    const isRecipe = await recipeOf(word).then(
      () => true,
      () => false,
    )
    return isRecipe ? `train ${shellWord(word)}` : 'recipes'
  }
  const [input, ...others] = model.inputs
  const takesPictures = others.length === 0 && input!.shape.length === 3 && [1, 3].includes(input!.shape[2]!)
  return takesPictures ? `predict ${shellWord(word)} your-picture.png` : 'recipes'
}
