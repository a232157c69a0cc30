/** Models of every format, as the command line reads them: those of @fovea/formats are loaded when a file is none of the library's own. */
import { nodeFiles } from 'fovea/internal/host/node/files'
import { endingIn } from 'fovea/internal/store/foreign-model'
import { mainOf, modelsAmong } from 'fovea/internal/store/model-among-files'
import type { ModelFile } from 'fovea/internal/store/model-file'
import { availableFormats, formatThat, readModel, searchModelFormats } from 'fovea/internal/store/model-formats'
import { openedFile } from 'fovea/internal/store/opened-file'

export function useModelFormats(): void {
  searchModelFormats(async () => (await import('@fovea/formats/internal/index')).modelFormats)
}

/** What the file says and the model does not is told. Throws UserError for what is no model, and for a damaged one. */
export async function modelFileAt(path: string, { note }: { note?(line: string): void } = {}): Promise<ModelFile> {
  useModelFormats()
  const file = await readModel(await openedFile(nodeFiles, path))
  for (const line of file.notes ?? []) note?.(line)
  return file
}

/** The model in a folder, by the names in it; undefined where none is called like one. Throws UserError where several are. */
export async function modelInFolder(folder: string): Promise<string | undefined> {
  useModelFormats()
  const names = await nodeFiles.list(folder)
  const found = await modelsAmong(names)
  return found.length > 0 ? nodeFiles.join(folder, await mainOf(names, folder)) : undefined
}

/** Whether a file is called like a model of any format. */
export async function isModelName(path: string): Promise<boolean> {
  useModelFormats()
  return (await availableFormats()).some(({ endings }) => endingIn(endings, path) !== undefined)
}

/** What the format of a file of these bytes is called; undefined for one that is none of a model. */
export async function formatOf(bytes: Uint8Array): Promise<string | undefined> {
  useModelFormats()
  return (await formatThat(format => format.matches(bytes)))?.name
}
