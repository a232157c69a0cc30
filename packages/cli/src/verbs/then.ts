/**
 * `fovea train RUN --then PICTURES`: a run on own pictures gone on with in a new one, with other pictures joined to its own. Classes that the
 * run knows get more pictures and keep what was learned of them, new ones get rows in the head (class-incremental learning). Its pictures
 * stay in their parts; of the new ones the same shares are held out, and copies stay together. The joined set is a table in the new run
 * directory, which its recipe names: so it is a run like any other, and repeats as one.
 */
import path from 'node:path'
import {
  listPictures,
  type NamedFile,
  numberedSet,
  type PictureSet,
  tableOfSet,
} from '@fovea/pictures/internal/picture-set'
import type { JsonRecord } from 'fovea/internal/base/json'
import { percent, shortList } from 'fovea/internal/base/text'
import type { Dataset } from 'fovea/internal/data/dataset'
import { perClass } from 'fovea/internal/data/describe'
import { naturalOrder } from 'fovea/internal/data/folder-names'
import { chosenPictures } from 'fovea/internal/data/parts-of-source'
import type { PictureSource } from 'fovea/internal/data/picture-source'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { modelToConfig } from 'fovea/internal/network/config'
import { withOtherClasses } from 'fovea/internal/network/kept-classes'
import { isUneven } from 'fovea/internal/recipes/own-pictures'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import type { NextRound } from 'fovea/internal/run/next-round'
import { runFiles } from 'fovea/internal/run/run-files'
import { type PartName, partNames, type RunPictures } from 'fovea/internal/run/run-pictures'
import type { Context } from '../command/command.ts'
import { drawnShare, openRunPictures, openSet } from '../command/own-pictures.ts'
import type { ThenDocument } from '../command/own-pictures-documents.ts'
import { begunRun } from '../command/run-folder.ts'
import { readReviewRun } from '../review/review-run.ts'
import { accuracyOn, beginning, changesIn, optimizerFor, picturesText, roundOf } from './again.ts'
import { type SavedModel, savedModel } from './saved-model.ts'

/** What a run takes from the one it goes on from, and what comes to it. */
export interface Then {
  readonly run: string
  readonly saved: SavedModel
  /** Of the run before. */
  readonly recipe: RecipeConfig
  /** Pictures that it was trained on. */
  readonly trained: number
  readonly round: NextRound
  /** The pictures it goes on with, those of the run left out. */
  readonly more: PictureSet
  readonly newClasses: readonly string[]
  /** Where the names of the run's own pictures start. */
  readonly folder: string
}

/** Throws UserError for a run that is none of own pictures, and where there are no pictures to go on with. */
export async function thenFrom(word: string, place: string): Promise<Then> {
  const run = await readReviewRun(nodeFiles, word)
  const saved = await savedModel(word)
  const { recipe } = await begunRun(word)
  const round = await roundOf(run, [])
  const set = await listPictures(place)
  const folder = path.resolve(run.place)
  const listed = path.resolve(set.folder)
  const known = new Set([...filesOf(round.pictures), ...round.setAside.map(({ file }) => file)])
  const isNew = (file: string): boolean => !known.has(relativeTo(folder, path.join(listed, file)))
  const files = set.files.filter(({ file }) => isNew(file))
  const named = new Set(files.map(({ label }) => set.classNames[label]!))
  return {
    run: word,
    saved,
    recipe,
    trained: run.pictures.parts.train?.files.length ?? 0,
    round,
    more: { ...set, folder: listed, files },
    newClasses: set.classNames.filter(name => named.has(name) && !round.pictures.classNames.includes(name)),
    folder,
  }
}

const filesOf = ({ parts }: RunPictures): string[] => partNames.flatMap(part => parts[part]?.files ?? [])

const relativeTo = (folder: string, file: string): string => path.relative(folder, file).split(path.sep).join('/')

/** The joined set, opened, with the recipe for it. `keepIn` writes it down; to be called when the run has begun. */
export async function openThen(
  then: Then,
  runDir: string,
  seed: number | undefined,
  context: Context,
  signal: AbortSignal,
): Promise<{
  readonly recipe: RecipeConfig
  readonly dataset: Dataset<PictureSource>
  /** The names of the pictures that came to those of the run. */
  readonly added: ReadonlySet<string>
  keepIn(): Promise<void>
}> {
  // Its teachers know nothing of new classes, and its augmentation is in the saved network.
  const { teacher: _, augmentation: __, ...before } = then.recipe
  const { saved, trained } = then
  const asked = { ...before, seed: seed ?? before.seed }
  const place = path.resolve(runDir)
  const set = await joinedSet(then, place, asked, context, signal)
  const isTested = before.validation.kind === 'test'
  const hasValidation = set.files.some(({ part }) => part === 'validation')
  const validation: RecipeConfig['validation'] = isTested
    ? before.validation
    : { kind: hasValidation ? 'given' : 'none' }
  const dataset = await openSet(set, { ...asked, validation }, context, signal)
  const recipe: RecipeConfig = {
    ...before,
    name: `${before.name.replace(/-then$/, '').slice(0, 95)}-then`,
    title: `Goes on from ${saved.path} with ${then.more.place}: ${set.classNames.length} classes of own pictures`,
    dataset: { folder: set.place },
    model: modelToConfig(withOtherClasses(saved.model, set.classNames.length)) as unknown as JsonRecord,
    from: { ...beginning(saved, before), keepClasses: true },
    validation,
    optimizer: optimizerFor(before, dataset.train.count, trained),
    ...(isUneven(perClass(dataset.train)) && { classWeights: 'balanced' as const }),
  }
  return {
    recipe,
    dataset,
    added: new Set(then.more.files.map(({ file }) => relativeTo(place, path.join(then.more.folder, file)))),
    keepIn: () => nodeFiles.write(set.place, new TextEncoder().encode(tableOfSet(set))),
  }
}

