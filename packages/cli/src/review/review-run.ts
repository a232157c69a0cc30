/** What `fovea review` reads of a run directory: its pictures, the log of their labels, what the model makes of them. */
import { dirname, resolve } from 'node:path'
import { UserError } from 'fovea/internal/base/errors'
import type { Files } from 'fovea/internal/base/host'
import { looksMislabelled } from 'fovea/internal/embedding/looks-mislabelled'
import { placeOf } from 'fovea/internal/host/node/paths'
import { type LabelLine, labelLines } from 'fovea/internal/run/label-log'
import { readEmbeddings } from 'fovea/internal/run/run-embeddings'
import { readRunFile } from 'fovea/internal/run/run-file'
import { runFiles } from 'fovea/internal/run/run-files'
import { decodeRunPictures, type RunPictures } from 'fovea/internal/run/run-pictures'
import { predictedClass } from 'fovea/internal/run/test-file'
import type { Opinion } from './reviewed-set.ts'

export interface ReviewRun {
  /** The run directory. */
  readonly run: string
  /** The folder that the names of the pictures start from. */
  readonly place: string
  /** Whether a table says the classes, not folders. */
  readonly isTable: boolean
  readonly pictures: RunPictures
  readonly logFile: string
}

/** Throws UserError for a folder that holds no run of own pictures, or one whose pictures are gone. */
export async function readReviewRun(files: Files, run: string): Promise<ReviewRun> {
  const path = files.join(run, runFiles.pictures)
  if (!(await files.exists(path))) {
    const isRun = await files.exists(files.join(run, runFiles.events))
    throw new UserError({
      what: isRun ? `${run} is a run without pictures of your own.` : `${run} holds no run.`,
      expected: `a run directory with ${runFiles.pictures}`,
      fix: 'Name a run that learned a folder of pictures.',
    })
  }
  const pictures = decodeRunPictures(await files.read(path, 'data'), path)
  const place = resolve(pictures.folder)
  const kind = await placeOf(place)
  if (kind !== 'folder' && kind !== 'file')
    throw new UserError({
      what: `The pictures of ${run} are not there any more.`,
      expected: `a folder or a table at ${place}`,
      received: kind ?? 'nothing there',
      fix: 'Call this from the folder that the run was trained from, or put the pictures back.',
    })
  const isTable = kind === 'file'
  const logFile = files.join(run, runFiles.labels)
  return { run, place: isTable ? dirname(place) : place, isTable, pictures, logFile }
}

/** Throws UserError where the log is damaged. */
export async function readLabelLog(files: Files, { logFile }: Pick<ReviewRun, 'logFile'>): Promise<LabelLine[]> {
  if (!(await files.exists(logFile))) return []
  return labelLines(readRunFile(await files.read(logFile, 'events'), logFile), logFile)
}

/** By file: what the model sees in each picture, and which labels the other pictures speak against. Empty for a run that was interrupted. */
export async function opinionsOf(files: Files, { run }: ReviewRun): Promise<ReadonlyMap<string, Opinion>> {
  const embeddings = await readEmbeddings(files, run)
  if (!embeddings) return new Map()
  const { pictures, probabilities, classes } = embeddings
  const doubts = new Map(
    looksMislabelled({ ...embeddings, suggested: Int32Array.from(embeddings.suggested) }).map(doubt => [
      doubt.row,
      doubt,
    ]),
  )
  return new Map(
    pictures.map(({ file }, row) => {
      const predicted = predictedClass({ predictions: probabilities, classes }, row)
      const doubt = doubts.get(row)
      return [file, { predicted, ...(doubt && { suggested: doubt.suggested, suspicion: -doubt.support }) }]
    }),
  )
}
