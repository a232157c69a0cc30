/**
 * Text files that a user names: configurations and histories. In: a path. Out: the text, however it is saved. What is no text, or came
 * in place of it (a web page, a pointer of Git LFS, an archive), is called by its name.
 */
import { UserError } from 'fovea/internal/base/errors'
import type { FileKind } from 'fovea/internal/base/host'
import { textOf } from 'fovea/internal/base/text-file'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { type ForeignFile, foreignFile } from 'fovea/internal/store/file-kind'

/** Throws UserError for what is no text; none of its bytes is printed. */
export async function readText(path: string, kind: FileKind = 'text'): Promise<string> {
  const bytes = await nodeFiles.read(path, kind)
  const other = bytes.length === 0 ? undefined : foreignFile(bytes)
  if (other?.holds === 'always') throw notText(path, other)
  try {
    return textOf(bytes, path, { cutOff: kind === 'events' })
  } catch (error) {
    throw other?.holds === 'of models' && error instanceof UserError ? notText(path, other) : error
  }
}

function notText(path: string, { name, fix }: ForeignFile): UserError {
  return new UserError({
    what: `${path} is not the text that is read here.`,
    expected: 'text in UTF-8',
    received: name,
    fix,
  })
}
