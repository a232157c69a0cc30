/** What was found among pictures and is none that is read: told by name, the first few, with the reason. */
import path from 'node:path'
import type { SkippedEntry } from '@fovea/pictures/internal/picture-folder'
import { grouped } from 'fovea/internal/base/text'
import type { Context } from './command.ts'

/** Files that systems and editors leave behind are nobody's concern. */
export function tellPassedOver(context: Pick<Context, 'note'>, skipped: readonly SkippedEntry[]): void {
  const told = skipped.filter(({ reason }) => !/^(a hidden|left behind)/.test(reason))
  const line = ({ path: place, reason }: SkippedEntry) => `  ${path.relative('', place)}: ${reason}`
  if (told.length === 0) return
  const more = told.length > 5 ? [`  and ${grouped(told.length - 5)} more`] : []
  const files = told.length === 1 ? '1 file was' : `${grouped(told.length)} files were`
  context.note([`${files} passed over:`, ...told.slice(0, 5).map(line), ...more].join('\n'))
}
