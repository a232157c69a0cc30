/** Formats of models that other programs read and write. In Node the library finds them by itself; in browsers they are added. */
import type { ModelFile, ModelFormat, StoredTensor } from 'fovea'
import { kerasFile } from './keras/keras-file.ts'
import { kerasHdf5 } from './keras/keras-hdf5.ts'
import { kerasWeights } from './keras/keras-weights.ts'
import type { OnnxOptions } from './onnx/export/onnx-options.ts'
import { onnxFormat } from './onnx/onnx-file.ts'
import type { TorchOptions, TorchReport, Weighted } from './pytorch/load-torch-weights.ts'
import { teachableMachine } from './tensorflowjs/teachable-archive.ts'
import { tensorflowjsFile } from './tensorflowjs/tensorflowjs-file.ts'

export type { OnnxOptions } from './onnx/export/onnx-options.ts'
export type { TorchOptions, TorchReport } from './pytorch/load-torch-weights.ts'

/**
 * All of them, for `addModelFormats` of the library. What reads and writes a format is loaded with its first file.
 */
export const modelFormats: readonly ModelFormat[] = [
  kerasFile,
  kerasWeights,
  kerasHdf5,
  tensorflowjsFile,
  teachableMachine,
  onnxFormat,
]

/**
 * The bytes of an ONNX file (opset 17) that computes what a saved model does, for whoever wants its axes, its batch normalizations or its
 * input otherwise than `save('model.onnx')` writes them. Throws UserError for a file without a network and for other options.
 */
export const exportOnnx = async (file: ModelFile, options: OnnxOptions = {}): Promise<Uint8Array<ArrayBuffer>> =>
  (await import('./onnx/export/write-onnx.ts')).writeOnnx(file, options)

/**
 * Weights that PyTorch or timm wrote as safetensors, into a classifier of the same layers that was built in code. Layers and modules are found
 * as `names` says, else by names that agree, else in their order; kernels are brought into Keras's layout, and what stands behind a flattened
 * picture into the order of its elements. Source: a path (in Node), the bytes of a file, or its tensors (`decodeSafetensors`). Gives what
 * became of which tensor. Throws UserError with every mismatch.
 */
export const loadTorchWeights = async (
  classifier: Weighted,
  source: string | Uint8Array | readonly StoredTensor[],
  options: TorchOptions = {},
): Promise<TorchReport> => (await import('./pytorch/load-torch-weights.ts')).loadTorchInto(classifier, source, options)
