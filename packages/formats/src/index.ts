/** Formats of models that other programs read and write. In Node the library finds them by itself; in browsers they are added. */
import type { ModelFormat } from 'fovea'
import { onnxFormat } from './onnx/onnx-file.ts'

/**
 * All of them, for `addModelFormats` of the library. What reads and writes a format is loaded with its first file.
 */
export const modelFormats: readonly ModelFormat[] = [onnxFormat]
