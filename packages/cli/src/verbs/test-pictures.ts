/** What a saved model is measured on: the test part of the data set it was trained on, of another one, or pictures of the user's own. */
import { dirname } from 'node:path'
import { UserError } from 'fovea/internal/base/errors'
import { shortList } from 'fovea/internal/base/text'
import { type Dataset, testPart } from 'fovea/internal/data/dataset'
import type { PictureSource } from 'fovea/internal/data/picture-source'
import { datasetNames } from 'fovea/internal/host/node/datasets'
import { preparedPictures } from 'fovea/internal/preprocess/prepared-pictures'
import type { Context } from '../command/command.ts'
import { type DataChoice, openDataset } from '../command/dataset-options.ts'
import { isOwnPictures, ownTestPictures, picturesOfRun } from '../command/own-pictures.ts'
import type { SavedModel } from './saved-model.ts'

export interface TestPictures {
  /** Of the data set, or the path of the folder. */
  readonly name: string
  readonly pictures: PictureSource
}

/** `named`: a data set, a folder or a table; where nothing is named, what the model was trained on. Throws UserError where it says nothing. */
export async function testPictures(
  saved: SavedModel,
  named: string | undefined,
  values: DataChoice,
  context: Context,
  signal: AbortSignal,
): Promise<TestPictures> {
  const choice = named ?? saved.recipe?.dataset
  if (choice === undefined) throw nothingNamed(saved)
  if (typeof choice === 'string') {
    if (await isOwnPictures(choice))
      return { name: choice, pictures: await ownTestPictures(choice, saved, context, signal) }
    const dataset = await openDataset(choice, values, context, signal)
    checkClasses(saved, dataset)
    return { name: choice, pictures: preparedPictures(testPart(dataset), saved.spec) }
  }
  const dataset = await picturesOfRun(dirname(saved.path), { preprocess: saved.spec }, context, signal)
  const pictures = dataset?.test ?? dataset?.validation
  if (pictures) return { name: choice.folder, pictures }
  throw new UserError({
    what: `${saved.path} does not lie in its run directory, which knows the pictures it was not trained on.`,
    expected: 'a run directory, or --dataset',
    fix: 'Name the run directory, or a folder of pictures it has not seen: --dataset DIR.',
  })
}

function nothingNamed({ path }: SavedModel): UserError {
  return new UserError({
    what: `${path} does not say what it was trained on.`,
    expected: `--dataset with one of ${datasetNames().join(', ')}, or a folder of pictures`,
    fix: 'Name the one with its classes; arrays of your own are measured in a program: await model.evaluate(source).',
  })
}

/** Labels of other classes under the same numbers would give a figure without meaning. */
function checkClasses({ path, classNames, classesNamed }: SavedModel, dataset: Dataset): void {
  const same = classNames.every((name, index) => !classesNamed || name === dataset.classNames[index])
  if (same && classNames.length === dataset.classNames.length) return
  throw new UserError({
    what: `${path} tells other classes apart than those of ${dataset.name}.`,
    expected: `${classNames.length} classes: ${shortList(classNames)}`,
    received: `${dataset.classNames.length} classes: ${shortList(dataset.classNames)}`,
    fix: 'Evaluate it on the data set it was trained on: leave --dataset out.',
  })
}