/** All pictures that can be read, each in its part, named as seen from the run directory. */
async function joinedSet(
  { round, more, folder, run }: Then,
  runDir: string,
  { preprocess, seed }: Pick<RecipeConfig, 'preprocess' | 'seed'>,
  context: Context,
  signal: AbortSignal,
): Promise<PictureSet> {
  const place = path.join(runDir, runFiles.table)
  const old = (file: string): string => relativeTo(runDir, path.join(folder, file))
  const fresh = (file: string): string => relativeTo(runDir, path.join(more.folder, file))
  const has = (part: PartName): boolean => more.files.some(file => file.part === part)
  const shares = {
    validation: has('validation') || round.pictures.parts.validation === undefined ? 0 : drawnShare,
    test: has('test') ? 0 : drawnShare,
  }
  const classNames = [...new Set([...round.pictures.classNames, ...more.classNames])].sort(naturalOrder)
  const label = (name: string | undefined): number => classNames.indexOf(name!)
  const parts = partNames.map(part => {
    const { files = [], labels = [] } = round.pictures.parts[part] ?? {}
    const added = more.files.filter(file => (file.part ?? 'train') === part)
    return [
      part,
      {
        files: [...files.map(old), ...added.map(({ file }) => fresh(file))],
        labels: [
          ...labels.map(number => label(round.pictures.classNames[number])),
          ...added.map(file => label(more.classNames[file.label])),
        ],
      },
    ] as const
  })
  const added = { files: new Set(more.files.map(({ file }) => fresh(file))), shares, seed }
  const joined = { folder: place, classNames, parts: Object.fromEntries(parts) }
  const dataset = await openRunPictures(joined, { preprocess }, context, signal, added)
  const files = partNames.flatMap(part => {
    const { names = [], labels = [] } = dataset[part] ?? {}
    return names.map((file, row): NamedFile => ({ file, className: classNames[labels[row]!]!, part }))
  })
  const unknown = [...(await unknownOf(run)).map(old), ...more.unknown.map(fresh)]
  return { ...numberedSet({ place, folder: runDir, skipped: more.skipped }, files), unknown: [...new Set(unknown)] }
}

/** Pictures beside those of a run that are none of its classes. */
async function unknownOf(run: string): Promise<readonly string[]> {
  const { pictures } = await readReviewRun(nodeFiles, run)
  return (await listPictures(pictures.folder)).unknown
}

/** What comes to the run before, and what is different in it. */
export function thenText({ saved, round, more, newClasses }: Then): string {
  const news = `${picturesText(more.files.length)} of ${more.place}`
  const classes = newClasses.length === 0 ? 'no new class' : `new classes: ${shortList(newClasses)}`
  return `Going on from ${saved.path}: ${[`${news} (${classes})`, ...changesIn(round)].join(', ')}.`
}

/** Both runs on what the run before held out: the classes it knows, asked beside the new ones now. */
export async function compareThen(
  { saved, run, round, more, newClasses }: Then,
  { dataset, added }: { readonly dataset: Dataset<PictureSource>; readonly added: ReadonlySet<string> },
  runDir: string | null,
  threads?: number,
): Promise<ThenDocument['then']> {
  const { relabelled, newlySetAside, missing, pictures } = round
  const differs = {
    ...{ run, pictures: more.place, added: more.files.length, newClasses, relabelled },
    ...{ setAside: newlySetAside, missing: missing.length },
  }
  const part = dataset.test ?? dataset.validation
  const rows = (part?.names ?? []).flatMap((name, row) => (added.has(name) ? [] : [row]))
  if (part === undefined || runDir === null || rows.length === 0) return { ...differs, compared: null }
  const now = chosenPictures(part, Int32Array.from(rows))
  const { classNames } = pictures
  const labels = Int32Array.from(now.labels, label => classNames.indexOf(now.classNames[label]!))
  const compared = {
    pictures: now.count,
    before: await accuracyOn(saved, { ...now, classNames, labels }, threads),
    now: await accuracyOn(await savedModel(runDir), now, threads),
  }
  return { ...differs, compared }
}

/** `On the 72 pictures that runs/a held out: 61.11 % by it, 58.33 % now.` */
export function forgottenText({ run, compared }: ThenDocument['then']): string[] {
  if (compared === null) return []
  const { before, now } = compared
  return [
    `On the ${picturesText(compared.pictures)} that ${run} held out: ${percent(before)} by it, ${percent(now)} now.`,
  ]
}
