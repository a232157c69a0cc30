/** The layers that most models have, by their Keras class names: of every bundle. */
import { conv2d } from './conv.ts'
import { dense } from './dense.ts'
import { dropout } from './noise.ts'
import { batchNormalization } from './normalization.ts'
import { averagePooling2d, globalAveragePooling2d, globalMaxPooling2d, maxPooling2d } from './pooling.ts'
import { normalization, rescaling } from './rescaling.ts'
import { flatten } from './shaping.ts'

export const everydayLayers = {
  AveragePooling2D: averagePooling2d,
  BatchNormalization: batchNormalization,
  Conv2D: conv2d,
  Dense: dense,
  Dropout: dropout,
  Flatten: flatten,
  GlobalAveragePooling2D: globalAveragePooling2d,
  GlobalMaxPooling2D: globalMaxPooling2d,
  MaxPooling2D: maxPooling2d,
  Normalization: normalization,
  Rescaling: rescaling,
}
