/** Reads the archive that Teachable Machine gives: its model as if it were unpacked, with the files beside it. */
import { UserError } from 'fovea/internal/base/errors'
import type { ModelFile } from 'fovea/internal/store/model-file'
import { openedAmong } from 'fovea/internal/store/opened-file'
import type { LimitedFile } from '../containers/limits.ts'
import { openZip } from '../containers/zip-archive.ts'
import { readHdf5 } from '../keras/read-hdf5.ts'
import { readTensorflowjs } from './read-tensorflowjs.ts'

/** Throws UserError for a damaged archive, and for one that holds several models or none. */
export async function readDownload(file: LimitedFile): Promise<ModelFile> {
  const { source, limits } = file
  const archive = await openZip(file)
  const models = archive.names.filter(name => /(^|\/)(model\.json|keras_model\.h5)$/.test(name))
  if (models.length !== 1)
    throw new UserError({
      what: `${source} holds ${models.length === 0 ? 'no model' : 'several models'}.`,
      expected: 'an archive of Teachable Machine, with one model.json or keras_model.h5',
      received: (models.length === 0 ? archive.names : models).slice(0, 10).join(', '),
      fix: 'Unpack it, and name the file of the model.',
    })
  const main = models[0]!
  const opened = { ...(await openedAmong(path => archive.read(path), main, `${source}: ${main}`)), limits }
  return main.endsWith('.h5') ? readHdf5(opened) : readTensorflowjs(opened)
}
