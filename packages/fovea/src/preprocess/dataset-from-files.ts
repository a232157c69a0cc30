/**
 * A data set of the picture files that somebody chose in a page. In: the files of an `<input webkitdirectory>`, the size that the model takes.
 * Out: a data set in memory, a folder being a class, and what was passed over, with the reason. Folders are read as on disk: those called
 * `train`, `valid` and `test` are parts, one called `unknown` is no class, what systems leave behind is nobody's picture.
 */
import { anyText, checkArguments } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import { type BlobLike, isBlob, type OpenPicture } from '../base/picture.ts'
import { type PreprocessSpec, parseSpec } from '../base/preprocess-spec.ts'
import { abortSignal, functionOf, optional } from '../base/schema.ts'
import { kindOf } from '../base/show.ts'
import type { Dataset } from '../data/dataset.ts'
import { isUnknownFolder, naturalOrder, partOfFolder, passedOverName } from '../data/folder-names.ts'
import { inMemory, type MemorySource } from '../data/memory-source.ts'
import type { PictureShape } from '../data/picture-source.ts'
import { pictureToInput } from './input.ts'

/** A file that was chosen in a page. */
export interface ChosenFile extends BlobLike {
  readonly name: string
  /** From the chosen folder on; empty where single files were chosen or dropped: then the name may have folders. */
  readonly webkitRelativePath?: string | undefined
}

