/**
 * MobileNetV2 of width 0.35 for 224×224 pictures: what small pretrained networks are made of, 1×1 and depthwise convolutions with batch norm.
 * It is measured, not trained to an end. First weights keep the signal's size from layer to layer, so that a wrong kernel shows in
 * the predictions.
 */
import type { Json, JsonRecord } from '../packages/fovea/src/base/json.ts'
import { specOf } from '../packages/fovea/src/base/preprocess-spec.ts'
import { modelToConfig } from '../packages/fovea/src/network/config.ts'
import { mobilenetV2 } from '../packages/fovea/src/network/zoo/mobilenet.ts'
import { makeRecipe } from '../packages/fovea/src/recipes/common.ts'

/** He's; of nine inputs where a layer takes each channel by itself, since by shape he would count all of them. */
const initializers: Readonly<Record<string, JsonRecord>> = {
  Conv2D: { kernelInitializer: { type: 'HeNormal' } },
  DepthwiseConv2D: { depthwiseInitializer: { type: 'RandomNormal', mean: 0, stddev: Math.sqrt(2 / 9) } },
}

function network(): JsonRecord {
  const config = modelToConfig(mobilenetV2.build({ alpha: 0.35 }))
  const layers = config.layers.map(layer => ({ ...layer, config: { ...layer.config, ...initializers[layer.type] } }))
  return { ...config, layers } as Readonly<Record<string, unknown>> as Readonly<Record<string, Json>>
}

export const mobilenetRecipe = makeRecipe({
  name: 'mobilenet-v2',
  title: 'MobileNetV2 of width 0.35',
  dataset: 'random',
  model: network(),
  preprocess: specOf({ name: 'random', shape: [224, 224, 3] }),
  validation: { kind: 'none' },
  // After a long step through fifty layers the next one's gradients differ by more than rounding does at once.
  optimizer: { type: 'SGD', config: { learningRate: 0.001 } },
  batchSize: 32,
  epochs: 1,
  test: 'last',
})
