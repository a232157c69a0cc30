/** The run directory of a recipe, opened to begin or to go on. */
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import { scheduleOf } from '../recipes/schedule-changes.ts'
import { runFile } from '../run/run-file.ts'
import { runFiles } from '../run/run-files.ts'
import { runLog } from '../run/run-log.ts'
import { type Checkpoint, decodeCheckpoint } from '../store/checkpoint.ts'
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
  const checkpoint =
    interrupted !== undefined
      ? decodeCheckpoint(await files.read(pathOf('checkpoint')), pathOf('checkpoint'))
      : undefined
  // Before a line is added: a run that is asked for what cannot be stays as it is.
  if (checkpoint) checkResume(checkpoint, recipe)
  else await checkUnused(files, path)
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
  }
}

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
