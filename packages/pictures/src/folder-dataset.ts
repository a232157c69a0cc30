/**
 * A data set from own pictures. In: a listed set, or the files of a run. Out: parts to train, validate and test on, whose pictures are
 * read from the pixel cache, each with the name of its file; and what cannot be read. A part that the set does not bring is drawn by
 * seed, of every class the same share.
 */
import path from 'node:path'
import { UserError } from 'fovea/internal/base/errors'
import type { PreprocessSpec } from 'fovea/internal/base/preprocess-spec'
import { fold, keyOf, permutation } from 'fovea/internal/base/random'
import { shortList } from 'fovea/internal/base/text'
import type { Dataset } from 'fovea/internal/data/dataset'
import { groupedSplit } from 'fovea/internal/data/grouped-split'
import type { PictureSource } from 'fovea/internal/data/picture-source'
import { isFolder } from 'fovea/internal/host/node/paths'
import { type PartName, partNames, type RunPictures } from 'fovea/internal/run/run-pictures'
import { duplicateGroups } from './near-duplicates.ts'
import type { CopiedPicture, SetFinding } from './own-dataset.ts'
import type { SkippedEntry } from './picture-folder.ts'
import type { PictureSet } from './picture-set.ts'
import { signatureBytes } from './picture-signature.ts'
import { type ChosenPicture, type PixelCache, type PixelCacheOptions, pixelCache } from './pixel-cache.ts'
import type { CachedFile } from './pixel-index.ts'
import { setFindings } from './set-findings.ts'

export interface FolderDatasetOptions extends PixelCacheOptions {
  /** How the pictures become those of the model. */
  readonly preprocess: PreprocessSpec
  /** Of the split and of the order of the training pictures. */
  readonly seed: number
  /** Which parts are drawn where the set has none of its own, as shares of all its pictures without a part. */
  readonly shares: { readonly validation: number; readonly test: number }
}

/** A data set with what could not be read, and what its pictures are to each other. */
export interface FolderDataset {
  readonly dataset: Dataset<PictureSource>
  readonly skipped: readonly SkippedEntry[]
  readonly copies: readonly CopiedPicture[]
  /** What is wrong with the set, the worst first. */
  readonly findings: readonly SetFinding[]
}

/** Throws UserError where too few pictures can be read, and as `pixelCache` does. */
export async function folderDataset(set: PictureSet, options: FolderDatasetOptions): Promise<FolderDataset> {
  const names = set.files.map(({ file }) => file)
  const cache = await pixelCache(set.folder, names, options.preprocess, options)
  const { seed, shares } = options
  const readable = names.map((_, index) => index).filter(index => cache.files[index]!.row >= 0)
  const files = readable.map(index => set.files[index]!)
  const duplicates = duplicatesAmong(cache, readable)
  const findings = setFindings({
    classNames: set.classNames,
    pictures: readable.map((index, place) => {
      const { width, height, isGrey } = cache.files[index]!
      return { ...files[place]!, width, height, isGrey }
    }),
    duplicates,
    unread: cache.unread,
    preprocess: options.preprocess,
  })
  const fatal = findings.find(({ isError }) => isError)
  if (readable.length === 0) throw nothingToTrainOn(set, cache)
  if (fatal) throw new UserError({ what: `${set.place}: ${fatal.what}`, fix: fatal.advice })
  const { groups, pairs } = duplicates
  // Where a part is drawn, it is drawn from what its owner gave to train on.
  const draws = shares.validation > 0 || shares.test > 0
  const given = files.map(({ part }) => (draws && part === 'train' ? undefined : part))
  const split = groupedSplit({ labels: files.map(({ label }) => label), groups, given }, shares, seed)
  const chosen = (part: PartName): ChosenPicture[] =>
    readable.flatMap((index, place) => (split.parts[place] === part ? [{ index, label: files[place]!.label }] : []))
  const train = chosen('train')
  if (train.length === 0) throw nothingToTrainOn(set, cache)
  const order = permutation(fold(keyOf(seed), orderPurpose), train.length)
  const parts = {
    train: Array.from(order, place => train[place]!),
    validation: chosen('validation'),
    test: chosen('test'),
  }
  return {
    dataset: datasetOf(path.basename(path.resolve(set.place)), set.classNames, cache, parts),
    skipped: [...set.skipped, ...cache.unread],
    copies: pairs.map(({ first, second, kind }) => {
      const [one, other] = [files[first]!, files[second]!]
      return { file: other.file, of: one.file, kind, differ: one.label !== other.label }
    }),
    findings,
  }
}

function duplicatesAmong({ signatures, files }: PixelCache, readable: readonly number[]) {
  const own = new Uint8Array(readable.length * signatureBytes)
  readable.forEach((index, place) => {
    own.set(signatures.subarray(index * signatureBytes, (index + 1) * signatureBytes), place * signatureBytes)
  })
  return duplicateGroups(
    own,
    readable.map(index => files[index]!.sha256),
  )
}

