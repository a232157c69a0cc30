/** Moves of a review done: each written to the log before, none replacing anything, one that fails keeping no other back. */
import { join } from 'node:path'
import { UserError } from 'fovea/internal/base/errors'
import type { Files } from 'fovea/internal/base/host'
import { shellWord } from 'fovea/internal/base/text'
import { moveFile } from 'fovea/internal/host/node/files'
import { placeOf } from 'fovea/internal/host/node/paths'
import { labelsAfter } from 'fovea/internal/run/label-log'
import { type Move, type MovePlan, movesBack, movesToLabels } from 'fovea/internal/run/moved-files'
import { runFile } from 'fovea/internal/run/run-file'
import { type ReviewRun, readLabelLog } from './review-run.ts'

/** What brings the files to their labels, or back to where they were. Throws UserError where a table has the labels: it names the files. */
export async function fileMoves(files: Files, run: ReviewRun, which: 'to-labels' | 'back'): Promise<MovePlan> {
  if (run.isTable)
    throw new UserError({
      what: `The classes of these pictures stand in ${run.pictures.folder}, which names the files: none is moved.`,
      fix: `mend the table by hand; fovea train --again ${shellWord(run.run)} needs neither`,
    })
  const log = await readLabelLog(files, run)
  const exists = async (place: string): Promise<boolean> => (await placeOf(join(run.place, place))) !== undefined
  return which === 'back'
    ? movesBack(log, exists)
    : movesToLabels(labelsAfter(log, run.pictures), log, run.pictures.classNames, exists)
}

/** Does them, and gives those done and those that could not be. */
export async function doMoves(files: Files, run: ReviewRun, plan: MovePlan, now: () => string): Promise<MovePlan> {
  const log = runFile(files, run.logFile)
  const moves: Move[] = []
  const stuck = [...plan.stuck]
  for (const move of plan.moves) {
    const { file, from, to } = move
    try {
      await log.add({ type: 'move', file, to, date: now() } as { readonly type: string })
      await moveFile(join(run.place, from), join(run.place, to))
      moves.push(move)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      stuck.push({ file, reason: error.problems.map(({ what, received }) => [what, received].join(' ')).join(' ') })
    }
  }
  return { moves, stuck }
}
