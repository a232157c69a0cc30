/** Whether the own pictures of a run that is gone on with are those it was begun with. */
import type { SkippedEntry } from '@fovea/pictures/internal/picture-folder'
import { UserError } from 'fovea/internal/base/errors'
import { grouped, shellWord, shortList } from 'fovea/internal/base/text'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { readRunFile } from 'fovea/internal/run/run-file'
import { runFiles } from 'fovea/internal/run/run-files'
import type { Context } from './command.ts'

/** Without a picture the order of all others would be another one. */
export function checkAllThere(runDir: string, gone: readonly SkippedEntry[]): void {
  const [first] = gone
  if (first === undefined) return
  const others = gone.length === 1 ? '' : `, and ${grouped(gone.length - 1)} more`
  throw new UserError({
    what: `Pictures that this run was begun with cannot be read any more: ${first.path} (${first.reason})${others}.`,
    expected: 'all of them, so that training goes on as if it had never stopped',
    fix: `Put them back; or begin a new run with those there are: fovea train --again ${shellWord(runDir)}`,
  })
}

/** A picture that was copied anew is younger too, so it is no error. */
export async function noteChanged(
  runDir: string,
  files: readonly { readonly name: string; readonly time: number }[],
  context: Pick<Context, 'note'>,
): Promise<void> {
  const story = nodeFiles.join(runDir, runFiles.events)
  const first = readRunFile(await nodeFiles.read(story, 'events'), story).find(({ type }) => type === 'run')
  const begun = Date.parse(String(first?.['date']))
  const names = files.filter(({ time }) => time > begun).map(({ name }) => name)
  if (names.length === 0) return
  context.note(
    `${names.length === 1 ? '1 picture was' : `${grouped(names.length)} pictures were`} written after the run was begun (${shortList(names, 3)}): if they are others now, it does not come to the bits of a run that never stopped.`,
  )
}
