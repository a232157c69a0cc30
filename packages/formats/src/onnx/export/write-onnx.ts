/** A model as the bytes of an ONNX file. In: a model file and how its graph is wanted. */
import type { ModelFile } from 'fovea/internal/store/model-file'
import { encodeOnnx } from '../encode.ts'
import { onnxModelOf } from './export-onnx.ts'
import type { OnnxOptions } from './onnx-options.ts'

/** Throws UserError for a file without a network, for options that there are not, and for more than 2 GiB. */
export const writeOnnx = (file: ModelFile, options: OnnxOptions = {}): Uint8Array<ArrayBuffer> =>
  encodeOnnx(onnxModelOf(file, options))
