/** A 3×3 convolution, batch normalization and relu: the block of small networks. */
import { activation } from '../../layers/activation-layers.ts'
import { conv2d } from '../../layers/conv.ts'
import type { Layer } from '../../layers/layer.ts'
import { batchNormalization } from '../../layers/normalization.ts'

/** The bias is that of the normalization. Its statistics follow fast: a short training has few steps. */
export function normalizedConvolution(filters: number): Layer[] {
  return [
    conv2d({ filters, kernelSize: 3, padding: 'same', useBias: false, kernelInitializer: 'heNormal' }),
    batchNormalization({ momentum: 0.9 }),
    activation({ activation: 'relu' }),
  ]
}
