/**
 * Pictures of the user's own where the command line takes the name of a data set or a recipe: a folder or a table. In: its path. Out: the
 * recipe that suits it, and its data set, decoded with a progress bar; what is wrong with the set is said on the way.
 */
import path from 'node:path'
import { type AddedFiles, datasetOfRun, folderDataset, testPicturesOf } from '@fovea/pictures/internal/folder-dataset'
import type { DecodeProgress } from '@fovea/pictures/internal/own-dataset'
import { listPictures, type PictureSet } from '@fovea/pictures/internal/picture-set'
import type { PixelCacheOptions } from '@fovea/pictures/internal/pixel-cache'
import type { TextOutput } from 'fovea/internal/base/host'
import type { PreprocessSpec } from 'fovea/internal/base/preprocess-spec'
import { grouped } from 'fovea/internal/base/text'
import type { Dataset } from 'fovea/internal/data/dataset'
import { perClass } from 'fovea/internal/data/describe'
import type { PictureSource } from 'fovea/internal/data/picture-source'
import { datasetNames } from 'fovea/internal/host/node/datasets'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { isFile, isFolder } from 'fovea/internal/host/node/paths'
import { type OwnPicturesChoices, ownPicturesRecipe } from 'fovea/internal/recipes/own-pictures'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import { recipes } from 'fovea/internal/recipes/recipes'
import { placesOf } from 'fovea/internal/run/moved-files'
import { runFiles } from 'fovea/internal/run/run-files'
import type { RunPictures } from 'fovea/internal/run/run-pictures'
import { type ReviewRun, readLabelLog, readReviewRun } from '../review/review-run.ts'
import type { Context } from './command.ts'
import { tellPassedOver } from './passed-over.ts'
import { checkAllThere, noteChanged } from './unchanged-pictures.ts'

/** Whether a word is meant as own pictures: a folder that is no run, or a table. A name that is known goes before a folder called so. */
export async function isOwnPictures(word: string): Promise<boolean> {
  if (datasetNames().includes(word) || recipes.some(({ name }) => name === word)) return false
  if (/\.(csv|tsv)$/i.test(word)) return isFile(word)
  return (await isFolder(word)) && !(await nodeFiles.exists(nodeFiles.join(word, runFiles.events)))
}

/** The recipe that suits the pictures of a folder or a table, as far as their names tell. Throws UserError where there are none. */
export async function ownRecipe(place: string, choice: OwnPicturesChoices = {}): Promise<RecipeConfig> {
  return recipeOfSet(place, await listPictures(place), choice)
}

/** Opened pictures, made for what `change` makes of the recipe; with the recipe that suits those that can be read, and why it does. */
export async function ownTraining(
  place: string,
  choice: OwnPicturesChoices & { readonly seed?: number },
  change: (recipe: RecipeConfig) => RecipeConfig,
  context: Context,
  signal: AbortSignal,
): Promise<{ readonly recipe: RecipeConfig; readonly reason: string; readonly dataset: Dataset<PictureSource> }> {
  const { seed, ...asked } = choice
  const set = await listPictures(place)
  const draft = recipeOfSet(place, set, asked)
  const dataset = await openSet(set, { ...change(draft), seed: seed ?? draft.seed }, context, signal)
  const { classNames, train, validation, test } = dataset
  const [size] = draft.preprocess.shape
  // What was drawn of the training pictures counts as such: the recipe decides again whether it is.
  const drawn = validation && !has(set, 'validation') ? perClass(validation) : []
  const chosen = ownPicturesRecipe(
    {
      ...nameAndFolder(place),
      classNames,
      counts: perClass(train).map((count, label) => count + (drawn[label] ?? 0)),
      validation: validation !== undefined && drawn.length === 0,
      test: test?.count ?? 0,
    },
    { ...asked, size },
  )
  return { ...chosen, dataset }
}

function recipeOfSet(place: string, set: PictureSet, choice: OwnPicturesChoices): RecipeConfig {
  const counts = set.classNames.map(() => 0)
  let test = 0
  for (const { label, part } of set.files) {
    if (part === undefined || part === 'train') counts[label]!++
    else test++
  }
  const { classNames } = set
  const validation = has(set, 'validation') && has(set, 'test')
  return ownPicturesRecipe({ ...nameAndFolder(place), classNames, counts, validation, test }, choice).recipe
}

const nameAndFolder = (place: string) => ({ name: nameOf(place), folder: path.resolve(place) })

/** It becomes the name of the recipe, and of the folders of its runs. */
function nameOf(place: string): string {
  const { name } = path.parse(path.resolve(place))
  const plain = name.replace(/[^\p{L}\p{N} ._-]/gu, '-').replace(/^[^\p{L}\p{N}]+/u, '')
  return [...plain].slice(0, 40).join('') || 'pictures'
}

const has = ({ files }: PictureSet, part: string): boolean => files.some(each => each.part === part)

