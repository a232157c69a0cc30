/** Models of every format, as the command line reads them: those of @fovea/formats are loaded when a file is none of the library's own. */
import { nodeFiles } from 'fovea/internal/host/node/files'
import type { ModelFile } from 'fovea/internal/store/model-file'
import { formatThat, readModel, searchModelFormats } from 'fovea/internal/store/model-formats'
import { openedFile } from 'fovea/internal/store/opened-file'

export function useModelFormats(): void {
  searchModelFormats(async () => (await import('@fovea/formats/internal/index')).modelFormats)
}

/** Throws UserError for what is no model, and for a damaged one. */
export async function modelFileAt(path: string): Promise<ModelFile> {
  useModelFormats()
  return readModel(await openedFile(nodeFiles, path))
}

/** What the format of a file is called; undefined for one that is none of a model. */
export async function formatAt(path: string): Promise<string | undefined> {
  useModelFormats()
  const bytes = await nodeFiles.read(path)
  return (await formatThat(format => format.matches(bytes)))?.name
}
