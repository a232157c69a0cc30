/** Formats of models that other programs read and write. In Node the library finds them by itself; in browsers they are added. */
import type { ModelFormat } from 'fovea'
import { kerasFile } from './keras/keras-file.ts'
import { kerasHdf5 } from './keras/keras-hdf5.ts'
import { kerasWeights } from './keras/keras-weights.ts'
import { teachableMachine } from './tensorflowjs/teachable-archive.ts'
import { tensorflowjsFile } from './tensorflowjs/tensorflowjs-file.ts'

/**
 * All of them, for `addModelFormats` of the library. What reads and writes a format is loaded with its first file.
 */
export const modelFormats: readonly ModelFormat[] = [
  kerasFile,
  kerasWeights,
  kerasHdf5,
  tensorflowjsFile,
  teachableMachine,
]
