/**
 * Text files that a user names: configurations and histories. In: a path. Out: the text, however it is saved. What is no text, or came
 * in place of it (a web page, a pointer of Git LFS, an archive), is called by its name.
 */
import { UserError } from 'fovea/internal/base/errors'
import { type KindOfFile, kindOfFile } from 'fovea/internal/base/file-kind'
import type { FileKind } from 'fovea/internal/base/host'
import { textOf } from 'fovea/internal/base/text-file'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { adviceOfModels } from 'fovea/internal/store/foreign-model'

/** Throws UserError for what is no text; none of its bytes is printed. `ofModel`: what to do instead of naming a model. */
export async function readText(path: string, kind: FileKind = 'text', ofModel = adviceOfModels): Promise<string> {
  const bytes = await nodeFiles.read(path, kind)
  const found = bytes.length === 0 ? undefined : kindOfFile(bytes)
  if (found?.group === 'instead' || found?.group === 'packed') throw notText(path, found, ofModel)
  try {
    return textOf(bytes, path, { cutOff: kind === 'events' })
  } catch (error) {
    throw found && found.group !== 'text' && error instanceof UserError ? notText(path, found, ofModel) : error
  }
}

function notText(path: string, kind: KindOfFile, ofModel: typeof adviceOfModels): UserError {
  return new UserError({
    what: `${path} is not the text that is read here.`,
    expected: 'text in UTF-8',
    received: kind.name,
    fix: kind.group === 'model' ? ofModel(kind) : (kind.fix ?? 'Name a text file: a configuration, or a table.'),
  })
}