/** What `datasetFromFiles` takes. */
export interface FilesDatasetOptions {
  /** Height, width and channels (1: grey, 3: colours) of the model's input. */
  readonly shape: PictureShape
  /** How other sizes become this one: `cover` by default. */
  readonly resize?: PreprocessSpec['resize'] | undefined
  /** Of the data set; by default that of the chosen folder. */
  readonly name?: string | undefined
  /** Told after each file. */
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** A data set of chosen files. */
export interface FilesDataset {
  readonly dataset: Dataset<MemorySource>
  /** What was passed over: no pictures, damaged ones, what lies beside the folders of the classes. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[]
}

/** What the host does: open a picture, and let events be handled between two of them. */
export interface FilesPlatform {
  readonly openPicture: OpenPicture
  yieldToEvents(): Promise<void>
}

type PartName = 'train' | 'validation' | 'test'

/** A file that may be a picture of a class. */
interface Candidate {
  readonly file: ChosenFile
  readonly path: string
  readonly part: PartName
  readonly className: string
}

/** A picture as the model takes it. */
interface Opened extends Candidate {
  readonly pixels: Uint8Array
}

/** As many pictures are decoded at a time: the browser does it on threads of its own. */
const lanes = 3

const optionFields = {
  name: optional(anyText),
  onProgress: optional(functionOf('{done, total}')),
  signal: optional(abortSignal),
}

/** Throws UserError where no file is a picture in the folder of a class. */
export async function datasetOfChosen(
  platform: FilesPlatform,
  chosen: Iterable<ChosenFile>,
  options: FilesDatasetOptions,
): Promise<FilesDataset> {
  const files = checkedFiles(chosen)
  const { shape, resize = 'cover', name, onProgress, signal } = Object(options) as FilesDatasetOptions
  const preprocess = parseSpec({ shape, resize, channels: Object(shape)[2] === 1 ? 'grey' : 'rgb' })
  checkArguments('datasetFromFiles', optionFields, { name, onProgress, signal })
  const skipped: { path: string; reason: string }[] = []
  const candidates = candidatesOf(files, skipped)
  const opened = new Array<Opened | undefined>(candidates.length)
  let [next, done] = [0, 0]
  const lane = async (): Promise<void> => {
    while (next < candidates.length && !signal?.aborted) {
      const at = next++
      const candidate = candidates[at]!
      try {
        const picture = await platform.openPicture(candidate.file, candidate.path)
        opened[at] = { ...candidate, pixels: pictureToInput(picture, preprocess).pixels }
      } catch (error) {
        skipped.push({ path: candidate.path, reason: reasonOf(error, candidate.path) })
      }
      onProgress?.({ done: ++done, total: candidates.length })
      await platform.yieldToEvents()
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  signal?.throwIfAborted()
  const dataset = datasetOf(
    opened.filter(each => each !== undefined),
    preprocess,
    name ?? rootOf(files),
    skipped,
  )
  return { dataset, skipped: skipped.sort((a, b) => naturalOrder(a.path, b.path)) }
}

function checkedFiles(chosen: Iterable<ChosenFile>): ChosenFile[] {
  const files = typeof Object(chosen)[Symbol.iterator] === 'function' ? [...chosen] : []
  if (files.length > 0 && files.every(file => isBlob(file) && typeof file.name === 'string')) return files
  throw new UserError({
    what: 'datasetFromFiles was given no files.',
    expected: 'the files of an <input type="file" webkitdirectory multiple>, or a list of File',
    received: Array.isArray(chosen) && files.length > 0 ? `a list with ${kindOf(files[0])}` : kindOf(chosen),
  })
}

const pathOf = ({ webkitRelativePath, name }: ChosenFile): string => webkitRelativePath || name

/** Names of folders and the file, from the chosen folder on. */
function stepsOf(file: ChosenFile): string[] {
  const steps = pathOf(file).normalize('NFC').split('/')
  return file.webkitRelativePath ? steps.slice(1) : steps
}

const rootOf = ([first]: readonly ChosenFile[]): string => first?.webkitRelativePath?.split('/')[0] || 'files'

/** In natural order; what is no picture of a class by its name goes to `skipped`. */
function candidatesOf(files: readonly ChosenFile[], skipped: { path: string; reason: string }[]): Candidate[] {
  const named = files.map(file => ({ file, path: pathOf(file), steps: stepsOf(file) }))
  const isMeant = ({ steps }: { steps: string[] }) =>
    !steps.some((step, at) => passedOverName(step, at < steps.length - 1))
  // A class may be called `train` too: then its pictures lie in it, or other classes lie beside it.
  const tops = new Set(named.filter(isMeant).flatMap(({ steps }) => (steps.length > 1 ? [steps[0]!] : [])))
  const hasParts =
    [...tops].every(name => partOfFolder(name) !== undefined || isUnknownFolder(name)) &&
    named.some(each => isMeant(each) && each.steps.length > 2 && partOfFolder(each.steps[0]!) === 'train')
  const depth = hasParts ? 2 : 1
  return named
    .sort((a, b) => naturalOrder(a.path, b.path))
    .flatMap(({ file, path, steps }): Candidate[] => {
      const className = steps[depth - 1]!
      const reason =
        steps.map((step, at) => passedOverName(step, at < steps.length - 1)).find(each => each !== undefined) ??
        (steps.slice(0, depth).some(isUnknownFolder) ? 'it is none of the classes' : undefined) ??
        (steps.length <= depth ? 'it lies beside the folders of the classes' : undefined)
      if (reason === undefined)
        return [{ file, path, className, part: (hasParts && partOfFolder(steps[0]!)) || 'train' }]
      skipped.push({ path, reason })
      return []
    })
}

function datasetOf(
  opened: readonly Opened[],
  preprocess: PreprocessSpec,
  name: string,
  skipped: { path: string; reason: string }[],
): Dataset<MemorySource> {
  const trained = opened.filter(({ part }) => part === 'train')
  const classNames = [...new Set(trained.map(({ className }) => className))].sort(naturalOrder)
  if (classNames.length === 0)
    throw new UserError({
      what: 'None of the files is a picture in the folder of a class.',
      expected: 'a folder for each class, with its pictures',
      received: skipped.length === 0 ? 'other files' : `${skipped[0]!.path}: ${skipped[0]!.reason}`,
      fix: 'choose the folder that holds those of the classes',
    })
  const labels = new Map(classNames.map((className, label) => [className, label]))
  for (const { path, className } of opened)
    if (!labels.has(className)) skipped.push({ path, reason: `there are no pictures of ${className} to train on` })
  const partOf = (part: PartName): MemorySource | undefined => {
    const own = opened.filter(each => each.part === part && labels.has(each.className))
    return own.length === 0 ? undefined : sourceOf(own, classNames, labels, preprocess)
  }
  const [train, validation, test] = [partOf('train')!, partOf('validation'), partOf('test')]
  const { shape } = preprocess
  return { name, shape, classNames, preprocess, train, ...(validation && { validation }), ...(test && { test }) }
}

function sourceOf(
  own: readonly Opened[],
  classNames: readonly string[],
  labels: ReadonlyMap<string, number>,
  preprocess: PreprocessSpec,
): MemorySource {
  const size = own[0]!.pixels.length
  const images = new Uint8Array(own.length * size)
  own.forEach(({ pixels }, row) => {
    images.set(pixels, row * size)
  })
  return inMemory({
    images,
    labels: Int32Array.from(own, ({ className }) => labels.get(className)!),
    shape: preprocess.shape,
    classNames,
    names: own.map(({ path }) => path),
    preprocess,
  })
}

/** As a sentence goes on with it. What is no fault of the picture is thrown. */
function reasonOf(error: unknown, path: string): string {
  if (!(error instanceof UserError)) throw error
  const { what, received } = error.problems[0]!
  return `${what.replace(path, 'it').replace(/\.$/, '')}${received === undefined ? '' : ` (${received})`}`
}
