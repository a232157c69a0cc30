/** What a layer is called that a node becomes: as its weights are (`features.0` of `features.0.weight`), or the node itself. */
import type { OnnxNode } from './onnx-model.ts'

/** PyTorch's `conv1.weight`, Keras's `conv2d/kernel`. */
const ofWeight = /^(.+)[./](?:weight|kernel|depthwiseKernel|gamma|alpha)$/
/** TensorFlow's `sequential/conv2d/Conv2D/ReadVariableOp:0`. */
const ofVariable = /^(.+?)\/[\w-]+\/ReadVariableOp(?:\/\w+)?(?::\d+)?$/

export function layerNameOf({ op, name, inputs }: OnnxNode): string {
  for (const input of inputs.slice(1)) {
    const prefix = (ofWeight.exec(input) ?? ofVariable.exec(input))?.[1]
    if (prefix !== undefined) return prefix
  }
  // Exporters call nodes by the module that they come from and their operator: /features/0/Conv.
  return name.endsWith(`/${op}`) && name.length > op.length + 2 ? name.slice(0, -op.length - 1) : name
}
