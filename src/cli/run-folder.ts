/** Where a run goes, and what a finished one says. */
import { join } from 'node:path'
import { UserError } from '../base/errors.ts'
import { nodeFiles } from '../host/node/files.ts'
import { isFolder } from '../host/node/paths.ts'
import type { TrainReport } from '../train/report.ts'
import { readReport, runFiles } from '../train/run-recipe.ts'

/** `runs/<recipe>-<seed>-<counter>`, the first counter (from 1) that no folder has. */
export async function freshRunFolder(recipe: string, seed: number): Promise<string> {
  for (let counter = 1; ; counter++) {
    const folder = join('runs', `${recipe}-${seed}-${counter}`)
    if (!(await nodeFiles.exists(folder))) return folder
  }
}

/** The folder given with --out, if no run is in it already. */
export async function givenRunFolder(folder: string): Promise<string> {
  const names = await nodeFiles.list(folder)
  if (names.length === 0) return folder
  throw new UserError({
    what: `${folder} is not empty.`,
    received: names.slice(0, 5).join(', '),
    fix: 'Give --out a new folder, or leave it out.',
  })
}

/** The report of a finished run; undefined when the word is no folder. Throws UserError for a folder without one. */
export async function finishedRun(folder: string): Promise<TrainReport | undefined> {
  if (!(await isFolder(folder))) return undefined
  const report = await readReport(nodeFiles, folder)
  if (report) return { ...report, runDir: folder }
  throw new UserError({
    what: `${folder} holds no finished run.`,
    expected: `a run directory with ${runFiles.result}`,
    received: (await nodeFiles.list(folder)).join(', ') || 'an empty folder',
    fix: 'Name a run whose training came to its end.',
  })
}
