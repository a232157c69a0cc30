/** Where a run goes, and what a finished one says. */
import { join, resolve } from 'node:path'
import { UserError } from 'fovea/internal/base/errors'
import { shellWord, shortList } from 'fovea/internal/base/text'
import { disk } from 'fovea/internal/host/node/disk'
import { claimFolder, nodeFiles } from 'fovea/internal/host/node/files'
import { isPassing } from 'fovea/internal/host/node/folder-lock'
import { isFolder, placeOf } from 'fovea/internal/host/node/paths'
import { SystemRefusal } from 'fovea/internal/host/node/system-errors'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import type { TrainReport } from 'fovea/internal/run/report'
import { readReport } from 'fovea/internal/run/report-json'
import { readRunFile } from 'fovea/internal/run/run-file'
import { runFiles } from 'fovea/internal/run/run-files'
import { beginningOf } from 'fovea/internal/run/run-log'

/** `runs/<name>-<counter>`, the first counter (from 1) that no folder has. It is made, so that no other process takes it. */
export async function freshFolder(name: string): Promise<string> {
  for (let counter = 1; ; counter++) {
    const folder = join('runs', `${name}-${counter}`)
    if (await claimFolder(folder)) return folder
  }
}

/** The folder given with --out, if no run is in it already. */
export async function givenRunFolder(folder: string): Promise<string> {
  const place = await placeOf(folder)
  if (place !== undefined && place !== 'folder')
    throw new UserError({ what: `${folder} is a ${place}.`, fix: 'Give --out a new folder.' })
  // What a process left that was ended at its first step is in nobody's way, and what one writes now is seen to when the run is opened.
  const names = (await nodeFiles.list(folder)).filter(name => !isPassing(name))
  if (names.length === 0) return folder
  throw new UserError({
    what: `${folder} is not empty.`,
    received: shortList(names),
    fix: 'Give --out a new folder, or leave it out.',
  })
}

/** Each of these paths once, however it is written. */
export function distinctPaths(paths: readonly string[]): string[] {
  return paths.filter((path, index) => paths.findIndex(other => resolve(other) === resolve(path)) === index)
}

/** The report of a finished run; undefined when the word is no folder. Throws UserError for a folder without one. */
export async function finishedRun(folder: string): Promise<TrainReport | undefined> {
  if (!(await isFolder(folder))) return undefined
  const report = await readReport(nodeFiles, folder)
  if (report) return { ...report, runDir: folder }
  const begun = await nodeFiles.exists(join(folder, runFiles.events))
  throw new UserError({
    what: `${folder} holds no finished run.`,
    expected: `a run directory with ${runFiles.result}`,
    received: shortList(await nodeFiles.list(folder)) || 'an empty folder',
    fix: begun
      ? `Go on with it first: fovea train --resume ${shellWord(folder)}`
      : 'Name a run whose training came to its end.',
  })
}

/** Takes away the folder of a run of which nothing is trained: one that holds no more than its first lines and what it says of its data. Throws nothing. */
export async function removeUnbegun(folder: string): Promise<void> {
  const names = await nodeFiles.list(folder).catch((): string[] => ['what cannot be seen'])
  const first: readonly string[] = [runFiles.events, runFiles.samples, runFiles.pictures, runFiles.table]
  if (names.some(name => !first.includes(name))) return
  for (const name of names) await nodeFiles.remove(join(folder, name)).catch(() => {})
  await disk.removeFolder(folder).catch(() => {})
}

/** The refusal of the system that ended a training, with what the run directory keeps of it and how to go on. */
export async function withKeptRun(error: SystemRefusal, folder: string): Promise<SystemRefusal> {
  const hasCheckpoint = await nodeFiles.exists(join(folder, runFiles.checkpoint)).catch(() => false)
  if (!hasCheckpoint || (await begunRun(folder).catch(() => undefined)) === undefined) return error
  return new SystemRefusal([
    ...error.problems,
    {
      what: `Nothing that was saved is lost: ${folder} keeps the weights of the last checkpoint.`,
      fix: `When that is mended, go on from there: fovea train --resume ${shellWord(folder)}`,
    },
  ])
}

export interface BegunRun {
  /** With the numbers the run was begun with. */
  readonly recipe: RecipeConfig
  readonly limit?: number
}

/** What an interrupted run was begun with. Throws UserError for a folder that holds none. */
export async function begunRun(folder: string): Promise<BegunRun> {
  const path = join(folder, runFiles.events)
  if (!(await nodeFiles.exists(path))) {
    throw new UserError({
      what: `${folder} holds no run to go on with.`,
      expected: `a run directory with ${runFiles.events}`,
      received: shortList(await nodeFiles.list(folder)) || 'no folder, or an empty one',
      fix: 'Name the directory of an interrupted run.',
    })
  }
  return beginningOf(readRunFile(await nodeFiles.read(path, 'events'), path), path)
}
