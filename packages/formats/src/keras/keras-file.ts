/** The record of Keras's own files, `.keras`: known by what is in the archive. What reads it is loaded with the first one. */
import type { ModelFormat } from 'fovea/internal/store/model-formats'
import { isZipOf } from '../containers/sign.ts'

export const kerasFile: ModelFormat = {
  name: 'Keras',
  endings: ['.keras'],
  matches: bytes => isZipOf(bytes, 'model.weights.h5', 'config.json'),
  read: async file => (await import('./read-keras.ts')).readKeras(file),
  keepsTraining: true,
  write: async (file, path) => (await import('./writing/keras-archive.ts')).kerasArchive(file, path),
}
