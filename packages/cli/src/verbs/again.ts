/**
 * `fovea train --again RUN`: a run on own pictures gone on with in a new one: from its weights, by its recipe, with its parts, with the
 * labels as they were mended since, without what was set aside, with what is new in the folder.
 */
import { listPictures } from '@fovea/pictures/internal/picture-set'
import { UserError } from 'fovea/internal/base/errors'
import { grouped, percent, shellWord, shortList } from 'fovea/internal/base/text'
import type { Dataset } from 'fovea/internal/data/dataset'
import type { PictureSource } from 'fovea/internal/data/picture-source'
import { labelledPictures } from 'fovea/internal/engine/picture-rows'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { placeOf } from 'fovea/internal/host/node/paths'
import { preparedPictures } from 'fovea/internal/preprocess/prepared-pictures'
import type { Beginning, RecipeConfig, ValidationRule } from 'fovea/internal/recipes/recipe'
import { stretched } from 'fovea/internal/recipes/schedule-changes'
import { labelsAfter } from 'fovea/internal/run/label-log'
import { placesOf } from 'fovea/internal/run/moved-files'
import { type ListedPicture, type NextRound, nextRound } from 'fovea/internal/run/next-round'
import { runFile } from 'fovea/internal/run/run-file'
import { runFiles } from 'fovea/internal/run/run-files'
import { weightsSha256 } from 'fovea/internal/store/weights-hash'
import type { Context } from '../command/command.ts'
import { openRunPictures } from '../command/own-pictures.ts'
import type { AgainDocument } from '../command/own-pictures-documents.ts'
import { begunRun } from '../command/run-folder.ts'
import { type ReviewRun, readLabelLog, readReviewRun } from '../review/review-run.ts'
import { evaluatorOf } from './saved-evaluator.ts'
import { type SavedModel, savedModel } from './saved-model.ts'

/** What a run that goes on from another one takes from it. */
export interface Again {
  /** The run before. */
  readonly run: string
  readonly saved: SavedModel
  readonly recipe: RecipeConfig
  /** Pictures that it was trained on. */
  readonly trained: number
  readonly round: NextRound
  /** To be called when the new run has begun: it goes on knowing what was set aside. */
  keepIn(runDir: string): Promise<void>
}

/** Throws UserError for a run that is none of own pictures, or has nothing left to learn from. */
export async function againFrom(word: string): Promise<Again> {
  const run = await readReviewRun(nodeFiles, word)
  const saved = await savedModel(word)
  const round = await roundOf(run, await listedIn(run.pictures.folder))
  const { parts } = round.pictures
  if (parts.train === undefined)
    throw new UserError({
      what: `No picture of ${word} is left to train on.`,
      received: `${grouped(round.setAside.length)} set aside, ${grouped(round.missing.length)} gone`,
      fix: `use some of them again: fovea review ${shellWord(word)}`,
    })
  const { recipe } = await begunRun(word)
  return {
    run: word,
    saved,
    recipe: { ...recipe, from: beginning(saved, recipe) },
    trained: run.pictures.parts.train?.files.length ?? 0,
    round,
    async keepIn(runDir) {
      const { setAside } = round
      if (setAside.length === 0) return
      const line = { type: 'inherit', setAside, date: new Date().toISOString() } as const
      await runFile(nodeFiles, nodeFiles.join(runDir, runFiles.labels)).add(line as { readonly type: string })
    },
  }
}

/** With all weights of that run, its head too: nothing is trained before the recipe's own epochs. */
export function beginning({ path, weights }: SavedModel, { from }: RecipeConfig): Beginning {
  const { headLearningRate = 0.001, cacheFeatures = false } = from ?? {}
  const own = { model: path, weightsSha256: weightsSha256(weights) }
  return { ...own, headEpochs: 0, headLearningRate, cacheFeatures, keepClasses: false }
}

async function listedIn(folder: string): Promise<ListedPicture[]> {
  const set = await listPictures(folder)
  return set.files.map(({ file, label, part }) => ({ file, className: set.classNames[label]!, part }))
}

/** The pictures of a run as they are now, with those that are listed. */
export async function roundOf(run: ReviewRun, listed: readonly ListedPicture[]): Promise<NextRound> {
  const log = await readLabelLog(nodeFiles, run)
  const there = new Set(listed.map(({ file }) => file))
  const places = placesOf(log)
  for (const { file } of labelsAfter(log, run.pictures)) {
    for (const place of places(file)) {
      if (!there.has(place) && (await placeOf(nodeFiles.join(run.place, place))) === 'file') there.add(place)
    }
  }
  return nextRound(run.pictures, log, listed, place => there.has(place))
}

