/** The record of weights alone as Keras keeps them, `.weights.h5`. Files of whole models are told by what is in them, not by their names. */
import type { ModelFormat } from 'fovea/internal/store/model-formats'
import { isHdf5 } from '../containers/sign.ts'

export const kerasWeights: ModelFormat = {
  name: 'Keras weights',
  endings: ['.weights.h5'],
  matches: isHdf5,
  read: async file => (await import('./read-hdf5.ts')).readHdf5(file),
  keepsTraining: true,
  write: async (file, path) => (await import('./writing/keras-archive.ts')).kerasWeightsFile(file, path),
}
