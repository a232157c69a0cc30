/** What verbs that need a data set share: where it is, its name checked, progress while it is fetched. */
import { dirname, join, resolve, sep } from 'node:path'
import type { TextOutput } from 'fovea/internal/base/host'
import { inBytes, shellWord } from 'fovea/internal/base/text'
import { type Dataset, withSources } from 'fovea/internal/data/dataset'
import type { PictureSource } from 'fovea/internal/data/picture-source'
import { shapesWhenRead } from 'fovea/internal/data/shapes'
import { datasetNames, loadDataset, nearestDataset } from 'fovea/internal/host/node/datasets'
import type { DownloadProgress } from 'fovea/internal/host/node/download'
import { refusePictureFolder } from 'fovea/internal/host/node/picture-folders'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import type { Context } from './command.ts'
import { noEffect } from './no-effect.ts'
import { flag, textOption } from './options.ts'
import { openOwnPictures } from './own-pictures.ts'
import { UsageError } from './usage-error.ts'

export const datasetOptions = {
  'data-dir': textOption('DIR', 'folder with the data sets (default: FOVEA_DATA, then a cache, then the internet)'),
  offline: flag('never ask the internet'),
}

/** Throws UsageError with the nearest where there is no such data set, and UserError for a folder of pictures. */
async function checkDatasetName(name: string): Promise<void> {
  const names = datasetNames()
  if (names.includes(name)) return
  await refusePictureFolder(name, `a data set: ${names.join(', ')}`)
  const guess = nearestDataset(name)
  throw new UsageError({
    what: `There is no data set '${name}'.`,
    expected: names.join(', '),
    ...(guess === undefined ? {} : { fix: `Did you mean '${guess}'?` }),
  })
}

/** The options of a suggested command that needs the same data set. */
export function dataWords(values: DataChoice): string {
  const folder = values['data-dir'] === undefined ? '' : ` --data-dir ${shellWord(values['data-dir'])}`
  return `${folder}${values.offline ? ' --offline' : ''}`
}

/** Where the call looks for data sets. */
export interface DataChoice {
  readonly 'data-dir'?: string
  readonly offline?: true
}

/** The data set of a recipe: by name, or own pictures. */
export async function openDatasetOf(
  recipe: RecipeConfig,
  values: DataChoice,
  context: Context,
  signal: AbortSignal,
): Promise<Dataset<PictureSource>> {
  if (typeof recipe.dataset === 'string') return openDataset(recipe.dataset, values, context, signal)
  for (const option of ['data-dir', 'offline'] as const)
    if (values[option] !== undefined) noEffect(context, option, 'the pictures are your own')
  return openOwnPictures(recipe, context, signal)
}

/** Throws as an aborted signal does when Ctrl-C came meanwhile. */
export async function openDataset(
  name: string,
  values: DataChoice,
  context: Context,
  signal: AbortSignal,
): Promise<Dataset<PictureSource>> {
  await checkDatasetName(name)
  const folder = values['data-dir']
  if (name === 'shapes') {
    if (folder !== undefined) noEffect(context, 'data-dir', 'shapes is built in')
    return shapesWhenRead()
  }
  const dataset = await loadDataset(name, {
    ...(values['data-dir'] === undefined ? {} : { dataDir: values['data-dir'] }),
    offline: values.offline === true,
    onProgress: downloadProgress(context.progress),
    onFound: paths => {
      if (folder !== undefined) noteElsewhere(context, name, resolve(folder), paths)
    },
    signal,
  })
  // Unpacking leaves no time for signals: now is one.
  await new Promise(resolve => setImmediate(resolve))
  signal.throwIfAborted()
  return withSources(dataset)
}

/** Files that were taken from other places than the folder the user named. */
function noteElsewhere(context: Context, name: string, folder: string, paths: readonly string[]): void {
  const elsewhere = paths.filter(path => path !== folder && !path.startsWith(join(folder, sep)))
  if (elsewhere.length === 0) return
  const place = dirname(elsewhere[0]!)
  if (elsewhere.length === paths.length) {
    noEffect(context, 'data-dir', `${folder} does not hold ${name}, which was read from ${place}`)
  } else context.note(`--data-dir ${folder} holds only a part of ${name}; the rest was read from ${place}.`)
}

/** A line per file that is drawn again as bytes arrive; where lines cannot be drawn again, one at the start and the end. */
function downloadProgress(output: TextOutput): (progress: DownloadProgress) => void {
  const begun = new Set<string>()
  return ({ file, host, received, total }) => {
    const key = `${host} ${file}`
    const done = total !== undefined && received >= total
    if (!output.isTerminal) {
      if (!begun.has(key)) output.write(`Fetching ${file} from ${host}\n`)
      begun.add(key)
      return
    }
    const share = total === undefined ? '' : ` of ${inBytes(total)} ${bar(received / total)}`
    output.write(`\r\x1b[K${file}: ${inBytes(received)}${share}${done ? '\n' : ''}`)
  }
}

function bar(fraction: number): string {
  const width = 20
  const full = Math.round(Math.min(1, fraction) * width)
  return `${'━'.repeat(full)}${'─'.repeat(width - full)} ${Math.floor(Math.min(1, fraction) * 100)} %`
}