/** The parts of the new run, and its recipe: that of the run before, its schedule as long as the pictures there are now. */
export async function openAgain(
  { round, recipe, trained }: Again,
  context: Context,
  signal: AbortSignal,
): Promise<{ readonly recipe: RecipeConfig; readonly dataset: Dataset<PictureSource> }> {
  const isTested = recipe.validation.kind === 'test'
  // Of a run validated on its test pictures they are listed twice.
  const { validation: _, ...others } = round.pictures.parts
  const files = isTested ? { ...round.pictures, parts: others } : round.pictures
  const dataset = await openRunPictures(files, recipe, context, signal, {
    files: new Set(round.added),
    shares: { validation: 0, test: 0 },
    seed: 0,
  })
  const validation: ValidationRule = isTested
    ? recipe.validation
    : { kind: dataset.validation === undefined ? 'none' : 'given' }
  return { recipe: { ...recipe, validation, optimizer: optimizerFor(recipe, dataset.train.count, trained) }, dataset }
}

/** A schedule as long as it takes with so many pictures instead of others. */
export function optimizerFor(
  { optimizer, batchSize }: Pick<RecipeConfig, 'optimizer' | 'batchSize'>,
  pictures: number,
  before: number,
): RecipeConfig['optimizer'] {
  const steps = (count: number): number => Math.max(1, Math.ceil(count / batchSize))
  return stretched(optimizer, steps(pictures) / steps(before))
}

const counted = (count: number, what: string): string => `${grouped(count)} ${what}`
export const picturesText = (count: number): string => `${grouped(count)} ${count === 1 ? 'picture' : 'pictures'}`

/** What is different from the run before. */
export function againText({ saved, round }: Again): string {
  const { unknownClasses } = round
  const changes = changesIn(round)
  return [
    `Going on from ${saved.path}: ${changes.length === 0 ? 'no label is changed and no picture is new' : changes.join(', ')}.`,
    ...(unknownClasses.length > 0
      ? [`Left out are the pictures of ${shortList(unknownClasses)}: the run knows no such class; --then adds them.`]
      : []),
  ].join('\n')
}

export function changesIn({ relabelled, newlySetAside, added, missing }: NextRound): string[] {
  return [
    ...(relabelled > 0 ? [counted(relabelled, relabelled === 1 ? 'label mended' : 'labels mended')] : []),
    ...(newlySetAside > 0 ? [`${picturesText(newlySetAside)} set aside`] : []),
    ...(added.length > 0 ? [`${picturesText(added.length)} new (${shortList(added, 3)})`] : []),
    ...(missing.length > 0 ? [`${picturesText(missing.length)} gone (${shortList(missing, 3)})`] : []),
  ]
}

/** Both runs on the same held-out pictures, with their labels as they are now. */
export async function compareWithBefore(
  { saved, run, round }: Again,
  dataset: Dataset<PictureSource>,
  runDir: string | null,
  { threads }: { readonly threads?: number },
): Promise<AgainDocument['again']> {
  const { relabelled, newlySetAside, added, missing } = round
  const differs = { run, relabelled, setAside: newlySetAside, added: added.length, missing: missing.length }
  const heldOut = dataset.test ?? dataset.validation
  if (heldOut === undefined || runDir === null) return { ...differs, compared: null }
  const before = await accuracyOn(saved, heldOut, threads)
  const now = await accuracyOn(await savedModel(runDir), heldOut, threads)
  return { ...differs, compared: { pictures: heldOut.count, before, now } }
}

/** Share of the pictures that a model has right. */
export async function accuracyOn(saved: SavedModel, heldOut: PictureSource, threads?: number): Promise<number> {
  const evaluator = evaluatorOf(saved, threads)
  try {
    const rows = labelledPictures(saved.model, evaluator.targets, preparedPictures(heldOut, saved.spec))
    return (await evaluator.evaluate(rows, { views: saved.recipe?.testViews })).logs['accuracy']!
  } finally {
    await evaluator.dispose()
  }
}

/** `On the same 72 held-out pictures: 61.11 % before, 68.06 % now.` */
export function comparedText({ run, compared }: AgainDocument['again']): string[] {
  if (compared === null) return []
  const { before, now } = compared
  return [`On the same ${picturesText(compared.pictures)} held out: ${percent(before)} by ${run}, ${percent(now)} now.`]
}
