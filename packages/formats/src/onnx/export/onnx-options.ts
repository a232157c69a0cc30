/** The choices of whoever writes an ONNX file, and their check. */
import { oneOf, optional, parse, record } from 'fovea/internal/base/schema'

/** How an ONNX file is written. */
export interface OnnxOptions {
  /**
   * The axes of pictures that go in and come out: rows, columns, channels, as the network has them (one Transpose at the beginning), or
   * channels first, as PyTorch has them. Default 'nhwc'.
   */
  readonly layout?: 'nhwc' | 'nchw' | undefined
  /** Batch normalizations as they are, or in the kernels and biases of the layers before where that is possible. Default 'kept'. */
  readonly batchNorm?: 'kept' | 'folded' | undefined
  /** The type of the numbers that go in: bytes are turned into floats in the graph. The numbers are the same, 0 to 255 for pictures. Default 'float'. */
  readonly input?: 'float' | 'uint8' | undefined
}

const fields = {
  layout: optional(oneOf(['nhwc', 'nchw']), 'nhwc'),
  batchNorm: optional(oneOf(['kept', 'folded']), 'kept'),
  input: optional(oneOf(['float', 'uint8']), 'float'),
}

/** With every default. Throws UserError for what there is not. */
export const readOnnxOptions = (options: OnnxOptions) => parse(record(fields), options, 'ONNX')
