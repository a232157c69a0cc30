/** The run directory of a recipe, opened to begin or to go on. */
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import { scheduleOf } from '../recipes/schedule-changes.ts'
import { readRunFile, runFile } from '../run/run-file.ts'
import { runFiles } from '../run/run-files.ts'
import { beginningOf, type RunBeginning, runLog } from '../run/run-log.ts'
import type { Checkpoint } from '../store/checkpoint.ts'
import { findCheckpoint } from '../store/checkpoint-files.ts'
import { memoryFiles } from '../store/memory-files.ts'
import type { TrainListener } from '../train/events.ts'
import { checkResume, withLearningRate } from '../train/resumption.ts'
import { learningRateOf } from './recipe-callbacks.ts'
import type { RecipeJob, RunRecipeOptions } from './recipe-job.ts'

/** Where a run writes, and what lies there to go on from. */
export interface RunFolder {
  readonly files: Files
  /** Null where everything is forgotten. */
  readonly path: string | null
  pathOf(name: keyof typeof runFiles): string
  readonly log: ReturnType<typeof runFile>
  readonly listeners: readonly TrainListener[]
  readonly resume?: Checkpoint | undefined
  /** What is to be said of it. */
  readonly notes: readonly string[]
}

/** Keeps the run directory from other processes; gives what gives it back. Throws UserError where another one trains into it. */
export async function lockRunFolder({ files, out, resume = out }: RunRecipeOptions): Promise<() => Promise<void>> {
  const unlock = resume === undefined ? undefined : await files?.lock?.(resume)
  return async () => unlock?.()
}

/** Throws UserError where another run lies, or one that cannot go on like this. */
export async function openRunFolder({ recipe }: RecipeJob, options: RunRecipeOptions): Promise<RunFolder> {
  const { out, resume: interrupted } = options
  const folder = interrupted ?? out
  checkPlace(options)
  const writes = options.files !== undefined && folder !== undefined
  const files = writes ? options.files : memoryFiles()
  const path = writes ? folder : 'run'
  const pathOf = (name: keyof typeof runFiles): string => files.join(path, runFiles[name])
  const found = interrupted === undefined ? undefined : await findCheckpoint(files, pathOf('checkpoint'))
  const checkpoint = found?.checkpoint
  // Before a line is added: a run that is asked for what cannot be stays as it is.
  if (checkpoint) checkResume(checkpoint.progress, recipe)
  else if (interrupted === undefined) await checkUnused(files, path)
  else checkResume((await begunIn(files, pathOf('events'))).recipe, recipe)
  const log = runFile(files, pathOf('events'))
  const resume =
    // A schedule that was changed says itself what holds from here on.
    checkpoint && options.learningRate !== undefined && !scheduleOf(recipe.optimizer)
      ? withLearningRate(checkpoint, learningRateOf(recipe, checkpoint.progress.epoch))
      : checkpoint
  return {
    files,
    path: writes ? path : null,
    pathOf,
    log,
    listeners: [runLog(log), ...(options.onEvent ? [options.onEvent] : [])],
    ...(resume && { resume }),
    notes: found?.notes ?? (interrupted === undefined ? [] : ['No checkpoint was saved yet: the run begins again.']),
  }
}

/** Of a run that ended before its first checkpoint. */
const begunIn = async (files: Files, path: string): Promise<RunBeginning> =>
  beginningOf(readRunFile(await files.read(path, 'events'), path), path)

function checkPlace({ files, out, resume }: RunRecipeOptions): void {
  if (resume === undefined) return
  if (out !== undefined) {
    throw new UserError({
      what: 'out and resume exclude each other: a run goes on in its own directory',
      fix: 'give only one of them',
    })
  }
  if (files) return
  throw new UserError({
    what: 'resume cannot be used: there are no files here',
    fix: 'give files, like memoryFiles(), with the run in them',
  })
}

/** Throws UserError for a folder with files of another run: they would be lost. A page of comparison is written again at any time. */
async function checkUnused(files: Files, folder: string): Promise<void> {
  const kept: readonly string[] = Object.values(runFiles)
  const found = (await files.list(folder)).filter(name => kept.includes(name) && name !== runFiles.comparison)
  if (found.length === 0) return
  throw new UserError({
    what: `${folder} holds a run already: it would be lost`,
    received: found.join(', '),
    fix: `name a new directory as out${found.includes(runFiles.checkpoint) ? `, or go on with that run (resume: '${folder}')` : ''}`,
  })
}
