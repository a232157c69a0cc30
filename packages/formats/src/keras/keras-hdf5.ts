/** The record of whole models as Keras 1 and 2 keep them, `.h5`. */
import type { ModelFormat } from 'fovea/internal/store/model-formats'
import { isHdf5 } from '../containers/sign.ts'

export const kerasHdf5: ModelFormat = {
  name: 'Keras HDF5',
  endings: ['.h5', '.hdf5'],
  matches: isHdf5,
  read: async file => (await import('./read-hdf5.ts')).readHdf5(file),
}
