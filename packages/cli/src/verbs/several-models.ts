/**
 * Several saved models asked as one. In: the words of a call, models first. Out: the models and the other words; the models with one order
 * for their classes, by name.
 */
import { classOrder } from 'fovea/internal/base/class-order'
import { UserError } from 'fovea/internal/base/errors'
import { hasPictureEnding } from 'fovea/internal/base/file-kind'
import { formatShape } from 'fovea/internal/base/shape'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { runFiles } from 'fovea/internal/run/run-files'
import type { Context } from '../command/command.ts'
import { isModelName } from '../command/model-file.ts'
import { UsageError } from '../command/usage-error.ts'
import { type SavedModel, savedModel } from './saved-model.ts'

/** The first word is a model whatever it is called; those behind it that are a run, or called like a model, are models too. */
export async function modelsAndPictures(
  words: readonly string[],
): Promise<{ readonly models: readonly string[]; readonly pictures: readonly string[] }> {
  let count = 1
  while (count < words.length && (await isModelWord(words[count]!))) count++
  const pictures = words.slice(count)
  for (const word of pictures) {
    if (!(await isModelWord(word))) continue
    throw new UsageError({
      what: `${word} is a model behind a picture.`,
      expected: 'all models first, then pictures',
      fix: `Write ${word} before ${pictures[0]}.`,
    })
  }
  return { models: words.slice(0, count), pictures }
}

async function isModelWord(word: string): Promise<boolean> {
  if (hasPictureEnding(word)) return false
  const isRun = await nodeFiles.exists(nodeFiles.join(word, runFiles.events)).catch(() => false)
  return isRun || isModelName(word)
}

/** A model, and for every class where it has it. */
export interface Member {
  readonly saved: SavedModel
  readonly places: readonly number[]
}

export interface SeveralModels {
  readonly members: readonly Member[]
  /** In the order of the first one. */
  readonly classNames: readonly string[]
}

/** Throws UserError where a model is named twice, or tells other classes apart than the first. */
export async function severalModels(
  words: readonly string[],
  context: Partial<Pick<Context, 'note'>> = {},
): Promise<SeveralModels> {
  const models: SavedModel[] = []
  for (const word of words) models.push(await savedModel(word, context))
  if (models.length > 1) for (const saved of models) checkMember(saved, models)
  const { classNames, places } = classOrder(models.map(({ path, ...saved }) => ({ name: path, ...saved })))
  return { members: models.map((saved, index) => ({ saved, places: places[index]! })), classNames }
}

function checkMember({ path, model }: SavedModel, models: readonly SavedModel[]): void {
  if (models.filter(other => other.path === path).length > 1)
    throw new UserError({ what: `${path} is named twice.`, fix: 'Name each model once.' })
  const [output] = model.outputs
  if (model.outputs.length === 1 && output!.shape.length === 1) return
  throw new UserError({
    what: `${path} cannot be asked together with others.`,
    expected: 'one output of a number for each class',
    received: model.outputs.map(({ shape }) => formatShape(shape)).join(' and '),
  })
}
