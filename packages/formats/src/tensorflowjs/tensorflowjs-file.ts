/** The record of TensorFlow.js: `model.json`, known by its words, with the files of its weights beside it. */
import type { ModelFormat } from 'fovea/internal/store/model-formats'

/** The words stand early, behind the network that may be long, or at the end. */
const near = 4096

export const tensorflowjsFile: ModelFormat = {
  name: 'TensorFlow.js',
  endings: ['model.json'],
  matches(bytes) {
    const decoder = new TextDecoder('latin1')
    const beginning = decoder.decode(bytes.subarray(0, near))
    if (!/^(\xef\xbb\xbf)?\s*\{/.test(beginning)) return false
    return /"(modelTopology|weightsManifest)"\s*:/.test(beginning + decoder.decode(bytes.subarray(-near)))
  },
  read: async file => (await import('./read-tensorflowjs.ts')).readTensorflowjs(file),
  write: async (file, path) => (await import('./tensorflowjs-writer.ts')).tensorflowjsModel(file, path),
}
