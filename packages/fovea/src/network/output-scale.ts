/**
 * What the numbers mean that a classifier ends in. Networks of PyTorch end in scores (logits), most of Keras in probabilities. In: a
 * model. Out: by the activation that its outputs went through last; layers that only move or average numbers are passed over.
 */
import type { OutputScale } from '../base/probabilities.ts'
import type { LayerFamily } from '../layers/layer.ts'
import type { Model } from './model.ts'

const probable: ReadonlySet<string> = new Set(['softmax', 'sigmoid', 'hardSigmoid', 'sparsemax', 'sparseSigmoid'])
const logarithms: ReadonlySet<string> = new Set(['logSoftmax', 'logSigmoid'])
/** Their outputs are their inputs, or means of them. */
const passing: ReadonlySet<LayerFamily> = new Set<LayerFamily>(['shape', 'dropout', 'noise', 'pooling', 'merging'])
/** What they give is anything, unless an activation follows. */
const plain: ReadonlySet<LayerFamily> = new Set<LayerFamily>(['dense', 'convolution', 'normalization', 'scaling'])

/** Of the first output. `probabilities` too where nothing is known of the last layer. */
export function outputScale({ inputs, layers, outputs }: Model): OutputScale {
  const scaleOf = (value: number): OutputScale => {
    const call = layers[value - inputs.length]
    if (!call) return 'probabilities'
    const { activation, family } = call.layer.traits
    const name = typeof activation === 'string' ? activation : activation?.type
    if (name !== undefined && probable.has(name)) return 'probabilities'
    if (name !== undefined && logarithms.has(name)) return 'logProbabilities'
    if (passing.has(family)) {
      const read = new Set(call.inputs.map(scaleOf))
      return read.size === 1 ? [...read][0]! : 'probabilities'
    }
    return plain.has(family) || name === 'linear' ? 'scores' : 'probabilities'
  }
  return scaleOf(outputs[0]!.value)
}