/** The share of each part that the set does not bring. */
export const drawnShare = 0.15

/** The data set of a recipe for own pictures. Parts are those of the set; missing ones are drawn by the recipe's seed. */
export async function openOwnPictures(
  recipe: RecipeConfig,
  context: Context,
  signal: AbortSignal,
): Promise<Dataset<PictureSource>> {
  const { folder } = recipe.dataset as { readonly folder: string }
  return openSet(await listPictures(folder), recipe, context, signal)
}

/** The same of a set that is listed already. */
export async function openSet(
  set: PictureSet,
  { preprocess, validation, seed }: Pick<RecipeConfig, 'preprocess' | 'validation' | 'seed'>,
  context: Context,
  signal: AbortSignal,
): Promise<Dataset<PictureSource>> {
  const [hasValidation, hasTest] = [has(set, 'validation'), has(set, 'test')]
  const isGiven = validation.kind === 'given'
  // Nothing is chosen by a validation part of its own, so what is measured on it holds as a test.
  const isTest = hasValidation && !hasTest && !isGiven
  const shares = {
    validation: isGiven && !hasValidation ? drawnShare : 0,
    test: hasTest || isTest ? 0 : drawnShare,
  }
  const opened = await folderDataset(set, { preprocess, seed, shares, ...decoding(context, signal) })
  // Unread files are among the findings.
  tellPassedOver(context, set.skipped)
  for (const { what, advice } of opened.findings) context.note(`${what} ${advice}`)
  if (!isTest) return opened.dataset
  const { validation: held, ...others } = opened.dataset
  return { ...others, ...(held && { test: held }) }
}

/** The pictures that a run was trained, validated and tested on; undefined where it had none of the user's own. */
export async function picturesOfRun(
  runDir: string,
  { preprocess }: Pick<RecipeConfig, 'preprocess'>,
  context: Context,
  signal: AbortSignal,
): Promise<Dataset<PictureSource> | undefined> {
  const place = nodeFiles.join(runDir, runFiles.pictures)
  if (!(await nodeFiles.exists(place))) return undefined
  const pictures = await asTheyLie(await readReviewRun(nodeFiles, runDir))
  const { dataset, skipped, files } = await datasetOfRun(pictures, { preprocess, ...decoding(context, signal) })
  checkAllThere(runDir, skipped)
  await noteChanged(runDir, files, context)
  return dataset
}

/** The list with every file where a review moved it to. */
async function asTheyLie(run: ReviewRun): Promise<RunPictures> {
  const places = placesOf(await readLabelLog(nodeFiles, run))
  const placeNow = async (file: string): Promise<string> => {
    const known = places(file)
    if (known.length === 1) return known[0]!
    for (const place of known) if (await isFile(path.join(run.place, place))) return place
    return known[0]!
  }
  const parts = Object.entries(run.pictures.parts).map(async ([name, { files, labels }]) => {
    return [name, { files: await Promise.all(files.map(placeNow)), labels }] as const
  })
  return { ...run.pictures, parts: Object.fromEntries(await Promise.all(parts)) }
}

/** The same of a list of its own. */
export async function openRunPictures(
  pictures: RunPictures,
  { preprocess }: Pick<RecipeConfig, 'preprocess'>,
  context: Context,
  signal: AbortSignal,
  added?: AddedFiles,
): Promise<Dataset<PictureSource>> {
  const opened = await datasetOfRun(pictures, { preprocess, ...decoding(context, signal) }, added)
  tellPassedOver(context, opened.skipped)
  return opened.dataset
}

/** The pictures of a folder or a table, to measure a model of these classes on. */
export async function ownTestPictures(
  place: string,
  model: { readonly classNames: readonly string[]; readonly spec: PreprocessSpec },
  context: Context,
  signal: AbortSignal,
): Promise<PictureSource> {
  const options = { preprocess: model.spec, ...decoding(context, signal) }
  const opened = await testPicturesOf(await listPictures(place), model.classNames, options)
  tellPassedOver(context, opened.skipped)
  return opened.pictures
}

const decoding = (context: Context, signal: AbortSignal): PixelCacheOptions => ({
  onProgress: decodeProgress(context.progress),
  signal,
})

/** A line that is drawn again; where lines cannot be, one when all is done. Nothing where the cache had everything. */
function decodeProgress(output: TextOutput): (progress: DecodeProgress) => void {
  let drawn = Number.NEGATIVE_INFINITY
  return ({ done, total, known }) => {
    if (known === done && done === total) return
    const now = performance.now()
    if (done < total && (!output.isTerminal || now - drawn < 100)) return
    drawn = now
    const line = `Decoding pictures: ${grouped(done)} of ${grouped(total)}${known > 0 ? `, ${grouped(known)} of them known` : ''}`
    output.write(output.isTerminal ? `\r\x1b[K${line}${done === total ? '\n' : ''}` : `${line}\n`)
  }
}