/** Training files that a run did not have yet, and which share of them is held out. */
export interface AddedFiles {
  readonly files: ReadonlySet<string>
  readonly shares: FolderDatasetOptions['shares']
  readonly seed: number
}

/**
 * The parts of a run again. Files that are gone, or cannot be read any more, are left out. An added one that is like a picture of another
 * part goes there.
 */
export async function datasetOfRun(
  { folder, classNames, parts }: RunPictures,
  options: PixelCacheOptions & Pick<FolderDatasetOptions, 'preprocess'>,
  added?: AddedFiles,
): Promise<FolderDataset & { readonly files: readonly CachedFile[] }> {
  const all = partNames.flatMap(part =>
    (parts[part]?.files ?? []).map((file, row) => ({ file, part, label: parts[part]!.labels[row]! })),
  )
  // A table lies in the folder that its names start from.
  const root = (await isFolder(folder)) ? folder : path.dirname(folder)
  const cache = await pixelCache(
    root,
    all.map(({ file }) => file),
    options.preprocess,
    options,
  )
  const known = all.flatMap(({ file, part, label }, index) =>
    cache.files[index]!.row < 0 ? [] : [{ file, part, index, label }],
  )
  const readable = added === undefined ? known : withAdded(known, added, cache)
  const chosen = (part: PartName) => readable.filter(each => each.part === part)
  return {
    dataset: datasetOf(path.basename(folder), classNames, cache, {
      train: chosen('train'),
      validation: chosen('validation'),
      test: chosen('test'),
    }),
    skipped: cache.unread,
    copies: [],
    findings: [],
    files: cache.files,
  }
}

interface PartedFile extends ChosenPicture {
  readonly file: string
  readonly part: PartName
}

function withAdded(files: readonly PartedFile[], added: AddedFiles, cache: PixelCache): PartedFile[] {
  const { groups } = duplicatesAmong(
    cache,
    files.map(({ index }) => index),
  )
  const isFree = ({ file, part }: PartedFile): boolean => part === 'train' && added.files.has(file)
  const given = files.map(each => (isFree(each) ? undefined : each.part))
  const labels = files.map(({ label }) => label)
  const split = groupedSplit({ labels, groups, given }, added.shares, added.seed)
  return files.map((each, place) => ({ ...each, part: split.parts[place]! }))
}

/**
 * All pictures of a set, or those of its own test part, to measure a model of these classes on. Pictures of other classes are passed over.
 * Throws UserError where none is left.
 */
export async function testPicturesOf(
  set: PictureSet,
  classNames: readonly string[],
  options: PixelCacheOptions & Pick<FolderDatasetOptions, 'preprocess'>,
): Promise<{ readonly pictures: PictureSource; readonly skipped: readonly SkippedEntry[] }> {
  const hasTest = set.files.some(({ part }) => part === 'test')
  const measured = set.files.filter(({ part }) => !hasTest || part === 'test')
  const files = measured.map(({ file, label }) => ({ file, label: classNames.indexOf(set.classNames[label]!) }))
  const own = files.filter(({ label }) => label >= 0)
  const names = own.map(({ file }) => file)
  const cache = await pixelCache(set.folder, names, options.preprocess, options)
  const chosen = own.flatMap(({ label }, index) => (cache.files[index]!.row < 0 ? [] : [{ index, label }]))
  const others = files
    .filter(({ label }) => label < 0)
    .map(({ file }) => ({ path: path.join(set.folder, file), reason: 'the model does not know its class' }))
  if (chosen.length > 0)
    return { pictures: cache.source(chosen, classNames), skipped: [...set.skipped, ...others, ...cache.unread] }
  throw new UserError({
    what: `${set.place} holds no pictures of the classes of the model.`,
    expected: `folders called ${shortList(classNames)}`,
    received: shortList(set.classNames),
    fix: 'call the folders as the classes of the model',
  })
}

type Parts = Readonly<Record<PartName, readonly ChosenPicture[]>>

/** Parts without a picture are left out, but for the training part. */
function datasetOf(
  name: string,
  classNames: readonly string[],
  cache: PixelCache,
  parts: Parts,
): Dataset<PictureSource> {
  const train = cache.source(parts.train, classNames)
  const some = (part: 'validation' | 'test') =>
    parts[part].length === 0 ? {} : { [part]: cache.source(parts[part], classNames) }
  const { shape, preprocess } = train
  return { name, shape, classNames, preprocess, train, ...some('validation'), ...some('test') }
}

/** Tells the key from others made of the same seed. */
const orderPurpose = 0x0f01

function nothingToTrainOn({ place }: PictureSet, { unread }: PixelCache): UserError {
  return new UserError({
    what: `None of the pictures of ${place} can be read.`,
    received:
      unread
        .slice(0, 3)
        .map(({ path: file, reason }) => `${path.basename(file)}: ${reason}`)
        .join('; ') || 'no pictures',
    fix: 'look at one of them in a viewer, and save them again as JPEG or PNG',
  })
}
