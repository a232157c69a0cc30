/** Models of every format, as the command line reads them: those of @fovea/formats are loaded when a file is none of the library's own. */
import { nodeFiles } from 'fovea/internal/host/node/files'
import type { ModelFile } from 'fovea/internal/store/model-file'
import { readModel, searchModelFormats } from 'fovea/internal/store/model-formats'
import { openedFile } from 'fovea/internal/store/opened-file'

/** Throws UserError for what is no model, and for a damaged one. */
export async function modelFileAt(path: string): Promise<ModelFile> {
  searchModelFormats(async () => (await import('@fovea/formats/internal/index')).modelFormats)
  return readModel(await openedFile(nodeFiles, path))
}
