/** The record of Teachable Machine's downloads: an archive of a model of TensorFlow.js, or of Keras. */
import type { ModelFormat } from 'fovea/internal/store/model-formats'
import { isZipOf } from '../containers/sign.ts'

export const teachableMachine: ModelFormat = {
  name: 'Teachable Machine',
  endings: ['.zip'],
  matches: bytes => isZipOf(bytes, 'model.json', 'keras_model.h5'),
  read: async file => (await import('./read-download.ts')).readDownload(file),
}
